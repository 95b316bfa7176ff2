import type { Call, Reply } from '../../gateway.js';
import type { Movement, Movements } from '../../movements.js';
import { header, parseJson, type Answer } from '../../wire.js';
import { refuse } from './answers.js';

/** Keys remembered; the oldest go first, as memory is bounded. Far more than a test pays out. */
const MAX_KEYS = 100_000;

interface Kept {
  readonly body: string;
  readonly answer: Answer;
  readonly payout: Movement;
}

/** The answers given under each `Idempotency-Key`, for the client that asks again because it never heard the first. */
export class IdempotencyKeys {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly payouts: Movements) {}

  /**
   * Answers a repeat as it was answered before; `answer` is called for a key that is new. A refusal is not kept: nothing
   * was done under it.
   */
  once(call: Call, answer: (key: string) => Reply & { readonly payout?: Movement }): Reply {
    const key = header(call.request.headers, 'idempotency-key');
    if (key === undefined || key.trim() === '') {
      return { answer: refuse(422, 'request-validation-error', 'The Idempotency-Key header is required') };
    }
    const place = JSON.stringify([call.account.name, call.request.path, key]);
    // Compared as JSON, so that another layout of the same body is the same body.
    const body = JSON.stringify(parseJson(call.request.body)) ?? '';
    const known = this.find(place);
    if (known !== undefined) {
      if (known.body === body) return { answer: known.answer };
      return { answer: refuse(409, 'idempotency-mismatch', 'The key was used before with another body') };
    }
    const { payout, ...reply } = answer(key);
    if (payout !== undefined) this.keep(place, { body, answer: reply.answer, payout });
    return reply;
  }

  /** @returns what was kept, unless a reset has made the books forget it. */
  private find(place: string): Kept | undefined {
    const known = this.kept.get(place);
    if (known === undefined) return undefined;
    const { account, id } = known.payout;
    return this.payouts.byId(account.name, id) === known.payout ? known : undefined;
  }

  private keep(place: string, kept: Kept): void {
    this.kept.set(place, kept);
    if (this.kept.size <= MAX_KEYS) return;
    for (const oldest of this.kept.keys()) {
      this.kept.delete(oldest);
      break;
    }
  }
}
