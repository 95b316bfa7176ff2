import { Injectable } from '@nestjs/common';
import type { Language } from '../../../config/message-settings.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import { idRange, orderOf, type ListCursor } from '../lists.js';

/** Of what somebody is told. An owner is told all of it. */
export const SUBJECTS = ['technical', 'finance', 'owner'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Whom a merchant is told through. */
export interface MemberFields {
  /** In small letters. */
  readonly email: string;
  readonly name: string | null;
  /** E.164; null: no SMS. */
  readonly phone: string | null;
  readonly language: Language;
  readonly subjects: readonly Subject[];
}

export interface MemberRow extends MemberFields {
  readonly id: string;
  readonly merchantId: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A team, with those on holiday. Each is another message of every event. */
export const MAX_MEMBERS = 20;

const MEMBER = `id, merchant_id AS "merchantId", email, name, phone, language, subjects, version, created_at AS "createdAt", updated_at AS "updatedAt"`;

const lockMembers = statement(
  'auth.lock_merchant_members',
  `SELECT pg_advisory_xact_lock(hashtext('auth.merchant_member'), hashtext($1::text))`,
);
const countMembers = statement(
  'auth.count_merchant_members',
  'SELECT count(*)::integer AS members FROM auth.merchant_member WHERE merchant_id = $1',
);
const insertMember = statement(
  'auth.insert_merchant_member',
  `INSERT INTO auth.merchant_member (id, merchant_id, email, name, phone, language, subjects) VALUES ($1, $2, $3, $4, $5, $6, $7)
   ON CONFLICT (merchant_id, email) DO NOTHING RETURNING ${MEMBER}`,
);
const lockMember = statement(
  'auth.lock_merchant_member',
  `SELECT ${MEMBER} FROM auth.merchant_member WHERE id = $1 AND merchant_id = $2 FOR UPDATE`,
);
const findByEmail = statement(
  'auth.find_merchant_member_by_email',
  'SELECT id FROM auth.merchant_member WHERE merchant_id = $1 AND email = $2',
);
const updateMember = statement(
  'auth.update_merchant_member',
  `UPDATE auth.merchant_member SET version = version + 1, email = $2, name = $3, phone = $4, language = $5, subjects = $6, updated_at = now()
    WHERE id = $1 RETURNING ${MEMBER}`,
);
const deleteMember = statement('auth.delete_merchant_member', 'DELETE FROM auth.merchant_member WHERE id = $1');

/** The SQL of merchants' members. */
@Injectable()
export class MembersStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** Whoever adds or changes members of the merchant waits here for who does already, before locking any of them. */
  async lockAll(tx: Tx, merchantId: string): Promise<void> {
    await tx.query(lockMembers, [merchantId]);
  }

  async count(tx: Tx, merchantId: string): Promise<number> {
    const [row] = await tx.query<{ members: number }>(countMembers, [merchantId]);
    return row?.members ?? 0;
  }

  /** @returns undefined when the merchant has somebody of that address already */
  async insert(tx: Tx, id: string, merchantId: string, fields: MemberFields): Promise<MemberRow | undefined> {
    return (await tx.query<MemberRow>(insertMember, [id, merchantId, ...valuesOf(fields)]))[0];
  }

  /** Whoever changes somebody waits here for who does already. */
  async lock(tx: Tx, merchantId: string, id: string): Promise<MemberRow | undefined> {
    return (await tx.query<MemberRow>(lockMember, [id, merchantId]))[0];
  }

  async findIdByEmail(tx: Tx, merchantId: string, email: string): Promise<string | undefined> {
    return (await tx.query<{ id: string }>(findByEmail, [merchantId, email]))[0]?.id;
  }

  async update(tx: Tx, id: string, fields: MemberFields): Promise<MemberRow> {
    const [row] = await tx.query<MemberRow>(updateMember, [id, ...valuesOf(fields)]);
    if (row === undefined) throw new Error('A row that is locked was not updated');
    return row;
  }

  async delete(tx: Tx, id: string): Promise<void> {
    await tx.query(deleteMember, [id]);
  }

  /** Newest first; with `before`, oldest first. */
  async list(merchantId: string, cursor: ListCursor): Promise<MemberRow[]> {
    const rows = await this.database.prisma.merchantMember.findMany({
      where: { merchantId, ...idRange(cursor) },
      orderBy: { id: orderOf(cursor) },
      take: cursor.take,
    });
    // The table's CHECKs say which there are.
    return rows.map((row) => ({ ...row, language: row.language as Language, subjects: row.subjects as Subject[] }));
  }
}

function valuesOf({ email, name, phone, language, subjects }: MemberFields): readonly unknown[] {
  return [email, name, phone, language, subjects];
}
