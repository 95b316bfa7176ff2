import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';

/** Why a session is over before its time. */
export type EndedReason = 'signed_out' | 'password_changed' | 'second_factor_changed' | 'disabled' | 'ended_by_admin';

export interface SessionRow {
  readonly id: string;
  readonly adminId: string;
  readonly startedAt: Date;
  /** When it ends, however busy it is. */
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly endedReason: string | null;
  /** From where. */
  readonly address: string;
  readonly userAgent: string;
}

const SESSION = `id, admin_id AS "adminId", started_at AS "startedAt", expires_at AS "expiresAt", ended_at AS "endedAt",
  ended_reason AS "endedReason", address, user_agent AS "userAgent"`;

const insertSession = statement(
  'auth.insert_session',
  `INSERT INTO auth.admin_session (id, admin_id, started_at, expires_at, address, user_agent)
   VALUES ($1, $2, now(), now() + make_interval(secs => $3), $4, $5) RETURNING ${SESSION}`,
);
const endSessions = statement(
  'auth.end_sessions',
  `UPDATE auth.admin_session SET ended_at = now(), ended_reason = $3
    WHERE admin_id = $1 AND ended_at IS NULL AND expires_at > now() AND ($2::uuid IS NULL OR id = $2) AND id IS DISTINCT FROM $4::uuid RETURNING id`,
);
const keepOpen = statement(
  'auth.keep_session_open',
  'SELECT id FROM auth.admin_session WHERE id = $1 AND ended_at IS NULL AND expires_at > now() FOR SHARE',
);
const selectSessions = statement(
  'auth.select_sessions',
  `SELECT ${SESSION} FROM auth.admin_session WHERE admin_id = $1 ORDER BY id DESC LIMIT $2`,
);

@Injectable()
export class SessionsStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  async insert(
    tx: Tx,
    session: Pick<SessionRow, 'id' | 'adminId' | 'address' | 'userAgent'> & { readonly lastsSeconds: number },
  ): Promise<SessionRow> {
    const { id, adminId, address, userAgent, lastsSeconds } = session;
    const [row] = await tx.query<SessionRow>(insertSession, [id, adminId, lastsSeconds, address, userAgent]);
    if (row === undefined) throw new Error('An INSERT ... RETURNING gave no row');
    return row;
  }

  /**
   * Ends somebody's sessions: one, or all but one.
   * @returns the ids of those that were live
   */
  async end(
    tx: Tx,
    which: { readonly adminId: string; readonly id?: string; readonly but?: string; readonly reason: EndedReason },
  ): Promise<readonly string[]> {
    const values = [which.adminId, which.id ?? null, which.reason, which.but ?? null];
    return (await tx.query<{ id: string }>(endSessions, values)).map(({ id }) => id);
  }

  /** Whoever would end it waits for the end of the transaction. @returns false where it is over */
  async keepOpen(tx: Tx, id: string): Promise<boolean> {
    return (await tx.query(keepOpen, [id])).length > 0;
  }

  /** The last ones, newest first. */
  async list(adminId: string, limit: number): Promise<readonly SessionRow[]> {
    return this.database.query<SessionRow>(selectSessions, [adminId, limit]);
  }
}
