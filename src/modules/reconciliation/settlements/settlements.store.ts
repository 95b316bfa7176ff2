/** What gateways say that they have paid, or will pay, to our bank. */
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Queryable, Tx } from '../../../kernel/database/tx.js';
import type { ToldSettlement } from '../listings/listed.js';

/* What a listing that was asked for earlier says comes too late. */
const UPSERT = `INSERT INTO reconciliation.settlement AS s (id, gateway_account_id, gateway, livemode, gateway_id, status, currency, gross, fees, net, settled_at,
     bank_reference, told_at)
   SELECT t."newId", l.gateway_account_id, l.gateway, l.livemode, t.id, t.status, t.currency, t.gross, t.fees, t.net, t.settled_at, t.bank_reference, t."toldAt"
   FROM json_to_recordset($1) AS t("newId" uuid, "listingId" uuid, id text, status text, currency text, gross bigint, fees bigint, net bigint,
     settled_at timestamptz, bank_reference text, "toldAt" timestamptz)
     JOIN reconciliation.listing l ON l.id = t."listingId"
   ORDER BY l.gateway_account_id, t.id
   ON CONFLICT (gateway_account_id, gateway_id) DO UPDATE SET
     status = EXCLUDED.status, currency = EXCLUDED.currency, gross = EXCLUDED.gross, fees = EXCLUDED.fees, net = EXCLUDED.net,
     settled_at = COALESCE(EXCLUDED.settled_at, s.settled_at), bank_reference = COALESCE(EXCLUDED.bank_reference, s.bank_reference),
     told_at = EXCLUDED.told_at,
     updated_at = CASE WHEN (s.status, s.currency, s.gross, s.fees, s.net, s.settled_at, s.bank_reference)
       IS DISTINCT FROM (EXCLUDED.status, EXCLUDED.currency, EXCLUDED.gross, EXCLUDED.fees, EXCLUDED.net,
         COALESCE(EXCLUDED.settled_at, s.settled_at), COALESCE(EXCLUDED.bank_reference, s.bank_reference)) THEN now() ELSE s.updated_at END
   WHERE EXCLUDED.told_at >= s.told_at`;

/** @param told one entry per settlement and account */
export async function upsertSettlements(tx: Tx, told: readonly ToldSettlement[]): Promise<void> {
  if (told.length > 0) await tx.query(UPSERT, [JSON.stringify(told.map((each) => ({ ...each, newId: newUuid() })))]);
}

export const SETTLEMENT_STATUSES = ['settled', 'pending', 'failed'] as const;

export interface SettlementRow {
  readonly id: string;
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
  readonly gatewayId: string;
  readonly status: (typeof SETTLEMENT_STATUSES)[number];
  readonly currency: string;
  readonly gross: bigint;
  readonly fees: bigint;
  readonly net: bigint;
  readonly settledAt: Date | null;
  readonly bankReference: string | null;
  /** As what it came in at the bank, how that was found and why; null until it has. */
  readonly bankLineId: string | null;
  readonly receivedBy: string | null;
  readonly receivedBecause: string | null;
  readonly receivedAt: Date | null;
  readonly toldAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface SettlementFilter {
  readonly gatewayAccountId: string | null;
  readonly status: string | null;
  readonly currency: string | null;
  /** Inclusive. */
  readonly settledAfter: Date | null;
  /** Exclusive. */
  readonly settledBefore: Date | null;
  /** Whether it has come in at the bank. */
  readonly isReceived: boolean | null;
  readonly livemode: boolean | null;
  readonly limit: number;
  readonly before: string | null;
  readonly after: string | null;
}

const SETTLEMENT = `id, gateway_account_id AS "gatewayAccountId", gateway, livemode, gateway_id AS "gatewayId", status, currency, gross, fees, net,
  settled_at AS "settledAt", bank_reference AS "bankReference", bank_line_id AS "bankLineId", received_by AS "receivedBy",
  received_because AS "receivedBecause", received_at AS "receivedAt", told_at AS "toldAt", created_at AS "createdAt", updated_at AS "updatedAt"`;

export async function findSettlement(queryable: Queryable, id: string): Promise<SettlementRow | undefined> {
  const [row] = await queryable.query<SettlementRow>(
    `SELECT ${SETTLEMENT} FROM reconciliation.settlement WHERE id = $1`,
    [id],
  );
  return row;
}

/** The newest first: as we heard of them. */
export async function listSettlements(
  queryable: Queryable,
  filter: SettlementFilter,
): Promise<readonly SettlementRow[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  const rows = await queryable.query<SettlementRow>(
    `SELECT ${SETTLEMENT} FROM reconciliation.settlement
      WHERE ($1::uuid IS NULL OR gateway_account_id = $1) AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR currency = $3)
        AND ($4::timestamptz IS NULL OR settled_at >= $4) AND ($5::timestamptz IS NULL OR settled_at < $5)
        AND ($6::boolean IS NULL OR livemode = $6) AND ($7::uuid IS NULL OR id < $7) AND ($8::uuid IS NULL OR id > $8)
        AND ($10::boolean IS NULL OR (bank_line_id IS NOT NULL) = $10)
      ORDER BY id ${isBackwards ? 'ASC' : 'DESC'} LIMIT $9`,
    [
      filter.gatewayAccountId,
      filter.status,
      filter.currency,
      filter.settledAfter?.toISOString() ?? null,
      filter.settledBefore?.toISOString() ?? null,
      filter.livemode,
      filter.before,
      filter.after,
      filter.limit,
      filter.isReceived,
    ],
  );
  return isBackwards ? rows.toReversed() : rows;
}
