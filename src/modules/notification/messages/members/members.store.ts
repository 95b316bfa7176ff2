/** The SQL of merchants' members, as auth tells of them. */
import type { Language } from '../../../../config/message-settings.js';
import { statement, type Queryable, type Tx } from '../../../../kernel/database/tx.js';
import type { Sealed } from '../../../../kernel/secrets/vault.js';

/** Of what somebody is told; an owner of all of it. */
export type Subject = 'technical' | 'finance' | 'owner';

/** What is to be known of a member from a version on. `sealed`: null, with the rest, where they were removed. */
export interface MemberVersion {
  readonly id: string;
  readonly merchantId: string;
  readonly version: number;
  readonly language: Language | null;
  readonly subjects: readonly Subject[] | null;
  readonly sealed: Sealed | null;
}

export interface MemberRow {
  readonly id: string;
  readonly merchantId: string;
  readonly language: Language;
  readonly subjects: readonly Subject[];
  readonly sealed: Sealed;
}

const keepStatement = statement(
  'notification.keep_members',
  `INSERT INTO notification.member AS m (id, merchant_id, version, language, subjects, sealed)
   SELECT DISTINCT ON (id) id, "merchantId", version, language, subjects, sealed
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "merchantId" uuid, version integer, language text, subjects text[], sealed jsonb)
    ORDER BY id, version DESC
   ON CONFLICT (id) DO UPDATE SET version = excluded.version, language = excluded.language, subjects = excluded.subjects, sealed = excluded.sealed,
     updated_at = now()
   WHERE m.version < excluded.version`,
);

/** The highest version of each holds, in whatever order they come: nobody comes back by an event that is late. */
export async function keepMembers(tx: Tx, versions: readonly MemberVersion[]): Promise<void> {
  // A null that jsonb knows is not SQL's.
  const rows = versions.map(({ sealed, ...version }) => (sealed === null ? version : { ...version, sealed }));
  await tx.query(keepStatement, [JSON.stringify(rows)]);
}

const endStatement = statement(
  'notification.end_messages_to_members',
  `UPDATE notification.message SET state = 'abandoned', last_error = 'member_removed', next_attempt_at = NULL
    WHERE subject_id = ANY($1::uuid[]) AND state IN ('queued', 'sending')`,
);
const forgetStatement = statement(
  'notification.forget_members',
  `DELETE FROM notification.message_content WHERE message_id IN (SELECT id FROM notification.message WHERE subject_id = ANY($1::uuid[]))`,
);

/** What waits to be sent to them is not, and who they were is known of nothing that was. */
export async function forgetMembers(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(endStatement, [ids]);
  await tx.query(forgetStatement, [ids]);
}

/** Locked: who removes one of them waits, and then finds what is being queued here. */
const membersStatement = statement(
  'notification.members_of',
  `SELECT id, merchant_id AS "merchantId", language, subjects, sealed FROM notification.member
    WHERE merchant_id = ANY($1::uuid[]) AND sealed IS NOT NULL ORDER BY id FOR SHARE`,
);

export function membersOf(tx: Tx, merchantIds: readonly string[]): Promise<readonly MemberRow[]> {
  return tx.query<MemberRow>(membersStatement, [merchantIds]);
}

const sealedStatement = statement(
  'notification.sealed_members',
  'SELECT id, sealed FROM notification.member WHERE id > $1 AND sealed IS NOT NULL ORDER BY id LIMIT $2',
);
const replaceStatement = statement(
  'notification.replace_sealed_member',
  'UPDATE notification.member SET sealed = $2::jsonb WHERE id = $1 AND sealed = $3::jsonb RETURNING id',
);

export interface SealedMember {
  readonly id: string;
  readonly sealed: unknown;
}

/** By id, from one on. */
export function sealedMembersAfter(db: Queryable, id: string, limit: number): Promise<readonly SealedMember[]> {
  return db.query<SealedMember>(sealedStatement, [id, limit]);
}

/** @returns whether it still was what it was read as */
export async function replaceSealedMember(db: Queryable, id: string, sealed: Sealed, was: unknown): Promise<boolean> {
  return (await db.query(replaceStatement, [id, JSON.stringify(sealed), JSON.stringify(was)])).length > 0;
}
