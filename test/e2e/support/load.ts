/** Many payments (or refunds, payouts, batches) at once, from a client that does not give up: it repeats with the same key until it has an answer. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { ApiAnswer } from '../../support/api-client.js';
import type { PaymentResource } from './payments.js';
import type { System } from './system.js';

export interface Order {
  readonly key: string;
  /** Where it is posted. Default `/v1/payments`. */
  readonly path?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** As many as a busy merchant has open at a time. */
const AT_A_TIME = 64;
/** A client's pause before it tries again, in ms. */
const RETRY_PAUSE_MS = 100;
/** Longer than any outage that a test makes, in ms. */
const PATIENCE_MS = 180_000;

/**
 * Sends every order until it is accepted, and returns the ids of what was made in the order of the orders.
 * @param onAccepted told after each acceptance how many there are
 */
export async function postAll(
  system: System,
  orders: readonly Order[],
  onAccepted: (accepted: number) => void = () => undefined,
): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  let accepted = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const index = next;
      next += 1;
      const order = orders[index];
      if (order === undefined) return;
      ids[index] = await untilAccepted(system, order);
      accepted += 1;
      onAccepted(accepted);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return ids;
}

async function untilAccepted(system: System, order: Order): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await tryOnce(system, order);
    if (answer?.status === 201 || answer?.status === 202) return answer.body.id;
    // What a client is told to repeat: the program is away or busy, or a request with this key is still running.
    const retryable = answer === undefined || answer.status >= 500 || answer.status === 429 || answer.status === 409;
    if (!retryable || Date.now() > deadline) throw new Error(`not accepted: ${answer?.status} ${answer?.text}`);
    await sleep(RETRY_PAUSE_MS);
  }
}

/** Undefined when there was no answer. */
async function tryOnce(
  system: System,
  { key, path = '/v1/payments', body }: Order,
): Promise<ApiAnswer<PaymentResource> | undefined> {
  try {
    return await system.merchant.post<PaymentResource>(path, body, { idempotencyKey: key });
  } catch {
    return undefined;
  }
}
