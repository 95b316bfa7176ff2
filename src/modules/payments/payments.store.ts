/** Reading payments, and the set-based changes that routing's events make. */
import type { AttemptSnapshot, NextAction, PaymentMethod } from '../../contracts/shared.js';
import type { Database } from '../../kernel/database/database.js';
import type { Reader } from '../../kernel/database/tenant-scope.js';
import { statement, type Tx } from '../../kernel/database/tx.js';
import { encodeId } from '../../kernel/ids/ids.js';
import { isCurrency, type Currency } from '../../kernel/money/money.js';
import { listRows, type ListFilter } from './lists.store.js';
import type { AttemptView, Customer, Payment, PaymentStatus } from './payment.js';

export interface PaymentRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly livemode: boolean;
  readonly reference: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly method: PaymentMethod;
  readonly customer: Customer;
  readonly description: string | null;
  readonly return_url: string | null;
  readonly metadata: Record<string, string>;
  readonly platform_fee: bigint;
  readonly fee_schedule_id: string | null;
  readonly status: PaymentStatus;
  readonly next_action: NextAction | null;
  readonly failure_code: string | null;
  readonly gateway: string | null;
  readonly gateway_account_id: string | null;
  readonly winning_attempt_id: string | null;
  readonly gateway_fee: bigint | null;
  readonly correlation_id: string;
  readonly created_at: Date;
  readonly concluded_at: Date | null;
  readonly refunding: bigint;
  readonly refunded: bigint;
}

/** A payment that an event has just moved, with what its announcement needs. */
export interface MovedPayment {
  readonly payment: Payment;
  readonly gatewayAccountId: string | null;
  readonly winningAttemptId: string | null;
}

function currencyOf(code: string): Currency {
  if (!isCurrency(code)) throw new RangeError(`A payment is stored in ${code}, which is not a currency of ours`);
  return code;
}

export function toPayment(row: PaymentRow): Payment {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    livemode: row.livemode,
    reference: row.reference,
    amountMinor: row.amount,
    currency: currencyOf(row.currency),
    method: row.method,
    customer: row.customer,
    description: row.description,
    returnUrl: row.return_url,
    metadata: row.metadata,
    platformFeeMinor: row.platform_fee,
    feeScheduleId: row.fee_schedule_id,
    status: row.status,
    nextAction: row.next_action,
    failureCode: row.failure_code,
    gateway: row.gateway,
    gatewayFeeMinor: row.gateway_fee,
    refundingMinor: row.refunding,
    refundedMinor: row.refunded,
    createdAt: row.created_at,
    concludedAt: row.concluded_at,
  };
}

const toMoved = (row: PaymentRow): MovedPayment => ({
  payment: toPayment(row),
  gatewayAccountId: row.gateway_account_id,
  winningAttemptId: row.winning_attempt_id,
});

const byIdsStatement = statement('payments.by_ids', 'SELECT * FROM payments.payment WHERE id = ANY($1::uuid[])');

export async function findPayments(reader: Reader, ids: readonly string[]): Promise<Map<string, Payment>> {
  const rows = await reader.query<PaymentRow>(byIdsStatement, [ids]);
  return new Map(rows.map((row) => [row.id, toPayment(row)]));
}

export async function findPaymentRow(database: Database, id: string): Promise<PaymentRow | undefined> {
  return (await database.query<PaymentRow>(byIdsStatement, [[id]]))[0];
}

const settledStatement = statement(
  'payments.settled',
  `SELECT id FROM payments.payment WHERE id = ANY($1::uuid[]) AND status <> 'processing'
      AND NOT (status = 'requires_action' AND method ->> 'type' = 'mobile_money' AND next_action ->> 'type' NOT LIKE 'enter_%')`,
);

/** Which of these payments are settled, as isSettled says. */
export async function findSettled(database: Database, ids: readonly string[]): Promise<string[]> {
  const rows = await database.query<{ id: string }>(settledStatement, [ids]);
  return rows.map((row) => row.id);
}

