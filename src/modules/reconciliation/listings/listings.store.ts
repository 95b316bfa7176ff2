/** Listings: what was asked for, which pages are in, and how it ended. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { RecordKind } from '../records/record.js';
import type { ListingState, NewListing } from './listing.js';

export async function insertListing(tx: Tx, listing: NewListing): Promise<void> {
  await tx.query(
    `INSERT INTO reconciliation.listing (id, what, gateway_account_id, gateway, livemode, window_from, window_to, asks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      listing.id,
      listing.what,
      listing.gatewayAccountId,
      listing.gateway,
      listing.livemode,
      listing.from.toISOString(),
      listing.to.toISOString(),
      listing.asks,
    ],
  );
}

/** One that is not over. */
export interface OpenListing extends NewListing {
  /** Null until the end was told. */
  readonly pages: number | null;
  readonly pagesIn: number;
  readonly covers: readonly RecordKind[];
  readonly toldAt: Date | null;
}

const OPEN = `id, what, gateway_account_id AS "gatewayAccountId", gateway, livemode, window_from AS "from", window_to AS "to", asks, pages,
  pages_in AS "pagesIn", covers, told_at AS "toldAt"`;

/** Those of them that are not over, locked; in the order of their ids, and before any source or run. */
export function lockOpen(tx: Tx, ids: readonly string[]): Promise<readonly OpenListing[]> {
  // Not prepared: those that are open are a handful, and a plan for that is kept when they are many.
  return tx.query<OpenListing>(
    `SELECT ${OPEN} FROM reconciliation.listing WHERE id = ANY($1::uuid[]) AND state = 'asked' ORDER BY id FOR UPDATE`,
    [ids],
  );
}

export interface HeardPage {
  readonly listingId: string;
  readonly page: number;
}

const pagesStatement = statement(
  'reconciliation.keep_listing_pages',
  `INSERT INTO reconciliation.listing_page (listing_id, page)
   SELECT "listingId", page FROM json_to_recordset($1) AS t("listingId" uuid, page int)
   ON CONFLICT (listing_id, page) DO NOTHING RETURNING listing_id AS "listingId", page`,
);

/** @returns those that are heard for the first time */
export async function keepPages(tx: Tx, pages: readonly HeardPage[]): Promise<readonly HeardPage[]> {
  return pages.length === 0 ? [] : tx.query<HeardPage>(pagesStatement, [JSON.stringify(pages)]);
}

export async function noteHeard(
  tx: Tx,
  heard: readonly { readonly id: string; readonly pages: number; readonly items: number }[],
): Promise<void> {
  if (heard.length === 0) return;
  await tx.query(
    `UPDATE reconciliation.listing l SET pages_in = l.pages_in + t.pages, items_in = l.items_in + t.items, heard_at = now()
     FROM json_to_recordset($1) AS t(id uuid, pages int, items int) WHERE l.id = t.id`,
    [JSON.stringify(heard)],
  );
}

/** How many pages there are: what is missing of them is still on its way. */
export async function noteEnd(
  tx: Tx,
  id: string,
  end: { readonly pages: number; readonly covers: readonly RecordKind[]; readonly toldAt: string | null },
): Promise<void> {
  await tx.query(
    `UPDATE reconciliation.listing SET pages = $2, covers = $3, told_at = $4, heard_at = now() WHERE id = $1`,
    [id, end.pages, end.covers, end.toldAt],
  );
}

/** The caller holds its lock. */
export async function closeListing(
  tx: Tx,
  id: string,
  state: Exclude<ListingState, 'asked'>,
  code: string | null,
): Promise<void> {
  await tx.query('DELETE FROM reconciliation.listing_page WHERE listing_id = $1', [id]);
  await tx.query(`UPDATE reconciliation.listing SET state = $2, code = $3, closed_at = now() WHERE id = $1`, [
    id,
    state,
    code,
  ]);
}

/** As many as are settled in one turn. */
const AT_ONCE = 20;

/** Of which every page is in. */
export async function findWhole(queryable: Queryable): Promise<readonly string[]> {
  const rows = await queryable.query<{ id: string }>(
    `SELECT id FROM reconciliation.listing WHERE state = 'asked' AND pages_in >= pages ORDER BY what DESC, id LIMIT ${AT_ONCE}`,
  );
  return rows.map(({ id }) => id);
}

/** Those of accounts of which nothing was heard for so long: as long as one listing of an account is being read, the others wait for it. */
export async function findSilent(queryable: Queryable, silenceMs: number): Promise<readonly string[]> {
  const rows = await queryable.query<{ id: string }>(
    `SELECT id FROM reconciliation.listing l
      WHERE state = 'asked' AND heard_at < now() - make_interval(secs => $1::float8 / 1000)
        AND NOT EXISTS (SELECT FROM reconciliation.listing o WHERE o.state = 'asked' AND o.gateway_account_id = l.gateway_account_id
          AND o.heard_at >= now() - make_interval(secs => $1::float8 / 1000))
      ORDER BY heard_at LIMIT ${AT_ONCE}`,
    [silenceMs],
  );
  return rows.map(({ id }) => id);
}

/** What is known of the source at the end of its listing. Before it is committed. */
export async function describeSource(
  tx: Tx,
  { id, covers, toldAt }: Pick<OpenListing, 'id' | 'covers' | 'toldAt'>,
): Promise<void> {
  await tx.query(
    'UPDATE reconciliation.source SET covers = $2, told_at = COALESCE($3::timestamptz, told_at) WHERE id = $1',
    [id, covers, toldAt?.toISOString() ?? null],
  );
}

export async function countWaiting(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM reconciliation.run WHERE state = 'waiting'`,
  );
  return row?.count ?? 0;
}
