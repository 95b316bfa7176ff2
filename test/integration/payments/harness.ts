/** The payments module on a real database: its own handlers in this process, and the HTTP front as a program where a test wants it. */
import { readEnv } from '../../../src/config/env.js';
import type { AttemptSnapshot, DisbursementKind } from '../../../src/contracts/shared.js';
import { paymentsEvents } from '../../../src/contracts/payments.events.js';
import { generateKey } from '../../../src/kernel/access/key-format.js';
import type { Database } from '../../../src/kernel/database/database.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import type { EventHandler } from '../../../src/kernel/outbox/consumer.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { FeeSchedules } from '../../../src/modules/payments/fees/fee-schedules.js';
import { MoveDisbursements } from '../../../src/modules/payments/move-disbursements.js';
import { OnDisbursement } from '../../../src/modules/payments/on-disbursement.js';
import { OnHold } from '../../../src/modules/payments/on-hold.js';
import { OnRoutingOutcome } from '../../../src/modules/payments/on-routing-outcome.js';
import { PaymentOutcomes } from '../../../src/modules/payments/payment-outcomes.js';
import { MovePayouts } from '../../../src/modules/payments/payouts/move-payouts.js';
import { PayoutOutcomes } from '../../../src/modules/payments/payouts/payout-outcomes.js';
import { MoveRefunds } from '../../../src/modules/payments/refunds/move-refunds.js';
import { RefundOutcomes } from '../../../src/modules/payments/refunds/refund-outcomes.js';
import { RefundSurplus } from '../../../src/modules/payments/refunds/refund-surplus.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { startProgram } from '../../support/program.js';

export const MERCHANT = newUuid();
export const STRANGER = newUuid();

export interface Announced {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

export interface Harness {
  /** As the superuser. */
  readonly database: TestDatabase;
  /** As the module. */
  readonly own: Database;
  readonly metrics: Metrics;
  readonly onHold: EventHandler;
  readonly onDisbursement: EventHandler;
  readonly onRouting: EventHandler;
  /** As the kernel calls a consumer: in one transaction. */
  handle(handler: EventHandler, events: readonly StoredEvent[]): Promise<void>;
  /** A payment in cedi that has succeeded, as it would stand after routing's word. */
  succeededPayment(
    amount: number,
    change?: { readonly merchantId?: string; readonly status?: string },
  ): Promise<string>;
  /** What the module has announced of one thing, in order. */
  announced(id: string): Promise<Announced[]>;
  close(): Promise<void>;
}

export async function createHarness(): Promise<Harness> {
  const database = await createTestDatabase();
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url });
  const logger = new Logger(env);
  const databases = new Databases(env, logger);
  const metrics = new Metrics();
  const moves = new MoveDisbursements(
    new MoveRefunds(new RefundOutcomes(databases, logger), logger, metrics),
    new MovePayouts(new PayoutOutcomes(databases, logger)),
    metrics,
  );
  const surplus = new RefundSurplus(logger, metrics);
  const own = databases.of('payments');
  return {
    database,
    own,
    metrics,
    onHold: new OnHold(moves),
    onDisbursement: new OnDisbursement(moves),
    onRouting: new OnRoutingOutcome(
      new PaymentOutcomes(databases, logger),
      surplus,
      new FeeSchedules(databases),
      metrics,
    ),
    handle: (handler, events) => own.transaction((tx) => handler.handle(tx, events)),
    succeededPayment: async (amount, change = {}) => {
      const id = newUuid();
      const status = change.status ?? 'succeeded';
      await database.query(
        `INSERT INTO payments.payment (id, merchant_id, livemode, reference, amount, currency, method, customer, metadata, platform_fee, status,
                winning_attempt_id, gateway, gateway_account_id, gateway_fee, correlation_id, created_at)
         VALUES ($1, $2, false, $3, $4, 'GHS', '{"type":"mobile_money","network":"mtn","phone":"+233241234567"}', '{}', '{}', 0, $5::text,
                CASE WHEN $5::text = 'succeeded' THEN $1::uuid END, 'paystack', $1, 0, 'req_test', now())`,
        [id, change.merchantId ?? MERCHANT, id, amount, status],
      );
      return id;
    },
    announced: async (id) => {
      const rows = await database.query<{ type: string; payload: Record<string, unknown> }>(
        `SELECT type, payload FROM messaging.outbox WHERE aggregateid = $1 AND type LIKE 'payments.%' ORDER BY seq`,
        [id],
      );
      for (const { type, payload } of rows) paymentsEvents.find((event) => event.type === type)?.schema.parse(payload);
      return rows;
    },
    close: async () => {
      await databases.close();
      await database.drop();
    },
  };
}