export async function findAttempts(reader: Reader, paymentIds: readonly string[]): Promise<Map<string, AttemptView[]>> {
  const rows = await reader.prisma.paymentAttempt.findMany({
    where: { paymentId: { in: [...paymentIds] } },
    orderBy: [{ startedAt: 'asc' }, { id: 'asc' }],
  });
  const found = new Map<string, AttemptView[]>();
  for (const row of rows) {
    const list = found.get(row.paymentId) ?? [];
    list.push({
      id: encodeId('attempt', row.id),
      gateway: row.gateway,
      reference: row.reference,
      status: row.status === 'planned' || row.status === 'sending' ? 'started' : (row.status as AttemptView['status']),
      outcome: row.outcomeCode,
      blame: row.blame as AttemptView['blame'],
      started_at: row.startedAt.toISOString(),
      concluded_at: row.concludedAt?.toISOString() ?? null,
    });
    found.set(row.paymentId, list);
  }
  return found;
}

export interface PaymentFilter extends ListFilter {
  readonly reference?: string | undefined;
  readonly gatewayReference?: string | undefined;
}

/** Newest first; one row more than `limit` when there are more. */
export async function listPayments(reader: Reader, filter: PaymentFilter): Promise<Payment[]> {
  const ofAttempt =
    filter.gatewayReference === undefined
      ? undefined
      : await reader.prisma.paymentAttempt.findMany({
          where: { reference: filter.gatewayReference, merchantId: filter.merchantId },
          select: { paymentId: true },
        });
  return listRows(filter, async (page) => {
    const rows = await reader.prisma.payment.findMany({
      ...page,
      where: {
        ...page.where,
        ...(filter.reference === undefined ? {} : { reference: filter.reference }),
        id: {
          ...page.where.id,
          ...(ofAttempt === undefined ? {} : { in: ofAttempt.map((attempt) => attempt.paymentId) }),
        },
      },
    });
    return rows.map((row): Payment => ({
      ...row,
      amountMinor: row.amount,
      currency: currencyOf(row.currency),
      method: row.method as PaymentMethod,
      customer: row.customer as Customer,
      metadata: row.metadata as Record<string, string>,
      platformFeeMinor: row.platformFee,
      status: row.status as PaymentStatus,
      nextAction: row.nextAction as NextAction | null,
      gatewayFeeMinor: row.gatewayFee,
      refundingMinor: row.refunding,
      refundedMinor: row.refunded,
    }));
  });
}

const upsertAttemptsStatement = statement(
  'payments.upsert_attempts',
  `INSERT INTO payments.attempt AS a (id, payment_id, merchant_id, version, gateway, gateway_account_id, reference, status, outcome_code, blame, started_at, concluded_at)
   SELECT attempt_id, payment_id, merchant_id, version, gateway, gateway_account_id, reference, status, outcome_code, blame, started_at, concluded_at
     FROM jsonb_to_recordset($1::jsonb) AS r(attempt_id uuid, payment_id uuid, merchant_id uuid, version integer, gateway text, gateway_account_id uuid,
          reference text, status text, outcome_code text, blame text, started_at timestamptz, concluded_at timestamptz)
    ORDER BY attempt_id
   ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version, status = EXCLUDED.status, outcome_code = EXCLUDED.outcome_code, blame = EXCLUDED.blame,
      concluded_at = EXCLUDED.concluded_at
    WHERE a.version < EXCLUDED.version`,
);

/** Keeps the newest copy of each attempt. Copies may come late and twice. */
export async function saveAttempts(
  tx: Tx,
  attempts: readonly (AttemptSnapshot & { readonly payment_id: string; readonly merchant_id: string | null })[],
): Promise<void> {
  const newest = new Map<string, (typeof attempts)[number]>();
  for (const attempt of attempts) {
    const known = newest.get(attempt.attempt_id);
    if (known === undefined || known.version < attempt.version) newest.set(attempt.attempt_id, attempt);
  }
  if (newest.size > 0) await tx.query(upsertAttemptsStatement, [JSON.stringify([...newest.values()])]);
}

/*
 * The three moves below lock payments in id order first: two batches that touch the same payments in different orders would
 * otherwise wait for each other. The ids are given once more as an array: PostgreSQL takes any record set for a hundred rows, and a
 * plan it keeps from when the table was small would read the whole index to join them, however much the table has grown since.
 */
