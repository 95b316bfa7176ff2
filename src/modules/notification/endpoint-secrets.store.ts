/** The SQL of endpoints' secrets. */
import type { Database } from '../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../kernel/database/tx.js';
import type { Sealed } from '../../kernel/secrets/vault.js';

/** A secret of an endpoint as it is kept: one of the two is null. */
export interface KeptSecret {
  /** Counts the endpoint's secrets, from {@link FIRST_GENERATION}. */
  readonly generation: number;
  /** In plain text, where an earlier version wrote it. */
  readonly secret: string | null;
  readonly sealed: unknown;
}

export const FIRST_GENERATION = 1;

/** With what it is sealed for. */
export interface SecretRow extends KeptSecret {
  /** The endpoint's. */
  readonly id: string;
  readonly merchantId: string;
}

/** The secret before the newest stays valid this long after a roll, so that receivers can be changed without a gap. */
const PREVIOUS_SECRET_VALID = '24 hours';

/** Valid secrets of endpoint `p`, newest first, as {@link KeptSecret}s. */
export const VALID_SECRETS = `ARRAY(SELECT json_build_object('generation', s.generation, 'secret', s.secret, 'sealed', s.sealed_secret)
  FROM notification.endpoint_secret s
  WHERE s.endpoint_id = p.id AND (s.expires_at IS NULL OR s.expires_at > now()) ORDER BY s.generation DESC)`;

const insertStatement = statement(
  'notification.insert_endpoint_secret',
  'INSERT INTO notification.endpoint_secret (endpoint_id, generation, sealed_secret) VALUES ($1, $2, $3::jsonb)',
);
const newestStatement = statement(
  'notification.newest_endpoint_secret',
  'SELECT coalesce(max(generation), 0)::integer AS generation FROM notification.endpoint_secret WHERE endpoint_id = $1',
);
const deleteOlderStatement = statement(
  'notification.delete_older_endpoint_secrets',
  'DELETE FROM notification.endpoint_secret WHERE endpoint_id = $1 AND generation < $2',
);
const expireStatement = statement(
  'notification.expire_endpoint_secrets',
  `UPDATE notification.endpoint_secret SET expires_at = now() + interval '${PREVIOUS_SECRET_VALID}' WHERE endpoint_id = $1`,
);
const deleteStatement = statement(
  'notification.delete_endpoint_secrets',
  'DELETE FROM notification.endpoint_secret WHERE endpoint_id = $1',
);

export async function insertSecret(tx: Tx, endpointId: string, generation: number, secret: Sealed): Promise<void> {
  await tx.query(insertStatement, [endpointId, generation, JSON.stringify(secret)]);
}

/**
 * Adds the secret of the next generation, and lets the one before expire; older ones go.
 * @param seal for that generation
 */
export async function addSecret(
  tx: Tx,
  endpointId: string,
  seal: (generation: number) => Promise<Sealed>,
): Promise<void> {
  const [row] = await tx.query<{ generation: number }>(newestStatement, [endpointId]);
  const newest = row?.generation ?? 0;
  await tx.query(deleteOlderStatement, [endpointId, newest]);
  await tx.query(expireStatement, [endpointId]);
  await insertSecret(tx, endpointId, newest + 1, await seal(newest + 1));
}

export async function deleteSecrets(tx: Tx, endpointId: string): Promise<void> {
  await tx.query(deleteStatement, [endpointId]);
}

const pageStatement = statement(
  'notification.endpoint_secrets',
  `SELECT s.endpoint_id AS id, s.generation, p.merchant_id AS "merchantId", s.secret, s.sealed_secret AS sealed
   FROM notification.endpoint_secret s
   CROSS JOIN LATERAL (SELECT * FROM notification.endpoint p WHERE p.id = s.endpoint_id LIMIT 1) p
   WHERE (s.endpoint_id, s.generation) > ($1::uuid, $2::integer) ORDER BY s.endpoint_id, s.generation LIMIT $3`,
);
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** All secrets, page by page: those after `last`, or the first ones. */
export function secretsAfter(
  db: Queryable,
  last: Pick<SecretRow, 'id' | 'generation'> | undefined,
  limit: number,
): Promise<SecretRow[]> {
  return db.query<SecretRow>(pageStatement, [last?.id ?? FIRST_ID, last?.generation ?? 0, limit]);
}

/** A secret never changes but by being sealed, so one that still is in plain text is the one that was read. */
const replaceStatement = statement(
  'notification.seal_endpoint_secret',
  `UPDATE notification.endpoint_secret SET secret = NULL, sealed_secret = $3::jsonb
   WHERE endpoint_id = $1 AND generation = $2 AND sealed_secret IS NOT DISTINCT FROM $4::jsonb RETURNING generation`,
);

/** @returns whether it still was what it was read as */
export async function replaceSecret(database: Database, was: SecretRow, fresh: Sealed): Promise<boolean> {
  const before = was.sealed === null ? null : JSON.stringify(was.sealed);
  const rows = await database.query(replaceStatement, [was.id, was.generation, JSON.stringify(fresh), before]);
  return rows.length > 0;
}
