/** Refunds: reading them, making them, and what they count against their payments. */
import type { Database } from '../../../kernel/database/database.js';
import type { Reader } from '../../../kernel/database/tenant-scope.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import { DisbursementMoves, toDisbursement, type DisbursementRow } from '../disbursements.store.js';
import type { Payment } from '../payment.js';
import { toPayment, type PaymentRow } from '../payments.store.js';
import { listRows, type ListFilter } from '../lists.store.js';
import type { Refund, RefundSource } from './refund.js';

/** A row as operators see it. */
export interface RefundRow extends DisbursementRow {
  readonly correlation_id: string;
  readonly approval_id: string | null;
  readonly asked_by: string | null;
  readonly approved_by: string | null;
  readonly payment_id: string;
  readonly source: RefundSource;
  readonly captured_by: string;
  readonly counted: bigint;
  readonly platform_fee: bigint;
  readonly reason: string | null;
}

export function toRefund(row: RefundRow): Refund {
  return {
    ...toDisbursement(row),
    paymentId: row.payment_id,
    source: row.source,
    capturedBy: row.captured_by,
    countedMinor: row.counted,
    platformFeeMinor: row.platform_fee,
    reason: row.reason,
  };
}

const moves = new DisbursementMoves('refund', toRefund, ', counted = 0');
export const refundMoves: Omit<typeof moves, 'lock'> = moves;

const byIdsStatement = statement('payments.refund.by_ids', 'SELECT * FROM payments.refund WHERE id = ANY($1::uuid[])');

export async function findRefunds(reader: Reader, ids: readonly string[]): Promise<Map<string, Refund>> {
  const rows = await reader.query<RefundRow>(byIdsStatement, [ids]);
  return new Map(rows.map((row) => [row.id, toRefund(row)]));
}

export async function findRefundRow(database: Database, id: string): Promise<RefundRow | undefined> {
  return (await database.query<RefundRow>(byIdsStatement, [[id]]))[0];
}

const ofPaymentStatement = statement(
  'payments.refund.of_payment',
  'SELECT * FROM payments.refund WHERE payment_id = $1 ORDER BY id LIMIT $2',
);
/** Refunds of one payment that are shown with it: nobody gives back in more parts. */
const MAX_OF_PAYMENT = 100;

/** In the order in which they were made. */
export async function findRefundRowsOf(database: Database, paymentId: string): Promise<readonly RefundRow[]> {
  return database.query<RefundRow>(ofPaymentStatement, [paymentId, MAX_OF_PAYMENT]);
}

const concludedStatement = statement(
  'payments.refund.concluded',
  `SELECT * FROM payments.refund WHERE id = ANY($1::uuid[]) AND status <> 'processing'`,
);

export async function findConcludedRefunds(database: Database, ids: readonly string[]): Promise<Refund[]> {
  return (await database.query<RefundRow>(concludedStatement, [ids])).map(toRefund);
}

const lockPaymentStatement = statement(
  'payments.refund.lock_payment',
  'SELECT * FROM payments.payment WHERE id = $1 AND merchant_id = $2 AND livemode = $3 FOR UPDATE',
);

export interface RefundablePayment {
  readonly payment: Payment;
  /** Undefined until it has succeeded. */
  readonly capturedBy: string | undefined;
  /** What its refunds have given back of our fee, or will. */
  readonly feeGivenBackMinor: bigint;
}

const feeGivenBackStatement = statement(
  'payments.refund.fee_given_back',
  `SELECT coalesce(sum(platform_fee), 0)::bigint AS fee FROM payments.refund WHERE payment_id = $1 AND status IN ('processing', 'succeeded')`,
);

/** A merchant's own payment, which nobody else can refund until the transaction ends. */
export async function lockPayment(
  tx: Tx,
  id: string,
  { merchantId, livemode }: { readonly merchantId: string; readonly livemode: boolean },
): Promise<RefundablePayment | undefined> {
  const [row] = await tx.query<PaymentRow>(lockPaymentStatement, [id, merchantId, livemode]);
  if (row === undefined) return undefined;
  // After the lock, by a snapshot of its own: refunds that were made while it was waited for are seen.
  const [given] = await tx.query<{ fee: bigint }>(feeGivenBackStatement, [id]);
  return {
    payment: toPayment(row),
    capturedBy: row.winning_attempt_id ?? undefined,
    feeGivenBackMinor: given?.fee ?? 0n,
  };
}

export interface NewRefund {
  readonly refund: Refund;
  readonly correlationId: string;
  /** Where two operators make it. */
  readonly approval?: { readonly approvalId: string; readonly askedBy: string; readonly approvedBy: string };
}

const insertStatement = statement(
  'payments.refund.insert',
  `INSERT INTO payments.refund (id, merchant_id, livemode, payment_id, source, captured_by, amount, currency, counted, platform_fee, reason, metadata, status, correlation_id, created_at,
     approval_id, asked_by, approved_by)
   SELECT id, merchant_id, livemode, payment_id, source, captured_by, amount, currency, counted, platform_fee, reason, metadata, 'processing', correlation_id, created_at, approval_id, asked_by, approved_by
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, merchant_id uuid, livemode boolean, payment_id uuid, source text, captured_by uuid, amount bigint,
          currency text, counted bigint, platform_fee bigint, reason text, metadata jsonb, correlation_id text, created_at timestamptz, approval_id uuid,
          asked_by uuid, approved_by uuid)
    ORDER BY id
   ON CONFLICT (captured_by) WHERE source = 'surplus' DO NOTHING RETURNING id`,
);

/**
 * Of surplus captures that have a refund already, none is made.
 * @returns those that were made
 */
