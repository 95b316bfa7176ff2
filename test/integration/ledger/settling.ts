/** Captures, policies, proofs and the passing of time, for what becomes available and when. */
import { setTimeout as sleep } from 'node:timers/promises';
import { paymentSucceeded } from '../../../src/contracts/payments.events.js';
import { capturesProved } from '../../../src/contracts/reconciliation.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { insertPolicy } from '../../../src/modules/ledger/settlement/policies.store.js';
import { policyContent } from '../../../src/modules/ledger/settlement/policy.js';
import { releaseDue } from '../../../src/modules/ledger/settlement/release-settled.js';
import { TakeProofs } from '../../../src/modules/ledger/settlement/take-proofs.js';
import { transferIdOf } from '../../../src/modules/ledger/transfers/transfer-id.js';
import { eventOf } from './disbursement-events.js';
import type { LedgerHarness, LedgerProcess } from './harness.js';

export const GATEWAY_ACCOUNT = '0191b6f0-0000-7000-8000-0000000000aa';
const HOUR_MS = 3_600_000;

/** In force for what is captured from now on. */
export async function say(
  ledger: LedgerProcess,
  merchantId: string | null,
  content: object,
  currency: string | null = null,
) {
  const row = await insertPolicy(ledger.database, {
    merchantId,
    currency,
    content: policyContent.parse(content),
    validFrom: undefined,
    note: 'a test',
    createdBy: newUuid(),
  });
  // A capture's time is in ms.
  await sleep(2);
  return row;
}

export const hours = (count: number) => ({ seconds: count * 3_600 });

export interface Captured {
  readonly merchantId: string;
  readonly amount: number;
  readonly attemptId?: string;
  readonly platformFee?: number;
  readonly currency?: 'GHS' | 'NGN';
  readonly at?: Date;
}

export const capturedEvent = ({
  merchantId,
  amount,
  attemptId = newUuid(),
  platformFee = 0,
  currency = 'GHS',
  at,
}: Captured) =>
  eventOf(
    paymentSucceeded,
    {
      payment_id: newUuid(),
      livemode: false,
      amount,
      currency,
      gateway: 'paystack',
      gateway_account_id: GATEWAY_ACCOUNT,
      attempt_id: attemptId,
      gateway_fee: 0,
      platform_fee: platformFee,
      succeeded_at: (at ?? new Date()).toISOString(),
      resource: {},
    },
    merchantId,
  );

export function capture(ledger: LedgerProcess, ...all: readonly Captured[]): Promise<void> {
  return ledger.database.transaction((tx) => ledger.bookCollections.handle(tx, all.map(capturedEvent)));
}

export function prove(ledger: LedgerProcess, ...attemptIds: readonly string[]): Promise<void> {
  const event = eventOf(
    capturesProved,
    { run_id: newUuid(), gateway_account_id: GATEWAY_ACCOUNT, attempt_ids: [...attemptIds] },
    null,
  );
  return ledger.database.transaction((tx) => new TakeProofs().handle(tx, [event]));
}

const logger = { info: () => undefined, error: () => undefined };
const metrics = { posted: () => undefined };

/** All that is due, by as many steps as it takes. */
export async function release(ledger: LedgerProcess): Promise<void> {
  while (
    (await releaseDue({ database: ledger.database, accountIds: ledger.accountIds, logger, metrics, againAfterMs: 0 }))
      .again
  );
}

/** As if everything had happened so much earlier: the database's clock cannot be set. */
export async function pass(harness: LedgerHarness, count: number): Promise<void> {
  const by = `${(count * HOUR_MS).toString()} * interval '1 millisecond'`;
  await harness.superuser.query(`DO $$ BEGIN
    SET LOCAL session_replication_role = replica;
    UPDATE ledger.settlement SET due_at = due_at - ${by};
    UPDATE ledger.settling_account SET settled_until = settled_until - ${by}, next_due = next_due - ${by}, shut_until = shut_until - ${by};
    UPDATE ledger.release SET settled_from = settled_from - ${by}, settled_until = settled_until - ${by}, released_at = released_at - ${by};
  END $$`);
}

export interface Balances {
  readonly pending: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly rolling: bigint;
}

/** What is posted and not held, as a merchant is shown it. */
export async function balancesOf(ledger: LedgerProcess, merchantId: string, currency = 'GHS'): Promise<Balances> {
  const rows = await ledger.database.query<{ kind: string; balance: bigint }>(
    `SELECT kind, credits_posted + credits_pending - debits_posted - debits_pending AS balance FROM ledger.account WHERE merchant_id = $1 AND currency = $2`,
    [merchantId, currency],
  );
  const of = (kind: string): bigint => rows.find((row) => row.kind === kind)?.balance ?? 0n;
  return {
    pending: of('merchant_pending'),
    available: of('merchant_available'),
    reserved: of('merchant_reserved'),
    rolling: of('merchant_rolling_reserve'),
  };
}

export interface ReleaseRow {
  readonly number: number;
  readonly payments: number;
  readonly matured: bigint;
  readonly amount: bigint;
  readonly kind: string;
}

export function releasesOf(ledger: LedgerProcess, merchantId: string): Promise<ReleaseRow[]> {
  return ledger.database.query<ReleaseRow>(
    `SELECT r.number, r.payments, r.matured, r.amount, a.kind FROM ledger.release r JOIN ledger.account a ON a.id = r.account_id
     WHERE a.merchant_id = $1 ORDER BY a.kind, r.number`,
    [merchantId],
  );
}

/** What contradicts itself: accounts whose waiting is not what waits, captures that two releases contain, and releases whose sums differ from what they contain. */
export async function contradictions(ledger: LedgerProcess): Promise<Record<string, bigint>> {
  const [row] = await ledger.database.query<Record<string, bigint>>(`SELECT
    (SELECT count(*) FROM ledger.settling_account x WHERE x.waiting <> (
       SELECT coalesce(sum(s.amount - least(s.amount, greatest(s.given_back, 0))), 0) FROM ledger.settlement s
       WHERE s.account_id = x.account_id AND (s.due_at IS NULL OR s.due_at > x.settled_until))) AS waiting,
    (SELECT count(*) FROM (
       SELECT s.capture_id FROM ledger.settlement s JOIN ledger.release r ON r.account_id = s.account_id AND s.due_at > r.settled_from AND s.due_at <= r.settled_until
       GROUP BY s.capture_id, s.account_id HAVING count(*) > 1) t) AS twice,
    (SELECT count(*) FROM ledger.settlement s JOIN ledger.settling_account x ON x.account_id = s.account_id
     WHERE s.due_at <= x.settled_until AND NOT EXISTS (
       SELECT FROM ledger.release r WHERE r.account_id = s.account_id AND s.due_at > r.settled_from AND s.due_at <= r.settled_until)) AS lost,
    (SELECT count(*) FROM ledger.release r LEFT JOIN ledger.transfer t ON t.id = r.transfer_id
     WHERE coalesce(t.amount, 0) <> r.amount OR r.amount > 0 AND t.subject_id <> r.id) AS transfers,
    (SELECT count(*) FROM ledger.release r WHERE r.payments <> (
       SELECT count(*) FROM ledger.settlement s WHERE s.account_id = r.account_id AND s.due_at > r.settled_from AND s.due_at <= r.settled_until)) AS payments`);
  return row ?? {};
}

export const NO_CONTRADICTION = { waiting: 0n, twice: 0n, lost: 0n, transfers: 0n, payments: 0n };

export const captureIdOf = (attemptId: string): string => transferIdOf(attemptId, 'capture');
