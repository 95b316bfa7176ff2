/** The SQL of attempts and of routing's payments. Set-based: every statement takes a batch. Locks: payments by id, then attempts by id. */
import type { Database } from '../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../kernel/database/tx.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { Attempt } from './attempt.js';
import {
  ATTEMPT,
  PAYMENT,
  toAttempt,
  toAttemptOfPayment,
  toPayment,
  type AttemptColumns,
  type AttemptOfPayment,
  type AttemptRow,
  type PaymentColumns,
} from './attempt-rows.store.js';
import type { PlannedAttempt } from './payment-routing.js';
import type { Routed } from './routed-payment.js';

/** Batches travel as one JSON text: writing two dozen array parameters took more time than everything else together. */
const paymentsJson = (payments: readonly Routed[]): string =>
  JSON.stringify(payments.map((payment) => ({ ...payment, amountMinor: payment.amountMinor.toString() })));

const attemptsJson = (attempts: readonly Attempt[]): string =>
  JSON.stringify(
    attempts.map((attempt) => ({
      ...attempt,
      gatewayFee: attempt.gatewayFee?.toString(),
      capturedAmount: attempt.capturedAmount?.toString(),
    })),
  );

const insertPaymentsSql = statement(
  'routing.insert_payments',
  `INSERT INTO routing.payment (payment_id, merchant_id, livemode, kind, amount, currency, method, customer, description, return_url, metadata, captured_by, destination,
     caused_by, headers)
   SELECT id, "merchantId", livemode, kind, "amountMinor", currency, method, customer, description, "returnUrl", coalesce(metadata, '{}'), "capturedBy", destination,
     "causedBy", headers
   FROM json_to_recordset($1) AS t(id uuid, "merchantId" uuid, livemode boolean, kind text, "amountMinor" bigint, currency text, method jsonb,
     customer jsonb, description text, "returnUrl" text, metadata jsonb, "capturedBy" uuid, destination jsonb, "causedBy" uuid, headers jsonb)
   ORDER BY id
   ON CONFLICT (payment_id) DO NOTHING
   RETURNING payment_id AS id, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "databaseNow"`,
);

export interface InsertedPayments {
  /** The ids of those that were new; a payment is routed once, however often it is announced. */
  readonly fresh: ReadonlySet<string>;
  /** By the database's clock, which others go by when they take over; of no meaning when none was new. */
  readonly now: Date;
}

export async function insertPayments(tx: Tx, payments: readonly Routed[]): Promise<InsertedPayments> {
  const rows = await tx.query<{ id: string; databaseNow: number }>(insertPaymentsSql, [paymentsJson(payments)]);
  return { fresh: new Set(rows.map((row) => row.id)), now: new Date(rows[0]?.databaseNow ?? 0) };
}

const insertAttemptsSql = statement(
  'routing.insert_attempts',
  `INSERT INTO routing.attempt (id, kind, payment_id, merchant_id, livemode, sequence, gateway, gateway_account_id, reference, status, version,
     next_check_at, reason, created_at, outcome_code, concluded_at, blame, send_token, sent_at, send_lease_until)
   SELECT id, kind, "paymentId", "merchantId", livemode, sequence, gateway, "gatewayAccountId", reference, status, version,
     "nextCheckAt", reason, "createdAt", "outcomeCode", "concludedAt", blame, "sendToken", "sentAt", "sendLeaseUntil"
   FROM json_to_recordset($1) AS t(id uuid, kind text, "paymentId" uuid, "merchantId" uuid, livemode boolean, sequence int, gateway text,
     "gatewayAccountId" uuid, reference text, status text, version int, "nextCheckAt" timestamptz, reason jsonb, "createdAt" timestamptz, "outcomeCode" text,
     "concludedAt" timestamptz, blame text, "sendToken" uuid, "sentAt" timestamptz, "sendLeaseUntil" timestamptz)`,
);

export async function insertAttempts(tx: Tx, planned: readonly PlannedAttempt[]): Promise<void> {
  if (planned.length === 0) return;
  await tx.query(insertAttemptsSql, [attemptsJson(planned.map(({ attempt, reason }) => ({ ...attempt, reason })))]);
}

const lockPaymentsSql = statement(
  'routing.lock_payments',
  `SELECT ${PAYMENT}, p.merchant_id AS "merchantId", p.livemode FROM routing.payment p
   WHERE p.payment_id IN (SELECT payment_id FROM routing.attempt WHERE id = ANY($1::uuid[]))
   ORDER BY p.payment_id FOR NO KEY UPDATE`,
);

const lockAttemptsSql = statement(
  'routing.lock_attempts',
  `SELECT ${ATTEMPT}, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "databaseNow" FROM routing.attempt a
   WHERE a.payment_id = ANY($1::uuid[]) ORDER BY a.id FOR NO KEY UPDATE`,
);