export interface Front {
  readonly merchant: ApiClient;
  /** The same merchant's live mode. */
  readonly live: ApiClient;
  readonly stranger: ApiClient;
  stop(): Promise<unknown>;
}

/** The module's HTTP front, with keys as the access projection has them. */
export async function startFront(database: TestDatabase): Promise<Front> {
  const key = async (merchantId: string, livemode: boolean): Promise<string> => {
    const generated = generateKey(livemode ? 'merchant_live' : 'merchant_test');
    await database.query(
      `INSERT INTO access.credential (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps) VALUES ($1, 'merchant', $2, $3, $4, 50)`,
      [newUuid(), generated.hash, merchantId, livemode],
    );
    return generated.secret;
  };
  const keys = [await key(MERCHANT, false), await key(MERCHANT, true), await key(STRANGER, false)] as const;
  const program = await startProgram({
    env: { DATABASE_URL: database.url, MERCHANT_RATE_PER_SECOND: '1000', MERCHANT_BURST: '2000' },
    role: 'http',
    modules: ['payments'],
  });
  const merchant = createApiClient(program.url, keys[0]);
  return { merchant, live: merchant.withKey(keys[1]), stranger: merchant.withKey(keys[2]), stop: () => program.stop() };
}

/** An event as it comes from another module. */
export function heard(type: string, payload: unknown, merchantId = MERCHANT): StoredEvent {
  return {
    id: newUuid(),
    type,
    aggregateType: 'disbursement',
    aggregateId: newUuid(),
    merchantId,
    payload,
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(),
  };
}

export function attempt(status: AttemptSnapshot['status'], version: number, id = newUuid()): AttemptSnapshot {
  return {
    attempt_id: id,
    version,
    gateway: 'paystack',
    gateway_account_id: '019c0000-0000-7000-8000-000000000001',
    reference: `ref-${id}`,
    status,
    outcome_code: status,
    blame: null,
    started_at: '2026-02-01T00:00:00.000Z',
    concluded_at: null,
  };
}

/** Everything that can be heard of one refund or payout, by a short name. */
export function news(kind: DisbursementKind, id: string, amount: number, attemptId = newUuid()) {
  const of = { kind, subject_id: id, livemode: false };
  const money = { amount, currency: 'GHS' };
  return {
    placed: heard('ledger.hold_placed.v1', { ...of, ...money }),
    refused: heard('ledger.hold_refused.v1', { ...of, ...money, reason: 'insufficient_funds' }),
    attempted: heard('routing.disbursement_attempted.v1', { ...of, attempt: attempt('sending', 1, attemptId) }),
    failed: heard('routing.disbursement_failed.v1', {
      ...of,
      failure_code: 'account_closed',
      blame: 'customer',
      attempts: 1,
    }),
    succeeded: heard('routing.disbursement_succeeded.v1', {
      ...of,
      ...money,
      attempt: attempt('succeeded', 2, attemptId),
      gateway_fee: 15,
    }),
    returned: heard('routing.disbursement_returned.v1', {
      ...of,
      ...money,
      attempt: attempt('returned', 3, attemptId),
    }),
  } as const;
}

export const publicId = (kind: 'payment' | 'refund' | 'payout', uuid: string): string => encodeId(kind, uuid);
