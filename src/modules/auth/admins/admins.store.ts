import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { constraintOf } from '../../../kernel/database/sql-state.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { idRange, orderOf, type ListCursor } from '../lists.js';

/** A person who may sign in. */
export interface AdminRow {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: string;
  /** Counts up with everything that changes what they may do. */
  readonly version: number;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  /** When the second factor was set up; null: there is none. */
  readonly totpConfirmedAt: Date | null;
}

const ADMIN = `id, email, name, role, version::int AS version, created_at AS "createdAt", disabled_at AS "disabledAt",
  totp_confirmed_at AS "totpConfirmedAt"`;

const insertAdmin = statement(
  'auth.insert_admin',
  `INSERT INTO auth.admin_user (id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5) RETURNING ${ADMIN}`,
);
const selectAdmin = statement('auth.select_admin', `SELECT ${ADMIN} FROM auth.admin_user WHERE id = $1`);
const lockAdmin = statement('auth.lock_admin', `SELECT ${ADMIN} FROM auth.admin_user WHERE id = $1 FOR UPDATE`);
const selectAdminByEmail = statement(
  'auth.select_admin_by_email',
  `SELECT ${ADMIN} FROM auth.admin_user WHERE email = $1`,
);
const selectPasswordHash = statement(
  'auth.select_password_hash',
  `SELECT password_hash AS "passwordHash" FROM auth.admin_user WHERE id = $1`,
);
const updatePassword = statement('auth.update_password', 'UPDATE auth.admin_user SET password_hash = $2 WHERE id = $1');
const updateRole = statement(
  'auth.update_admin_role',
  `UPDATE auth.admin_user SET role = $2, version = version + 1 WHERE id = $1 RETURNING ${ADMIN}`,
);
const updateDisabled = statement(
  'auth.update_admin_disabled',
  `UPDATE auth.admin_user SET disabled_at = CASE WHEN $2 THEN now() END, version = version + 1 WHERE id = $1 RETURNING ${ADMIN}`,
);
const updateVersions = statement(
  'auth.update_admin_versions',
  `UPDATE auth.admin_user SET version = version + 1 WHERE role = $1 RETURNING ${ADMIN}`,
);
const countAdmins = statement(
  'auth.count_admins',
  `SELECT count(*)::int AS there FROM auth.admin_user WHERE disabled_at IS NULL AND role = ANY($1) AND id IS DISTINCT FROM $2::uuid`,
);

/** Whatever decides by who else there is comes one after the other. */
const lockTeam = statement('auth.lock_team', `SELECT pg_advisory_xact_lock(hashtext('auth.team'))`);

@Injectable()
export class AdminsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** @throws {DomainError} admin.email_taken */
  async insert(
    tx: Tx,
    admin: Pick<AdminRow, 'id' | 'email' | 'name' | 'role'> & { readonly passwordHash: string },
  ): Promise<AdminRow> {
    try {
      return one(
        await tx.query<AdminRow>(insertAdmin, [admin.id, admin.email, admin.name, admin.role, admin.passwordHash]),
      );
    } catch (error) {
      if (constraintOf(error) === 'admin_user_email_unique') throw new DomainError('admin.email_taken');
      throw error;
    }
  }

  async find(queryable: Queryable, id: string): Promise<AdminRow | undefined> {
    return (await queryable.query<AdminRow>(selectAdmin, [id]))[0];
  }

  async findByEmail(queryable: Queryable, email: string): Promise<AdminRow | undefined> {
    return (await queryable.query<AdminRow>(selectAdminByEmail, [email]))[0];
  }

  /** @throws {DomainError} admin.not_found */
  async lock(tx: Tx, id: string): Promise<AdminRow> {
    return one(await tx.query<AdminRow>(lockAdmin, [id]));
  }

  async lockTeam(tx: Tx): Promise<void> {
    await tx.query(lockTeam, []);
  }

  async passwordHashOf(queryable: Queryable, id: string): Promise<string> {
    return one(await queryable.query<{ passwordHash: string }>(selectPasswordHash, [id])).passwordHash;
  }

  async setPassword(tx: Tx, id: string, passwordHash: string): Promise<void> {
    await tx.query(updatePassword, [id, passwordHash]);
  }

  async setRole(tx: Tx, id: string, role: string): Promise<AdminRow> {
    return one(await tx.query<AdminRow>(updateRole, [id, role]));
  }

  async setDisabled(tx: Tx, id: string, disabled: boolean): Promise<AdminRow> {
    return one(await tx.query<AdminRow>(updateDisabled, [id, disabled]));
  }

  /** Gives everybody of a role a new version, since what the role may do has changed. */
  async renewVersions(tx: Tx, role: string): Promise<readonly AdminRow[]> {
    return tx.query<AdminRow>(updateVersions, [role]);
  }

  /** How many can sign in with one of these roles, besides one person. */
  async count(tx: Tx, roles: readonly string[], but: string | null): Promise<number> {
    return one(await tx.query<{ there: number }>(countAdmins, [roles, but])).there;
  }

  /** Newest first; with `before`, oldest first. */
  async list(cursor: ListCursor): Promise<AdminRow[]> {
    const rows = await this.database.prisma.adminUser.findMany({
      where: idRange(cursor),
      orderBy: { id: orderOf(cursor) },
      take: cursor.take,
      omit: { passwordHash: true, totpSecret: true, totpLastStep: true },
    });
    return rows.map((row) => ({ ...row, version: Number(row.version) }));
  }
}

function one<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new DomainError('admin.not_found');
  return row;
}