export interface LockedPayments {
  readonly payments: readonly { readonly payment: Routed; readonly attempts: readonly Attempt[] }[];
  readonly now: Date;
}

/**
 * Locks the payments of the given attempts, then all their attempts. Two statements, because the second must see attempts
 * that somebody else committed while the first waited for its locks.
 */
export async function lockPaymentsOf(tx: Tx, attemptIds: readonly string[]): Promise<LockedPayments> {
  const payments = await tx.query<PaymentColumns>(lockPaymentsSql, [[...new Set(attemptIds)]]);
  const rows = await tx.query<AttemptColumns & { databaseNow: number }>(lockAttemptsSql, [
    payments.map((row) => row.ofPayment),
  ]);
  const byPayment = new Map<string, Attempt[]>();
  for (const row of rows) {
    const siblings = byPayment.get(row.paymentId);
    if (siblings === undefined) byPayment.set(row.paymentId, [toAttempt(row)]);
    else siblings.push(toAttempt(row));
  }
  return {
    now: new Date(rows[0]?.databaseNow ?? Date.now()),
    payments: payments.map((row) => ({ payment: toPayment(row), attempts: byPayment.get(row.ofPayment) ?? [] })),
  };
}

// The ids are given once more as an array: PostgreSQL takes any record set for a hundred rows, and a plan it keeps from when the
// table was small would read the whole index to join them.
const updateAttemptsSql = statement(
  'routing.update_attempts',
  `UPDATE routing.attempt a SET status = t.status, version = t.version, outcome_code = t."outcomeCode", blame = t.blame, handles = t.handles,
     next_action = t."nextAction", gateway_fee = t."gatewayFee", captured_amount = t."capturedAmount", captured_currency = t."capturedCurrency",
     next_check_at = t."nextCheckAt", checks = t.checks, not_found_count = t."notFoundCount", first_not_found_at = t."firstNotFoundAt",
     resend_count = t."resendCount", interrupted = t.interrupted, acknowledged = t.acknowledged, late = t.late, check_token = t."checkToken",
     concluded_at = t."concludedAt", case_opened_at = t."caseOpenedAt", send_token = t."sendToken", send_lease_until = t."sendLeaseUntil", sent_at = t."sentAt"
   FROM json_to_recordset($1) AS t(id uuid, status text, version int, "outcomeCode" text, blame text, handles jsonb, "nextAction" jsonb,
     "gatewayFee" bigint, "capturedAmount" bigint, "capturedCurrency" text, "nextCheckAt" timestamptz, checks int, "notFoundCount" int,
     "firstNotFoundAt" timestamptz, "resendCount" int, interrupted boolean, acknowledged boolean, late boolean, "checkToken" uuid,
     "concludedAt" timestamptz, "caseOpenedAt" timestamptz, "sendToken" uuid, "sendLeaseUntil" timestamptz, "sentAt" timestamptz)
   WHERE a.id = t.id AND a.id = ANY($2::uuid[])`,
);

/** Writes attempts whose rows the caller has locked. */
export async function updateAttempts(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await tx.query(updateAttemptsSql, [attemptsJson(attempts), attempts.map((attempt) => attempt.id)]);
}

const updateStatesSql = statement(
  'routing.update_states',
  `UPDATE routing.payment p SET state = t.state FROM unnest($1::uuid[], $2::text[]) AS t(id, state) WHERE p.payment_id = t.id`,
);

export async function updatePaymentStates(
  tx: Tx,
  states: readonly { readonly id: string; readonly state: Routed['state'] }[],
): Promise<void> {
  if (states.length === 0) return;
  await tx.query(updateStatesSql, [states.map((each) => each.id), states.map((each) => each.state)]);
}

const findByIdSql = statement(
  'routing.find_attempts',
  `SELECT ${ATTEMPT}, ${PAYMENT} FROM routing.attempt a JOIN routing.payment p ON p.payment_id = a.payment_id WHERE a.id = ANY($1::uuid[])`,
);

export async function findAttempts(queryable: Queryable, ids: readonly string[]): Promise<AttemptOfPayment[]> {
  const rows = await queryable.query<AttemptRow>(findByIdSql, [ids]);
  return rows.map(toAttemptOfPayment);
}

/** For the gauge: how many attempts wait for an answer of their gateway, or for people. */
export async function countCases(
  database: Database,
): Promise<{ gateway: string; status: string; opened: boolean; count: number }[]> {
  const rows = await database.query<{ gateway: string; status: string; opened: boolean; count: bigint }>(
    `SELECT gateway, status, case_opened_at IS NOT NULL AS opened, count(*) AS count FROM routing.attempt
     WHERE status IN ('unknown', 'quarantined') OR case_opened_at IS NOT NULL GROUP BY 1, 2, 3`,
  );
  return rows.map((row) => ({ ...row, count: toJsonAmount(row.count) }));
}
