/** Batches of payouts: stored whole or not at all, and counted from their payouts. */
import type { Reader } from '../../../kernel/database/tenant-scope.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import { relayWake } from '../../../kernel/outbox/relay-wake.js';
import { listRows, type ListFilter } from '../lists.store.js';
import type { Amounts, PayoutBatch, Tally } from './payout-batch.js';
import { PAYOUT_COLUMNS, PAYOUT_FIELDS, PAYOUT_VALUES, payoutColumns, type NewPayout } from './payouts.store.js';

interface BatchRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly livemode: boolean;
  readonly reference: string;
  readonly count: number;
  readonly amounts: Amounts;
  readonly created_at: Date;
}

const toBatch = (row: BatchRow): PayoutBatch => ({
  id: row.id,
  merchantId: row.merchant_id,
  livemode: row.livemode,
  reference: row.reference,
  count: row.count,
  amounts: row.amounts,
  createdAt: row.created_at,
});

const insertStatement = statement(
  'payments.payout_batch.insert',
  `INSERT INTO payments.payout_batch (id, merchant_id, livemode, reference, count, amounts, correlation_id, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
);

/** @returns false when the reference is taken; then nothing has been written */
export async function insertBatch(tx: Tx, batch: PayoutBatch, correlationId: string): Promise<boolean> {
  const rows = await tx.query(insertStatement, [
    batch.id,
    batch.merchantId,
    batch.livemode,
    batch.reference,
    batch.count,
    JSON.stringify(batch.amounts),
    correlationId,
    batch.createdAt,
  ]);
  return rows.length === 1;
}

const ownerStatement = statement(
  'payments.payout_batch.owner',
  'SELECT id FROM payments.payout_batch WHERE merchant_id = $1 AND livemode = $2 AND reference = $3',
);

/** The id of the batch that has the reference. */
export async function ownerOf(tx: Tx, batch: PayoutBatch): Promise<string | undefined> {
  const rows = await tx.query<{ id: string }>(ownerStatement, [batch.merchantId, batch.livemode, batch.reference]);
  return rows[0]?.id;
}

const insertPayoutsStatement = statement(
  'payments.payout_batch.insert_payouts',
  `WITH input AS MATERIALIZED (
     SELECT t.*, $2::uuid AS merchant_id, $3::boolean AS livemode FROM json_to_recordset($1::json) AS t(${PAYOUT_COLUMNS})
   ), stored AS (
     INSERT INTO payments.payout (${PAYOUT_FIELDS})
     SELECT ${PAYOUT_VALUES} FROM input ORDER BY reference
     ON CONFLICT (merchant_id, livemode, reference) DO NOTHING RETURNING id
   ), told AS (
     INSERT INTO messaging.outbox (id, type, aggregatetype, aggregateid, merchant_id, payload, headers)
     SELECT event_id, event_type, aggregate_type, payout_id::text, merchant_id, payload, headers FROM input
   )
   SELECT input.payout_id FROM input LEFT JOIN stored ON stored.id = input.payout_id WHERE stored.id IS NULL`,
);

/**
 * Stores all payouts of a batch and what is announced of them, in one statement.
 * @returns those whose reference is taken: where there are any, the transaction must be rolled back
 */
export async function insertPayouts(tx: Tx, batch: PayoutBatch, payouts: readonly NewPayout[]): Promise<Set<string>> {
  const document = JSON.stringify(payouts.map(payoutColumns));
  const rows = await tx.query<{ payout_id: string }>(insertPayoutsStatement, [
    document,
    batch.merchantId,
    batch.livemode,
  ]);
  tx.afterCommit(() => relayWake.signal());
  return new Set(rows.map((row) => row.payout_id));
}

const byIdStatement = statement('payments.payout_batch.by_id', 'SELECT * FROM payments.payout_batch WHERE id = $1');

export async function findBatch(reader: Reader, id: string): Promise<PayoutBatch | undefined> {
  const [row] = await reader.query<BatchRow>(byIdStatement, [id]);
  return row === undefined ? undefined : toBatch(row);
}

const tallyStatement = statement(
  'payments.payout_batch.tally',
  `SELECT status, currency, count(*)::int AS count, sum(amount)::bigint AS "amountMinor"
     FROM payments.payout WHERE batch_id = $1 GROUP BY status, currency`,
);

/** How its payouts stand at this moment. */
export async function tallyBatch(reader: Reader, id: string): Promise<Tally[]> {
  return reader.query<Tally & Record<string, unknown>>(tallyStatement, [id]);
}

const openStatement = statement(
  'payments.payout_batch.open',
  `SELECT b.id FROM unnest($1::uuid[]) AS b (id)
    CROSS JOIN LATERAL (SELECT 1 FROM payments.payout p WHERE p.batch_id = b.id AND p.concluded_at IS NULL LIMIT 1) open`,
);

/** Which of these batches have payouts that are not final. */
export async function findOpen(reader: Reader, ids: readonly string[]): Promise<Set<string>> {
  return new Set((await reader.query<{ id: string }>(openStatement, [ids])).map(({ id }) => id));
}

export interface BatchFilter extends Omit<ListFilter, 'status'> {
  readonly reference?: string | undefined;
}

/** Newest first; one row more than `limit` when there are more. */
export function listBatches(reader: Reader, filter: BatchFilter): Promise<PayoutBatch[]> {
  return listRows(filter, async ({ where: { status: _, ...where }, ...page }) => {
    const rows = await reader.prisma.payoutBatch.findMany({
      ...page,
      where: { ...where, ...(filter.reference === undefined ? {} : { reference: filter.reference }) },
    });
    return rows.map((row): PayoutBatch => ({ ...row, amounts: row.amounts as Amounts }));
  });
}