const succeedStatement = statement(
  'payments.succeed',
  `WITH won AS MATERIALIZED (
     SELECT p.id, r.gateway, r.gateway_account_id, r.attempt_id, r.gateway_fee
       FROM jsonb_to_recordset($1::jsonb) AS r(payment_id uuid, gateway text, gateway_account_id uuid, attempt_id uuid, gateway_fee bigint)
       JOIN payments.payment p ON p.id = r.payment_id
      WHERE p.id = ANY($2::uuid[]) AND p.status <> 'succeeded' ORDER BY p.id FOR UPDATE OF p)
   UPDATE payments.payment p SET status = 'succeeded', next_action = NULL, failure_code = NULL, gateway = won.gateway,
          gateway_account_id = won.gateway_account_id, winning_attempt_id = won.attempt_id, gateway_fee = won.gateway_fee, concluded_at = now()
     FROM won WHERE p.id = won.id AND p.id = ANY($2::uuid[]) AND p.status <> 'succeeded' RETURNING p.*`,
);

export interface Win {
  readonly payment_id: string;
  readonly gateway: string;
  readonly gateway_account_id: string;
  readonly attempt_id: string;
  readonly gateway_fee: number;
}

/** Success beats every other state, once. */
export async function succeed(tx: Tx, wins: readonly Win[]): Promise<MovedPayment[]> {
  if (wins.length === 0) return [];
  return (await tx.query<PaymentRow>(succeedStatement, [JSON.stringify(wins), paymentIds(wins)])).map(toMoved);
}

const chargeStatement = statement(
  'payments.charge',
  `UPDATE payments.payment p SET platform_fee = t.fee FROM unnest($1::uuid[], $2::bigint[]) AS t (id, fee) WHERE p.id = t.id AND p.id = ANY($1::uuid[])`,
);

/** Says what our fee is, now that the gateway is known. In the transaction in which they succeeded. */
export async function charge(
  tx: Tx,
  fees: readonly { readonly paymentId: string; readonly feeMinor: bigint }[],
): Promise<void> {
  if (fees.length === 0) return;
  await tx.query(chargeStatement, [fees.map(({ paymentId }) => paymentId), fees.map(({ feeMinor }) => feeMinor)]);
}

const failStatement = statement(
  'payments.fail',
  `WITH lost AS MATERIALIZED (
     SELECT p.id, r.failure_code FROM jsonb_to_recordset($1::jsonb) AS r(payment_id uuid, failure_code text)
       JOIN payments.payment p ON p.id = r.payment_id
      WHERE p.id = ANY($2::uuid[]) AND p.status IN ('processing', 'requires_action') ORDER BY p.id FOR UPDATE OF p)
   UPDATE payments.payment p SET status = 'failed', next_action = NULL, failure_code = lost.failure_code, concluded_at = now()
     FROM lost WHERE p.id = lost.id AND p.id = ANY($2::uuid[]) AND p.status IN ('processing', 'requires_action') RETURNING p.*`,
);

/** Fails what is still open; anything final stays as it is. */
export async function fail(
  tx: Tx,
  losses: readonly { readonly payment_id: string; readonly failure_code: string }[],
): Promise<MovedPayment[]> {
  if (losses.length === 0) return [];
  return (await tx.query<PaymentRow>(failStatement, [JSON.stringify(losses), paymentIds(losses)])).map(toMoved);
}

const requireActionStatement = statement(
  'payments.require_action',
  `WITH asked AS MATERIALIZED (
     SELECT p.id, r.attempt_id, r.next_action
       FROM jsonb_to_recordset($1::jsonb) AS r(payment_id uuid, attempt_id uuid, version integer, next_action jsonb)
       JOIN payments.attempt a ON a.id = r.attempt_id AND a.version = r.version AND a.status IN ('sending', 'pending', 'unknown')
       JOIN payments.payment p ON p.id = r.payment_id
      WHERE p.id = ANY($2::uuid[]) AND a.id = ANY($3::uuid[])
        AND (p.status = 'processing'
             OR (p.status = 'requires_action' AND p.action_attempt_id = r.attempt_id AND p.next_action IS DISTINCT FROM r.next_action))
      ORDER BY p.id FOR UPDATE OF p)
   UPDATE payments.payment p SET status = 'requires_action', next_action = asked.next_action, action_attempt_id = asked.attempt_id
     FROM asked WHERE p.id = asked.id AND p.id = ANY($2::uuid[]) AND p.status IN ('processing', 'requires_action') RETURNING p.*`,
);

