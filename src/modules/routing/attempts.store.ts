/** The SQL of attempts and of routing's payments. Set-based: every statement takes a batch. Locks: payments by id, then attempts by id. */
import type { Database } from '../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../kernel/database/tx.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { Attempt } from './attempt.js';
import type { PlannedAttempt } from './payment-routing.js';
import type { RoutedPayment } from './routed-payment.js';

/** For how long a sender owns an attempt without renewing, in ms. A dead one is noticed within this time. */
export const SEND_LEASE_MS = 15_000;
/** When an attempt that is being sent is asked about for the first time, in ms: the call may hang although the charge is done. */
const FIRST_CHECK_AFTER_MS = 5_000;

/** An attempt with the payment it belongs to. */
export interface AttemptOfPayment {
  readonly attempt: Attempt;
  readonly payment: RoutedPayment;
}

/** The columns of an attempt `a`, named as in {@link Attempt}. */
export const ATTEMPT = `a.id, a.payment_id AS "paymentId", a.merchant_id AS "merchantId", a.livemode, a.sequence, a.gateway,
  a.gateway_account_id AS "gatewayAccountId", a.reference, a.status, a.version, a.outcome_code AS "outcomeCode", a.blame, a.handles,
  a.next_action AS "nextAction", a.gateway_fee AS "gatewayFee", a.captured_amount AS "capturedAmount",
  a.captured_currency AS "capturedCurrency", a.sent_at AS "sentAt", a.next_check_at AS "nextCheckAt", a.checks,
  a.not_found_count AS "notFoundCount", a.first_not_found_at AS "firstNotFoundAt", a.resend_count AS "resendCount", a.interrupted,
  a.acknowledged, a.late, a.send_token AS "sendToken", a.send_lease_until AS "sendLeaseUntil", a.check_token AS "checkToken",
  a.created_at AS "createdAt", a.concluded_at AS "concludedAt", a.case_opened_at AS "caseOpenedAt"`;

/** The columns of its payment `p`. */
export const PAYMENT = `p.payment_id AS "ofPayment", p.amount, p.currency, p.method, p.customer, p.description, p.state,
  p.caused_by AS "causedBy", p.headers`;

interface PaymentColumns {
  readonly ofPayment: string;
  readonly amount: bigint;
  readonly currency: RoutedPayment['currency'];
  readonly method: RoutedPayment['method'];
  readonly customer: RoutedPayment['customer'];
  readonly description: string | null;
  readonly state: RoutedPayment['state'];
  readonly causedBy: string;
  readonly headers: RoutedPayment['headers'];
}
/** A row of {@link ATTEMPT} and {@link PAYMENT}. */
export type AttemptRow = Attempt & PaymentColumns;

function toPayment(row: PaymentColumns & { merchantId: string; livemode: boolean }): RoutedPayment {
  const { ofPayment, merchantId, livemode, amount, currency, method, customer, description, state, causedBy, headers } = row;
  return { id: ofPayment, merchantId, livemode, amountMinor: amount, currency, method, customer, description, state, causedBy, headers };
}

export function toAttemptOfPayment(row: AttemptRow): AttemptOfPayment {
  const { ofPayment: _, amount: __, currency: ___, method, customer, description, state, causedBy, headers, ...attempt } = row;
  void [method, customer, description, state, causedBy, headers];
  return { attempt, payment: toPayment(row) };
}

const insertPaymentsSql = statement(
  'routing.insert_payments',
  `INSERT INTO routing.payment (payment_id, merchant_id, livemode, amount, currency, method, customer, description, caused_by, headers)
   SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::bigint[], $5::text[], $6::jsonb[], $7::jsonb[], $8::text[], $9::uuid[], $10::jsonb[])
     AS t(payment_id, merchant_id, livemode, amount, currency, method, customer, description, caused_by, headers)
   ORDER BY payment_id
   ON CONFLICT (payment_id) DO NOTHING
   RETURNING payment_id AS id`,
);