export async function insertRefunds(tx: Tx, refunds: readonly NewRefund[]): Promise<Refund[]> {
  if (refunds.length === 0) return [];
  const rows = refunds.map(({ refund, correlationId, approval }) => ({
    id: refund.id,
    merchant_id: refund.merchantId,
    livemode: refund.livemode,
    payment_id: refund.paymentId,
    source: refund.source,
    captured_by: refund.capturedBy,
    amount: String(refund.amountMinor),
    currency: refund.currency,
    counted: String(refund.countedMinor),
    platform_fee: String(refund.platformFeeMinor),
    reason: refund.reason,
    metadata: refund.metadata,
    correlation_id: correlationId,
    created_at: refund.createdAt,
    approval_id: approval?.approvalId ?? null,
    asked_by: approval?.askedBy ?? null,
    approved_by: approval?.approvedBy ?? null,
  }));
  const made = new Set((await tx.query<{ id: string }>(insertStatement, [JSON.stringify(rows)])).map(({ id }) => id));
  return refunds.map(({ refund }) => refund).filter(({ id }) => made.has(id));
}

const countInStatement = statement(
  'payments.refund.count_in',
  'UPDATE payments.payment SET refunding = refunding + $2 WHERE id = $1',
);

/** Counts a new refund. The payment is locked; one too many breaks a constraint of the table. */
export async function countIn(tx: Tx, refund: Refund): Promise<void> {
  await tx.query(countInStatement, [refund.paymentId, refund.countedMinor]);
}

const paymentsOfStatement = statement(
  'payments.refund.payments_of',
  `SELECT payment_id FROM payments.refund WHERE id = ANY($1::uuid[]) AND source = 'merchant'`,
);

const lockPaymentsStatement = statement(
  'payments.refund.lock_payments',
  'SELECT id FROM payments.payment WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
);

/**
 * Locks what moves of these refunds will touch: their payments first, as who makes a refund does, then the refunds, each in id
 * order. Whoever holds a payment's lock has all its refunds to themselves.
 * @returns the payments, for {@link recount}
 */
export async function lockRefunds(tx: Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const paymentIds = (await tx.query<{ payment_id: string }>(paymentsOfStatement, [ids])).map((row) => row.payment_id);
  if (paymentIds.length > 0) await tx.query(lockPaymentsStatement, [paymentIds]);
  await moves.lock(tx, ids);
  return paymentIds;
}

/*
 * A refund that failed was counted no more, and others may have taken its room since. When it turns out to have succeeded it
 * counts as much as there is room for: in the order in which they were made, if there are several.
 */
const recountStatement = statement(
  'payments.refund.recount',
  `WITH standing AS MATERIALIZED (
     SELECT r.id, r.payment_id, r.status, r.counted, CASE r.status WHEN 'succeeded' THEN r.amount - r.counted ELSE 0 END AS lacking
       FROM payments.refund r WHERE r.payment_id = ANY($1::uuid[]) AND r.source = 'merchant'
   ), room AS MATERIALIZED (
     SELECT p.id AS payment_id, p.amount - coalesce((SELECT sum(s.counted) FROM standing s WHERE s.payment_id = p.id), 0) AS free
       FROM payments.payment p WHERE p.id = ANY($1::uuid[])
   ), counting AS MATERIALIZED (
     SELECT s.id, s.payment_id, s.status, s.counted AS before,
            s.counted + greatest(0, least(s.lacking, room.free - (sum(s.lacking) OVER (PARTITION BY s.payment_id ORDER BY s.id) - s.lacking)))::bigint AS counted
       FROM standing s JOIN room ON room.payment_id = s.payment_id
   ), raised AS (
     UPDATE payments.refund r SET counted = c.counted
       FROM counting c WHERE r.id = c.id AND r.payment_id = ANY($1::uuid[]) AND c.counted <> c.before
   )
   UPDATE payments.payment p SET refunding = total.refunding, refunded = total.refunded
     FROM (SELECT payment_id, sum(counted)::bigint AS refunding, coalesce(sum(counted) FILTER (WHERE status = 'succeeded'), 0)::bigint AS refunded
             FROM counting GROUP BY payment_id) total
    WHERE p.id = total.payment_id AND p.id = ANY($1::uuid[])`,
);

/** Brings what these payments count in line with how their refunds stand now. They are locked. */
export async function recount(tx: Tx, paymentIds: readonly string[]): Promise<void> {
  if (paymentIds.length > 0) await tx.query(recountStatement, [paymentIds]);
}

const uncountedStatement = statement(
  'payments.refund.uncounted',
  `SELECT * FROM payments.refund WHERE id = ANY($1::uuid[]) AND source = 'merchant' AND status = 'succeeded' AND counted < amount`,
);

/** Of these, the refunds that went out although there was no room for them: more was given back than was captured. */
export async function findUncounted(tx: Tx, ids: readonly string[]): Promise<Refund[]> {
  if (ids.length === 0) return [];
  return (await tx.query<RefundRow>(uncountedStatement, [ids])).map(toRefund);
}

export interface RefundFilter extends ListFilter {
  readonly paymentId?: string | undefined;
  readonly source?: string | undefined;
}

/** Newest first; one row more than `limit` when there are more. */
export function listRefunds(reader: Reader, filter: RefundFilter): Promise<Refund[]> {
  return listRows(filter, async (page) => {
    const rows = await reader.prisma.paymentRefund.findMany({
      ...page,
      where: {
        ...page.where,
        ...(filter.paymentId === undefined ? {} : { paymentId: filter.paymentId }),
        ...(filter.source === undefined ? {} : { source: filter.source }),
      },
      select: { id: true },
    });
    const found = await findRefunds(
      reader,
      rows.map(({ id }) => id),
    );
    return rows.flatMap(({ id }) => found.get(id) ?? []);
  });
}
