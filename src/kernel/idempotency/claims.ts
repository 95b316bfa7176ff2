/**
 * What statements that claim keys for many requests at once have in common. Such a statement reads its claims as `t` out of one JSON
 * document, looks for their keys as `k`, and keeps as `fresh` those that are to be done (see accept.store.ts of payments).
 */
import { isUniqueViolation } from '../database/sql-state.js';
import type { CompletedResponse, KeyScope } from './idempotency-cache.js';

/** A key that is to be claimed in the commit that does what its request asks for. */
export interface KeyClaim {
  readonly scope: KeyScope;
  readonly route: string;
  readonly fingerprint: Buffer;
  /** The answer, when it is known already; a caller who waits for the outcome leases the key instead. */
  readonly response: CompletedResponse | undefined;
  readonly leaseSeconds: number;
}

/** A key's row as a claiming statement returns it. */
export interface KeyRow {
  readonly fingerprint: Buffer;
  readonly resourceId: string;
  readonly status: number | null;
  readonly body: string | null;
  readonly fence: bigint;
  readonly leaseExpired: boolean;
}

/** The columns that {@link claimColumns} writes. */
export const CLAIM_COLUMNS =
  'merchant_id uuid, livemode boolean, key text, route text, fingerprint text, response_status smallint, response_body text, lease_seconds float8';

export function claimColumns({ scope, route, fingerprint, response, leaseSeconds }: KeyClaim): Record<string, unknown> {
  return {
    merchant_id: scope.merchantId,
    livemode: scope.livemode,
    key: scope.key,
    route,
    fingerprint: fingerprint.toString('hex'),
    response_status: response?.status ?? null,
    response_body: response?.body ?? null,
    lease_seconds: leaseSeconds,
  };
}

/*
 * LATERAL with LIMIT 1 makes PostgreSQL probe the index once per row whatever it believes about the size of the table:
 * a cached plan made while it was empty would otherwise go on scanning it when it is not.
 */
export const KNOWN_KEY =
  'LEFT JOIN LATERAL (SELECT * FROM idempotency.key k WHERE k.merchant_id = t.merchant_id AND k.livemode = t.livemode AND k.key = t.key LIMIT 1) k ON true';
export const KNOWN_KEY_COLUMNS = `k.fingerprint AS known_fingerprint, k.resource_id, k.status AS known_status, k.body AS known_body, k.fence,
            k.locked_until < now() AS lease_expired`;
/** Their names alone, for what reads them further on. */
export const KNOWN_KEY_NAMES = 'known_fingerprint, resource_id, known_status, known_body, fence, lease_expired';

/** @param resource the column of `fresh` that holds the id of what the key stands for */
export function insertKeys(resource: string): string {
  return `INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, status, body, locked_until)
     SELECT merchant_id, livemode, key, route, decode(fingerprint, 'hex'), ${resource}, response_status, response_body,
            CASE WHEN response_status IS NULL THEN now() + make_interval(secs => lease_seconds) END
       FROM fresh ORDER BY merchant_id, livemode, key`;
}

export interface KnownKeyColumns {
  readonly known_fingerprint: Buffer | null;
  readonly resource_id: string | null;
  readonly known_status: number | null;
  readonly known_body: string | null;
  readonly fence: bigint | null;
  readonly lease_expired: boolean | null;
}

/** The key as it was found; undefined where there was none. */
export function knownKey(row: KnownKeyColumns): KeyRow | undefined {
  if (row.known_fingerprint === null || row.resource_id === null) return undefined;
  return {
    fingerprint: row.known_fingerprint,
    resourceId: row.resource_id,
    status: row.known_status,
    body: row.known_body,
    fence: row.fence ?? 1n,
    leaseExpired: row.lease_expired ?? false,
  };
}

/** Another process may claim the same key or reference between our look and our insert; the second look then sees it. */
const MAX_RACES = 5;

/**
 * Does a batch, with all that share a name (a key, a reference) one after the other, so that the later ones see the first; and once
 * more when others were faster.
 * @returns the rows of all the calls
 */
export async function claimDistinct<Item, Row>(
  items: readonly Item[],
  namesOf: (item: Item) => readonly string[],
  claim: (items: readonly Item[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let remaining = items;
  while (remaining.length > 0) {
    const taken = new Set<string>();
    const now: Item[] = [];
    const later: Item[] = [];
    for (const item of remaining) {
      const names = namesOf(item);
      if (names.some((name) => taken.has(name))) later.push(item);
      else {
        now.push(item);
        for (const name of names) taken.add(name);
      }
    }
    rows.push(...(await untilNobodyIsFaster(() => claim(now))));
    remaining = later;
  }
  return rows;
}

async function untilNobodyIsFaster<T>(work: () => Promise<T>): Promise<T> {
  for (let race = 1; ; race += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isUniqueViolation(error) || race === MAX_RACES) throw error;
    }
  }
}