/** @returns the ids of those that were new; a payment is routed once, however often it is announced. */
export async function insertPayments(tx: Tx, payments: readonly RoutedPayment[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: string }>(insertPaymentsSql, [
    payments.map((each) => each.id),
    payments.map((each) => each.merchantId),
    payments.map((each) => each.livemode),
    payments.map((each) => each.amountMinor),
    payments.map((each) => each.currency),
    payments.map((each) => JSON.stringify(each.method)),
    payments.map((each) => JSON.stringify(each.customer)),
    payments.map((each) => each.description),
    payments.map((each) => each.causedBy),
    payments.map((each) => JSON.stringify(each.headers)),
  ]);
  return new Set(rows.map((row) => row.id));
}

const insertAttemptsSql = statement(
  'routing.insert_attempts',
  `INSERT INTO routing.attempt (id, payment_id, merchant_id, livemode, sequence, gateway, gateway_account_id, reference, status, version, next_check_at, reason, created_at, outcome_code, concluded_at, blame)
   SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::int[], $6::text[], $7::uuid[], $8::text[], $9::text[], $10::int[],
     $11::timestamptz[], $12::jsonb[], $13::timestamptz[], $14::text[], $15::timestamptz[], $16::text[])`,
);

export async function insertAttempts(tx: Tx, planned: readonly PlannedAttempt[]): Promise<void> {
  if (planned.length === 0) return;
  const attempts = planned.map((each) => each.attempt);
  await tx.query(insertAttemptsSql, [
    attempts.map((each) => each.id),
    attempts.map((each) => each.paymentId),
    attempts.map((each) => each.merchantId),
    attempts.map((each) => each.livemode),
    attempts.map((each) => each.sequence),
    attempts.map((each) => each.gateway),
    attempts.map((each) => each.gatewayAccountId),
    attempts.map((each) => each.reference),
    attempts.map((each) => each.status),
    attempts.map((each) => each.version),
    attempts.map((each) => each.nextCheckAt),
    planned.map((each) => JSON.stringify(each.reason)),
    attempts.map((each) => each.createdAt),
    attempts.map((each) => each.outcomeCode),
    attempts.map((each) => each.concludedAt),
    attempts.map((each) => each.blame),
  ]);
}

const lockPaymentsSql = statement(
  'routing.lock_payments',
  `SELECT ${PAYMENT}, p.merchant_id AS "merchantId", p.livemode FROM routing.payment p
   WHERE p.payment_id IN (SELECT payment_id FROM routing.attempt WHERE id = ANY($1::uuid[]))
   ORDER BY p.payment_id FOR NO KEY UPDATE`,
);

const lockAttemptsSql = statement(
  'routing.lock_attempts',
  `SELECT ${ATTEMPT}, clock_timestamp() AS "databaseNow" FROM routing.attempt a
   WHERE a.payment_id = ANY($1::uuid[]) ORDER BY a.id FOR NO KEY UPDATE`,
);

export interface LockedPayments {
  readonly payments: readonly { readonly payment: RoutedPayment; readonly attempts: readonly Attempt[] }[];
  readonly now: Date;
}

/**
 * Locks the payments of the given attempts, then all their attempts. Two statements, because the second must see attempts
 * that somebody else committed while the first waited for its locks.
 */
export async function lockPaymentsOf(tx: Tx, attemptIds: readonly string[]): Promise<LockedPayments> {
  const payments = await tx.query<PaymentColumns & { merchantId: string; livemode: boolean }>(lockPaymentsSql, [[...new Set(attemptIds)]]);
  const rows = await tx.query<Attempt & { databaseNow: Date }>(lockAttemptsSql, [payments.map((row) => row.ofPayment)]);
  const now = rows[0]?.databaseNow ?? new Date();
  const byPayment = new Map<string, Attempt[]>();
  for (const { databaseNow: _, ...attempt } of rows) {
    const siblings = byPayment.get(attempt.paymentId);
    if (siblings === undefined) byPayment.set(attempt.paymentId, [attempt]);
    else siblings.push(attempt);
  }
  return { now, payments: payments.map((row) => ({ payment: toPayment(row), attempts: byPayment.get(row.ofPayment) ?? [] })) };
}

