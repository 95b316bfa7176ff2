/** Payouts: reading them, and the moves they make. */
import type { PayoutDestination } from '../../../contracts/shared.js';
import type { Database } from '../../../kernel/database/database.js';
import type { Reader } from '../../../kernel/database/tenant-scope.js';
import { statement } from '../../../kernel/database/tx.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { NewEvent } from '../../../kernel/outbox/event.js';
import { DisbursementMoves, toDisbursement, type DisbursementRow } from '../disbursements.store.js';
import { listRows, type ListFilter } from '../lists.store.js';
import type { Payout } from './payout.js';

export interface PayoutRow extends DisbursementRow {
  readonly correlation_id: string;
  readonly reference: string;
  readonly batch_id: string | null;
  readonly destination: PayoutDestination;
  readonly narration: string | null;
}

export function toPayout(row: PayoutRow): Payout {
  return {
    ...toDisbursement(row),
    reference: row.reference,
    batchId: row.batch_id,
    destination: row.destination,
    narration: row.narration,
  };
}

export const payoutMoves = new DisbursementMoves('payout', toPayout);

/** The columns of one JSON document that holds new payouts and what is announced of them: see {@link payoutColumns}. */
export const PAYOUT_COLUMNS = `payout_id uuid, reference text, batch_id uuid, amount bigint, currency text, destination jsonb, narration text, metadata jsonb,
              correlation_id text, created_at timestamptz, event_id uuid, event_type text, aggregate_type text, payload jsonb, headers jsonb`;
export const PAYOUT_FIELDS =
  'id, merchant_id, livemode, reference, batch_id, amount, currency, destination, narration, metadata, status, correlation_id, created_at';
/** What goes into them. */
export const PAYOUT_VALUES = `payout_id, merchant_id, livemode, reference, batch_id, amount, currency, destination, narration, metadata, 'processing', correlation_id, created_at`;

/** A payout that is to be stored, and what is announced of it. */
export interface NewPayout {
  readonly payout: Payout;
  readonly correlationId: string;
  readonly event: NewEvent;
}

export function payoutColumns({ payout, correlationId, event }: NewPayout): Record<string, unknown> {
  return {
    payout_id: payout.id,
    reference: payout.reference,
    batch_id: payout.batchId,
    amount: toJsonAmount(payout.amountMinor),
    currency: payout.currency,
    destination: payout.destination,
    narration: payout.narration,
    metadata: payout.metadata,
    correlation_id: correlationId,
    created_at: payout.createdAt,
    event_id: event.id,
    event_type: event.type,
    aggregate_type: event.aggregateType,
    payload: event.payload,
    headers: event.headers,
  };
}

const byIdsStatement = statement('payments.payout.by_ids', 'SELECT * FROM payments.payout WHERE id = ANY($1::uuid[])');

export async function findPayoutRow(database: Database, id: string): Promise<PayoutRow | undefined> {
  return (await database.query<PayoutRow>(byIdsStatement, [[id]]))[0];
}

export async function findPayouts(reader: Reader, ids: readonly string[]): Promise<Map<string, Payout>> {
  const rows = await reader.query<PayoutRow>(byIdsStatement, [ids]);
  return new Map(rows.map((row) => [row.id, toPayout(row)]));
}

const concludedStatement = statement(
  'payments.payout.concluded',
  `SELECT * FROM payments.payout WHERE id = ANY($1::uuid[]) AND status <> 'processing'`,
);

export async function findConcludedPayouts(database: Database, ids: readonly string[]): Promise<Payout[]> {
  return (await database.query<PayoutRow>(concludedStatement, [ids])).map(toPayout);
}

export interface PayoutFilter extends ListFilter {
  readonly reference?: string | undefined;
  readonly batchId?: string | undefined;
}

/** Newest first; one row more than `limit` when there are more. */
export function listPayouts(reader: Reader, filter: PayoutFilter): Promise<Payout[]> {
  return listRows(filter, async (page) => {
    const rows = await reader.prisma.payout.findMany({
      ...page,
      where: {
        ...page.where,
        ...(filter.reference === undefined ? {} : { reference: filter.reference }),
        ...(filter.batchId === undefined ? {} : { batchId: filter.batchId }),
      },
      select: { id: true },
    });
    const found = await findPayouts(
      reader,
      rows.map(({ id }) => id),
    );
    return rows.flatMap(({ id }) => found.get(id) ?? []);
  });
}
