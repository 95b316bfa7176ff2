/**
 * Consumes reconciliation's doubts: the attempt is asked about at once, whatever its state, and what comes of that is recorded as any other
 * answer is. A success that the gateway's books deny counts against the gateway where it is chosen.
 */
import { attemptQuestioned } from '../../contracts/reconciliation.events.js';
import type { Tx } from '../../kernel/database/tx.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../kernel/outbox/event.js';
import { lookAgain } from './attempt-claims.store.js';
import type { AttemptOfPayment } from './attempt-rows.store.js';
import { findAttempts } from './attempts.store.js';
import type { Breakers } from './breakers.js';
import { segmentKey, type Segment } from './choice/segment.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';

export interface AskAgainOptions {
  readonly breakers: Pick<Breakers, 'observe'>;
  readonly disbursementBreakers: Pick<Breakers, 'observe'>;
  segmentOf(target: AttemptOfPayment): Segment;
}

/** Books tell of days that are over: more of it at once would close a gateway that works today. */
const MAX_DENIALS_AT_ONCE = 3;
const DENIED: MoneyOutOutcome = {
  kind: 'declined',
  code: 'denied_by_books',
  blame: 'ambiguous',
  retryable: false,
  handles: {},
};

export class AskAgain implements EventHandler {
  constructor(private readonly options: AskAgainOptions) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const questions = events.map(({ payload }) => payload as PayloadOf<typeof attemptQuestioned>);
    await lookAgain(
      tx,
      questions.map(({ attempt_id: id }) => id),
    );
    const denied = questions.filter((each) => each.denied).map(({ attempt_id: id }) => id);
    if (denied.length === 0) return;
    const targets = await findAttempts(tx, denied);
    tx.afterCommit(() => this.discredit(targets));
  }

  private discredit(targets: readonly AttemptOfPayment[]): void {
    const { breakers, disbursementBreakers, segmentOf } = this.options;
    const counted = new Map<string, number>();
    for (const target of targets) {
      const segment = segmentOf(target);
      const isPayment = target.payment.kind === 'payment';
      const key = `${isPayment ? 'in' : 'out'} ${segmentKey(segment)}`;
      const count = (counted.get(key) ?? 0) + 1;
      counted.set(key, count);
      if (count <= MAX_DENIALS_AT_ONCE)
        (isPayment ? breakers : disbursementBreakers).observe(segment, DENIED, performance.now());
    }
  }
}