const updateAttemptsSql = statement(
  'routing.update_attempts',
  `UPDATE routing.attempt a SET status = t.status, version = t.version, outcome_code = t.outcome_code, blame = t.blame, handles = t.handles,
     next_action = t.next_action, gateway_fee = t.gateway_fee, captured_amount = t.captured_amount, captured_currency = t.captured_currency,
     next_check_at = t.next_check_at, checks = t.checks, not_found_count = t.not_found_count, first_not_found_at = t.first_not_found_at,
     resend_count = t.resend_count, interrupted = t.interrupted, acknowledged = t.acknowledged, late = t.late, check_token = t.check_token,
     concluded_at = t.concluded_at, case_opened_at = t.case_opened_at, send_token = t.send_token, send_lease_until = t.send_lease_until, sent_at = t.sent_at
   FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::bigint[], $9::bigint[], $10::text[],
     $11::timestamptz[], $12::int[], $13::int[], $14::timestamptz[], $15::int[], $16::boolean[], $17::boolean[], $18::boolean[], $19::uuid[],
     $20::timestamptz[], $21::timestamptz[], $22::uuid[], $23::timestamptz[], $24::timestamptz[])
     AS t(id, status, version, outcome_code, blame, handles, next_action, gateway_fee, captured_amount, captured_currency, next_check_at, checks,
       not_found_count, first_not_found_at, resend_count, interrupted, acknowledged, late, check_token, concluded_at, case_opened_at, send_token, send_lease_until, sent_at)
   WHERE a.id = t.id`,
);

/** Writes attempts whose rows the caller has locked. */
export async function updateAttempts(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return;
  const column = <T>(read: (attempt: Attempt) => T): T[] => attempts.map(read);
  await tx.query(updateAttemptsSql, [
    column((each) => each.id),
    column((each) => each.status),
    column((each) => each.version),
    column((each) => each.outcomeCode),
    column((each) => each.blame),
    column((each) => JSON.stringify(each.handles)),
    column((each) => (each.nextAction === null ? null : JSON.stringify(each.nextAction))),
    column((each) => each.gatewayFee),
    column((each) => each.capturedAmount),
    column((each) => each.capturedCurrency),
    column((each) => each.nextCheckAt),
    column((each) => each.checks),
    column((each) => each.notFoundCount),
    column((each) => each.firstNotFoundAt),
    column((each) => each.resendCount),
    column((each) => each.interrupted),
    column((each) => each.acknowledged),
    column((each) => each.late),
    column((each) => each.checkToken),
    column((each) => each.concludedAt),
    column((each) => each.caseOpenedAt),
    column((each) => each.sendToken),
    column((each) => each.sendLeaseUntil),
    column((each) => each.sentAt),
  ]);
}

/** What sending once more writes besides the rules' decision: a new owner with a lease, and when to ask first. */
export function claimedForResend(attempt: Attempt, token: string, now: Date): Attempt {
  return {
    ...attempt,
    sendToken: token,
    sentAt: now,
    sendLeaseUntil: new Date(now.getTime() + SEND_LEASE_MS),
    nextCheckAt: new Date(now.getTime() + FIRST_CHECK_AFTER_MS),
  };
}

const updateStatesSql = statement(
  'routing.update_states',
  `UPDATE routing.payment p SET state = t.state FROM unnest($1::uuid[], $2::text[]) AS t(id, state) WHERE p.payment_id = t.id`,
);

export async function updatePaymentStates(tx: Tx, states: readonly { readonly id: string; readonly state: RoutedPayment['state'] }[]): Promise<void> {
  if (states.length === 0) return;
  await tx.query(updateStatesSql, [states.map((each) => each.id), states.map((each) => each.state)]);
}

