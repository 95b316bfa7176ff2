/** Books captures as the consumer does, and releases them as the task does, in a process of its own. */
import { readEnv } from '../../src/config/env.js';
import { paymentSucceeded } from '../../src/contracts/payments.events.js';
import { Database } from '../../src/kernel/database/database.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import { Metrics } from '../../src/kernel/observability/metrics.js';
import { newEvent, type StoredEvent } from '../../src/kernel/outbox/event.js';
import { AccountIds } from '../../src/modules/ledger/accounts/account-ids.js';
import { BookCollections } from '../../src/modules/ledger/bookings/book-collections.js';
import { LedgerMetrics } from '../../src/modules/ledger/ledger.metrics.js';
import { SettlementPolicies } from '../../src/modules/ledger/settlement/policies.js';
import { releaseDue } from '../../src/modules/ledger/settlement/release-settled.js';

export interface SettleInput {
  readonly databaseUrl: string;
  readonly merchants: number;
  readonly captures: number;
}

export interface SettleResult {
  readonly bookSeconds: number;
  readonly releaseSeconds: number;
  readonly releases: number;
}

/** A consumer's full batch. */
const BATCH = 250;
const AMOUNT_MINOR = 10_000;
const FEE_MINOR = 50;

export async function run({ databaseUrl, merchants, captures }: SettleInput): Promise<SettleResult> {
  const database = new Database({ url: databaseUrl, owner: 'ledger', poolSize: 4 });
  const metrics = new LedgerMetrics(new Metrics());
  const accountIds = new AccountIds();
  // T+0: all is due as soon as it is booked.
  const policies = new SettlementPolicies({ ...readEnv({ NODE_ENV: 'test' }), settlementDefault: 'T+0' });
  const booking = new BookCollections(accountIds, metrics, policies);
  const owners = Array.from({ length: merchants }, () => newUuid());
  try {
    const startedAt = performance.now();
    for (let first = 0; first < captures; first += BATCH) {
      const events = Array.from({ length: Math.min(BATCH, captures - first) }, (_, index) =>
        captured(owners[(first + index) % merchants] ?? newUuid()),
      );
      await database.transaction((tx) => booking.handle(tx, events));
    }
    const bookedAt = performance.now();
    const options = { database, accountIds, metrics, logger: { info: () => undefined, error: () => undefined } };
    while ((await releaseDue(options)).again);
    const releasedAt = performance.now();
    const [row] = await database.query<{ releases: number; payments: number; left: bigint }>(
      `SELECT count(*)::int AS releases, coalesce(sum(payments), 0)::int AS payments, (SELECT sum(waiting)::bigint FROM ledger.settling_account) AS left FROM ledger.release`,
    );
    if (row?.payments !== captures || row.left !== 0n) throw new Error('not all that was due was released');
    return {
      bookSeconds: (bookedAt - startedAt) / 1_000,
      releaseSeconds: (releasedAt - bookedAt) / 1_000,
      releases: row.releases,
    };
  } finally {
    await database.close();
  }
}

function captured(merchantId: string): StoredEvent {
  const event = newEvent(
    paymentSucceeded,
    { aggregateId: newUuid(), merchantId, cause: { correlationId: 'req_bench' } },
    {
      payment_id: newUuid(),
      livemode: true,
      amount: AMOUNT_MINOR,
      currency: 'GHS',
      gateway: 'paystack',
      gateway_account_id: '01890000-0000-7000-8000-00000000000a',
      attempt_id: newUuid(),
      gateway_fee: FEE_MINOR,
      platform_fee: FEE_MINOR,
      succeeded_at: new Date().toISOString(),
      resource: {},
    },
  );
  return { ...event, createdAt: new Date() };
}