/** Something is asked of the customer by an attempt, or no longer, as of a version of it. */
interface AttemptAt {
  readonly payment_id: string;
  readonly attempt_id: string;
  readonly version: number;
}

/** Asks the customer for something, while the attempt that wants it is alive and has not come to want something else. */
export async function requireAction(
  tx: Tx,
  asks: readonly (AttemptAt & { readonly next_action: NextAction })[],
): Promise<MovedPayment[]> {
  if (asks.length === 0) return [];
  const attemptIds = asks.map((each) => each.attempt_id);
  return (await tx.query<PaymentRow>(requireActionStatement, [JSON.stringify(asks), paymentIds(asks), attemptIds])).map(
    toMoved,
  );
}

function paymentIds(rows: readonly { readonly payment_id: string }[]): string[] {
  return rows.map((row) => row.payment_id);
}

const withdrawActionStatement = statement(
  'payments.withdraw_action',
  `UPDATE payments.payment p SET status = 'processing', next_action = NULL, action_attempt_id = NULL
     FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS t(payment_id, attempt_id, version)
     JOIN payments.attempt a ON a.id = t.attempt_id AND a.version = t.version
    WHERE p.id = t.payment_id AND p.id = ANY($1::uuid[]) AND a.id = ANY($2::uuid[]) AND p.status = 'requires_action' AND p.action_attempt_id = t.attempt_id`,
);

/** An attempt ended, or has got what it wanted: what it asked of the customer is not wanted any more. */
export async function withdrawAction(tx: Tx, attempts: readonly AttemptAt[]): Promise<void> {
  if (attempts.length === 0) return;
  await tx.query(withdrawActionStatement, [
    paymentIds(attempts),
    attempts.map((each) => each.attempt_id),
    attempts.map((each) => each.version),
  ]);
}

/** Payments that are not final yet, by status: few rows, through a partial index. */
export async function countOpen(database: Database): Promise<{ status: string; count: number }[]> {
  const rows = await database.query<{ status: string; count: bigint }>(
    `SELECT status, count(*) FROM payments.payment WHERE status IN ('processing', 'requires_action') GROUP BY status`,
  );
  return rows.map((row) => ({ status: row.status, count: Number(row.count) }));
}

const HEAD_OF_LINE = statement(
  'payments.head_of_line',
  `SELECT p.created_at AS "acceptedAt", (extract(epoch FROM now() - p.created_at) * 1000)::float8 AS "ageMs"
     FROM unnest($1::float8[]) AS look (back)
    CROSS JOIN LATERAL (SELECT id, created_at FROM payments.payment
      WHERE status = 'processing' AND created_at >= now() - look.back * interval '1 ms' ORDER BY created_at LIMIT 2) p
     LEFT JOIN LATERAL (SELECT true AS exists FROM payments.attempt a WHERE a.payment_id = p.id LIMIT 1) attempt ON true
    WHERE attempt.exists IS NULL
    ORDER BY p.created_at LIMIT 1`,
);

/** The oldest payment without an attempt. */
export interface HeadOfLine {
  /** By the clock of the process that accepted it. */
  readonly acceptedAt: Date;
  /** How long it has waited, in ms. */
  readonly ageMs: number;
}

/**
 * The head of the line as far as a look at so many points in time can tell: a few index probes, however many payments are open.
 * @param looksBackMs how far back to look for one
 */
export async function headOfLine(database: Database, looksBackMs: readonly number[]): Promise<HeadOfLine | undefined> {
  const [head] = await database.query<HeadOfLine & Record<string, unknown>>(HEAD_OF_LINE, [looksBackMs]);
  return head;
}

/** Refunds and payouts that are not final yet: few rows, through partial indexes. */
export async function countOpenDisbursements(database: Database): Promise<{ kind: string; count: number }[]> {
  const rows = await database.query<{ kind: string; count: bigint }>(
    `SELECT 'refund' AS kind, count(*) FROM payments.refund WHERE status = 'processing'
     UNION ALL SELECT 'payout', count(*) FROM payments.payout WHERE status = 'processing'`,
  );
  return rows.map((row) => ({ kind: row.kind, count: Number(row.count) }));
}