const claimToSendSql = statement(
  'routing.claim_to_send',
  `WITH wanted AS (
     SELECT a.id, t.token FROM routing.attempt a JOIN unnest($1::uuid[], $2::uuid[]) AS t(id, token) ON t.id = a.id
     WHERE a.status = 'planned' ORDER BY a.id FOR NO KEY UPDATE OF a
   )
   UPDATE routing.attempt a SET status = 'sending', version = a.version + 1, send_token = w.token, sent_at = clock_timestamp(),
     send_lease_until = clock_timestamp() + interval '${SEND_LEASE_MS} ms', next_check_at = clock_timestamp() + interval '${FIRST_CHECK_AFTER_MS} ms', check_token = NULL
   FROM wanted w WHERE a.id = w.id AND a.status = 'planned'
   RETURNING a.id`,
);

const renewSendSql = statement(
  'routing.renew_send',
  `WITH wanted AS (
     SELECT a.id FROM routing.attempt a JOIN unnest($1::uuid[], $2::uuid[]) AS t(id, token) ON t.id = a.id AND t.token = a.send_token
     WHERE a.status = 'sending' ORDER BY a.id FOR NO KEY UPDATE OF a
   )
   UPDATE routing.attempt a SET send_lease_until = clock_timestamp() + interval '${SEND_LEASE_MS} ms'
   FROM wanted w WHERE a.id = w.id
   RETURNING a.id`,
);

export interface SendClaim {
  readonly attemptId: string;
  /** Known to this sender alone. */
  readonly token: string;
}

/** planned > sending, for whoever comes first. @returns the ids that are now ours to send. */
export async function claimToSend(database: Database, claims: readonly SendClaim[]): Promise<ReadonlySet<string>> {
  return changedIds(database, claimToSendSql, claims);
}

/** Keeps what we are sending ours. @returns the ids that still are. */
export async function renewSendLeases(database: Database, claims: readonly SendClaim[]): Promise<ReadonlySet<string>> {
  return changedIds(database, renewSendSql, claims);
}

async function changedIds(queryable: Queryable, sql: typeof claimToSendSql, claims: readonly SendClaim[]): Promise<ReadonlySet<string>> {
  const rows = await queryable.query<{ id: string }>(sql, [claims.map((each) => each.attemptId), claims.map((each) => each.token)]);
  return new Set(rows.map((row) => row.id));
}

const claimDueSql = statement(
  'routing.claim_due',
  `WITH due AS (
     SELECT id FROM routing.attempt WHERE next_check_at <= now() AND gateway_account_id <> ALL($4::uuid[])
     ORDER BY next_check_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
   ), claimed AS (
     UPDATE routing.attempt a SET check_token = $2, next_check_at = now() + $3 * interval '1 ms' FROM due WHERE a.id = due.id RETURNING a.*
   )
   SELECT ${ATTEMPT}, ${PAYMENT} FROM claimed a JOIN routing.payment p ON p.payment_id = a.payment_id`,
);

/**
 * Takes attempts that are due for a check or, while planned, for sending. The lease is the next check time itself: if the
 * taker dies, they are due again when it ends. Accounts in `except` have enough to do already.
 */
export async function claimDue(database: Database, limit: number, token: string, leaseMs: number, except: readonly string[]): Promise<AttemptOfPayment[]> {
  const rows = await database.query<AttemptRow>(claimDueSql, [limit, token, leaseMs, except]);
  return rows.map(toAttemptOfPayment);
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
export async function countCases(database: Database): Promise<{ gateway: string; status: string; opened: boolean; count: number }[]> {
  const rows = await database.query<{ gateway: string; status: string; opened: boolean; count: bigint }>(
    `SELECT gateway, status, case_opened_at IS NOT NULL AS opened, count(*) AS count FROM routing.attempt
     WHERE status IN ('unknown', 'quarantined') OR case_opened_at IS NOT NULL GROUP BY 1, 2, 3`,
  );
  return rows.map((row) => ({ ...row, count: toJsonAmount(row.count) }));
}
