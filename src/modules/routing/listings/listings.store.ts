/** Listings in PostgreSQL: who reads which, and how far it is. */
import { SQL_STATE } from '../../../kernel/database/sql-state.js';
import type { Queryable, Tx } from '../../../kernel/database/tx.js';
import { codeOf } from '../../../kernel/errors/describe.js';
import type { Listing, ListingEnd, ListingRequest } from './listing.js';

/** Asked for again, it is the same listing. In the order of their ids, in which others lock them. */
export async function insertListings(tx: Tx, requests: readonly ListingRequest[]): Promise<void> {
  if (requests.length === 0) return;
  await tx.query(
    `INSERT INTO routing.listing (id, gateway_account_id, what, window_from, window_to, caused_by, headers)
     SELECT id, "gatewayAccountId", what, "from", "to", "causedBy", headers
       FROM json_to_recordset($1) AS t(id uuid, "gatewayAccountId" uuid, what text, "from" timestamptz, "to" timestamptz, "causedBy" uuid, headers jsonb)
      ORDER BY id
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(requests)],
  );
}

/** Whoever reads one of them finds out at the next page. */
export async function cancelListings(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `UPDATE routing.listing SET state = 'canceled', ended_at = now(), lease_until = NULL
      WHERE id IN (SELECT id FROM routing.listing WHERE id = ANY($1::uuid[]) AND state IN ('queued', 'reading') ORDER BY id FOR UPDATE)`,
    [ids],
  );
}

const LISTING = `id, gateway_account_id AS "gatewayAccountId", what, window_from AS "from", window_to AS "to", caused_by AS "causedBy", headers, cursor,
  calls, pages, tries, fence, asked_at AS "askedAt", progress_at AS "progressAt"`;

/*
 * One that is due, unless another of its account is being read: transactions first, since runs wait for them. Two of one account that are
 * taken up at the same moment meet the unique index, and one of them waits for its next turn. Not prepared: what is due is little.
 */
const CLAIM = `UPDATE routing.listing l SET state = 'reading', fence = l.fence + 1, lease_until = now() + make_interval(secs => $1::float8 / 1000),
     progress_at = CASE WHEN l.asked_at IS NULL THEN now() ELSE l.progress_at END, asked_at = COALESCE(l.asked_at, now())
   WHERE l.id = (
     SELECT d.id FROM routing.listing d
      WHERE d.state IN ('queued', 'reading') AND d.next_attempt_at <= now() AND (d.state = 'queued' OR d.lease_until < now())
        AND NOT EXISTS (SELECT FROM routing.listing o WHERE o.gateway_account_id = d.gateway_account_id AND o.state = 'reading' AND o.id <> d.id)
      ORDER BY d.what DESC, d.next_attempt_at, d.id LIMIT 1 FOR UPDATE SKIP LOCKED)
   RETURNING ${LISTING}`;

/** Takes up a listing that is due, or one whose process died. */
export async function claimListing(queryable: Queryable, leaseMs: number): Promise<Listing | undefined> {
  try {
    const [listing] = await queryable.query<Listing>(CLAIM, [leaseMs]);
    return listing;
  } catch (error) {
    if (codeOf(error) === SQL_STATE.uniqueViolation) return undefined;
    throw error;
  }
}

/** Raised in a process that slept through its lease, or when the listing is not wanted any more: nothing of the transaction may stay. */
export class LostListing extends Error {
  override readonly name = 'LostListing';
}

type Taken = Pick<Listing, 'id' | 'fence'>;

/**
 * Says how far it is, and renews the lease.
 * @param pages that are announced with it
 * @throws {LostListing}
 */
export async function advanceListing(
  tx: Tx,
  { id, fence }: Taken,
  to: { readonly cursor: string | null; readonly pages: number; readonly leaseMs: number },
): Promise<void> {
  const rows = await tx.query(
    `UPDATE routing.listing SET cursor = $3, calls = calls + 1, pages = pages + $4, tries = 0, code = NULL, progress_at = now(),
       lease_until = now() + make_interval(secs => $5::float8 / 1000)
      WHERE id = $1 AND fence = $2 AND state = 'reading' RETURNING 1`,
    [id, fence, to.cursor, to.pages, to.leaseMs],
  );
  if (rows.length === 0) throw new LostListing(`Listing ${id} is another process's, or over`);
}

/** @throws {LostListing} */
export async function endListing(tx: Tx, { id, fence }: Taken, end: ListingEnd, code: string | null): Promise<void> {
  const rows = await tx.query(
    `UPDATE routing.listing SET state = $3, code = $4, ended_at = now(), lease_until = NULL
      WHERE id = $1 AND fence = $2 AND state = 'reading' RETURNING 1`,
    [id, fence, end, code],
  );
  if (rows.length === 0) throw new LostListing(`Listing ${id} is another process's, or over`);
}

/** Gives it back, to be taken up again from where it is. Nothing happens when it is another process's. */
export async function postponeListing(
  queryable: Queryable,
  { id, fence }: Taken,
  after: { readonly pauseMs: number; readonly failure: string | null },
): Promise<void> {
  await queryable.query(
    `UPDATE routing.listing SET state = 'queued', lease_until = NULL, next_attempt_at = now() + make_interval(secs => $3::float8 / 1000),
       tries = tries + CASE WHEN $4::text IS NULL THEN 0 ELSE 1 END, code = $4
      WHERE id = $1 AND fence = $2 AND state = 'reading'`,
    [id, fence, after.pauseMs, after.failure],
  );
}

/** How many are under way, by what they are of. */
export async function countOpenListings(
  queryable: Queryable,
): Promise<readonly { readonly what: string; readonly count: number }[]> {
  return queryable.query(
    `SELECT w.what, count(l.id)::int AS count FROM (VALUES ('transactions'), ('settlements')) w(what)
       LEFT JOIN routing.listing l ON l.what = w.what AND l.state IN ('queued', 'reading') GROUP BY w.what`,
  );
}
