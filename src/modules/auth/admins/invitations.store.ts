import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';

export interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  /** The admin, person or key; null: the command line. */
  readonly invitedBy: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const INVITATION = `id, email, name, role, invited_by AS "invitedBy", created_at AS "createdAt", expires_at AS "expiresAt"`;
/** Neither accepted nor withdrawn. */
const OPEN = 'open_email IS NOT NULL';

const withdrawByEmail = statement(
  'auth.withdraw_invitations',
  `UPDATE auth.admin_invitation SET withdrawn_at = now() WHERE open_email = $1`,
);
const withdrawOne = statement(
  'auth.withdraw_invitation',
  `UPDATE auth.admin_invitation SET withdrawn_at = now() WHERE id = $1 AND ${OPEN} RETURNING ${INVITATION}`,
);
const insertInvitation = statement(
  'auth.insert_invitation',
  `INSERT INTO auth.admin_invitation (id, email, name, role, token_hash, invited_by, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)) RETURNING ${INVITATION}`,
);
const lockByToken = statement(
  'auth.lock_invitation',
  `SELECT ${INVITATION} FROM auth.admin_invitation WHERE token_hash = $1 AND ${OPEN} AND expires_at > now() FOR UPDATE`,
);
const acceptInvitation = statement(
  'auth.accept_invitation',
  'UPDATE auth.admin_invitation SET accepted_at = now(), accepted_by = $2 WHERE id = $1',
);
const selectOpen = statement(
  'auth.select_open_invitations',
  `SELECT ${INVITATION} FROM auth.admin_invitation WHERE ${OPEN} AND expires_at > now() ORDER BY id DESC LIMIT $1`,
);

@Injectable()
export class InvitationsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** Takes the place of an earlier one to the same address. */
  async insert(
    tx: Tx,
    invitation: Pick<InvitationRow, 'id' | 'email' | 'name' | 'role' | 'invitedBy'> & {
      readonly tokenHash: Buffer;
      readonly lastsSeconds: number;
    },
  ): Promise<InvitationRow> {
    const { id, email, name, role, tokenHash, invitedBy, lastsSeconds } = invitation;
    await tx.query(withdrawByEmail, [email]);
    const values = [id, email, name, role, tokenHash, invitedBy, lastsSeconds];
    const [row] = await tx.query<InvitationRow>(insertInvitation, values);
    if (row === undefined) throw new Error('An INSERT ... RETURNING gave no row');
    return row;
  }

  /** Locked; undefined where it is used, withdrawn, over, or was never ours. */
  async lockByToken(tx: Tx, tokenHash: Buffer): Promise<InvitationRow | undefined> {
    return (await tx.query<InvitationRow>(lockByToken, [tokenHash]))[0];
  }

  async accept(tx: Tx, id: string, adminId: string): Promise<void> {
    await tx.query(acceptInvitation, [id, adminId]);
  }

  /** @returns undefined where there is none that is open */
  async withdraw(id: string): Promise<InvitationRow | undefined> {
    return (await this.database.query<InvitationRow>(withdrawOne, [id]))[0];
  }

  /** Those that can be accepted, newest first. */
  async listOpen(limit: number): Promise<readonly InvitationRow[]> {
    return this.database.query<InvitationRow>(selectOpen, [limit]);
  }
}
