/** The SQL of sealing contents anew. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import type { Sealed } from '../../../kernel/secrets/vault.js';

const selectSealed = statement(
  'notification.sealed_contents',
  'SELECT message_id AS id, sealed FROM notification.message_content WHERE message_id > $1 ORDER BY message_id LIMIT $2',
);
const replaceStatement = statement(
  'notification.replace_sealed_content',
  'UPDATE notification.message_content SET sealed = $2::jsonb WHERE message_id = $1 AND sealed = $3::jsonb RETURNING message_id',
);

/** Of a message, as it is kept. */
export interface SealedContent {
  readonly id: string;
  readonly sealed: unknown;
}

/** By id, from one on. */
export function sealedAfter(db: Queryable, id: string, limit: number): Promise<readonly SealedContent[]> {
  return db.query(selectSealed, [id, limit]);
}

/** @returns whether it still was what it was read as */
export async function replaceSealed(db: Queryable, id: string, sealed: Sealed, was: unknown): Promise<boolean> {
  return (await db.query(replaceStatement, [id, JSON.stringify(sealed), JSON.stringify(was)])).length > 0;
}
