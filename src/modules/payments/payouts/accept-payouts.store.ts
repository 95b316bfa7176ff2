/** The one statement that accepts payouts: claims keys, inserts payouts, appends events. As accept.store.ts does for payments. */
import type { Database } from '../../../kernel/database/database.js';
import { statement } from '../../../kernel/database/tx.js';
import {
  CLAIM_COLUMNS,
  claimColumns,
  claimDistinct,
  insertKeys,
  KNOWN_KEY,
  KNOWN_KEY_COLUMNS,
  KNOWN_KEY_NAMES,
  knownKey,
  type KeyClaim,
  type KeyRow,
  type KnownKeyColumns,
} from '../../../kernel/idempotency/claims.js';
import { relayWake } from '../../../kernel/outbox/relay-wake.js';
import { PAYOUT_COLUMNS, PAYOUT_FIELDS, PAYOUT_VALUES, payoutColumns, type NewPayout } from './payouts.store.js';

export type PayoutAcceptance = KeyClaim & NewPayout;

export type PayoutResult =
  | { readonly kind: 'claimed'; readonly fence: bigint }
  | { readonly kind: 'key_exists'; readonly key: KeyRow }
  | { readonly kind: 'reference_exists'; readonly payoutId: string };

/* In the order of references, as batches insert theirs: two that share some then wait for each other in one direction only. */
const acceptStatement = statement(
  'payments.payout.accept',
  `WITH input AS MATERIALIZED (
     SELECT t.*, ${KNOWN_KEY_COLUMNS}, p.id AS reference_owner
       FROM json_to_recordset($1::json) AS t(${CLAIM_COLUMNS}, ${PAYOUT_COLUMNS})
       ${KNOWN_KEY}
       LEFT JOIN LATERAL (SELECT id FROM payments.payout p WHERE p.merchant_id = t.merchant_id AND p.livemode = t.livemode AND p.reference = t.reference LIMIT 1) p ON true
   ), fresh AS MATERIALIZED (
     SELECT * FROM input WHERE known_fingerprint IS NULL AND reference_owner IS NULL
   ), keys AS (
     ${insertKeys('payout_id')}
   ), paid AS (
     INSERT INTO payments.payout (${PAYOUT_FIELDS})
     SELECT ${PAYOUT_VALUES} FROM fresh ORDER BY merchant_id, livemode, reference
   ), told AS (
     INSERT INTO messaging.outbox (id, type, aggregatetype, aggregateid, merchant_id, payload, headers)
     SELECT event_id, event_type, aggregate_type, payout_id::text, merchant_id, payload, headers FROM fresh
   )
   SELECT payout_id, ${KNOWN_KEY_NAMES}, reference_owner FROM input`,
);

interface ResultRow extends KnownKeyColumns {
  readonly payout_id: string;
  readonly reference_owner: string | null;
}

function toResult(row: ResultRow): PayoutResult {
  const key = knownKey(row);
  if (key !== undefined) return { kind: 'key_exists', key };
  if (row.reference_owner !== null) return { kind: 'reference_exists', payoutId: row.reference_owner };
  return { kind: 'claimed', fence: 1n };
}

const namesOf = ({ scope, payout }: PayoutAcceptance): string[] => [
  `${scope.merchantId}/${scope.livemode}/k/${scope.key}`,
  `${scope.merchantId}/${scope.livemode}/r/${payout.reference}`,
];

/** Accepts a batch in one commit and says for each what became of it. */
export async function acceptPayouts(database: Database, items: readonly PayoutAcceptance[]): Promise<PayoutResult[]> {
  const rows = await claimDistinct(items, namesOf, async (distinct) => {
    const document = distinct.map((item) => ({ ...claimColumns(item), ...payoutColumns(item) }));
    return database.query<ResultRow>(acceptStatement, [JSON.stringify(document)]);
  });
  relayWake.signal();
  const results = new Map(rows.map((row) => [row.payout_id, toResult(row)]));
  return items.map(({ payout }) => {
    const result = results.get(payout.id);
    if (result === undefined) throw new Error('a payout of the batch got no answer');
    return result;
  });
}
