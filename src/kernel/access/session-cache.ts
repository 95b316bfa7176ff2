import { Injectable } from '@nestjs/common';
import { Databases } from '../database/databases.js';
import { statement } from '../database/tx.js';
import { readPermissions } from './permissions.js';
import type { SessionPrincipal } from './principal.js';
import { Remembered } from './remembered.js';
import { hashSessionToken } from './session-token.js';

/** A session in which nobody asks for anything ends by itself. */
export const IDLE_SECONDS = 15 * 60;
/** That it is used is noted no oftener than so. */
const NOTE_EVERY_SECONDS = 30;
/** For how long the second factor counts as just shown. */
export const STEP_UP_SECONDS = 5 * 60;
/** Sessions remembered per process. */
const MAX_SESSIONS = 5_000;

interface SessionRow {
  readonly session_id: string;
  readonly admin_id: string;
  readonly expires_at: Date;
  readonly proved_at: Date | null;
  readonly proved_lately: boolean | null;
  readonly permissions: unknown;
}

const useStatement = statement(
  'access.use_session',
  `WITH live AS MATERIALIZED (
     SELECT s.session_id, s.admin_id, s.expires_at, s.proved_at, a.permissions, s.last_seen_at FROM access.session s
       JOIN access.admin a ON a.admin_id = s.admin_id
      WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => $2)
        AND NOT a.disabled
   ), noted AS (
     UPDATE access.session SET last_seen_at = now()
      WHERE $5::boolean AND session_id IN (SELECT session_id FROM live WHERE last_seen_at < now() - make_interval(secs => $3))
   )
   SELECT session_id, admin_id, expires_at, proved_at, proved_at > now() - make_interval(secs => $4) AS proved_lately, permissions FROM live`,
);

/** Whether somebody is there, or a program asks by itself. */
type Attendance = 'attended' | 'unattended';

/** Sessions to whom they are of, from the access projection. To ask is to use, but unattended: a session in which nobody asks ends. */
@Injectable()
export class SessionCache {
  /** Apart: what was remembered of a question that is no use would keep a use from being noted. */
  private readonly known: Readonly<Record<Attendance, Remembered<SessionPrincipal>>> = {
    attended: new Remembered(MAX_SESSIONS),
    unattended: new Remembered(MAX_SESSIONS),
  };

  constructor(private readonly databases: Databases) {}

  find(token: string, attendance: Attendance = 'attended'): Promise<SessionPrincipal | undefined> {
    return this.known[attendance].find(token, async () => {
      const isUse = attendance === 'attended';
      const values = [hashSessionToken(token), IDLE_SECONDS, NOTE_EVERY_SECONDS, STEP_UP_SECONDS, isUse];
      const [row] = await this.databases.of('kernel').query<SessionRow>(useStatement, values);
      return row === undefined ? undefined : toPrincipal(row, token);
    });
  }

  /** Forgets everything: a session began or ended in this process a moment ago, or what somebody may do was changed. */
  clear(): void {
    this.known.attended.clear();
    this.known.unattended.clear();
  }
}

/** Before the second factor was shown nothing is allowed. */
function toPrincipal(row: SessionRow, token: string): SessionPrincipal {
  return {
    kind: 'admin',
    id: row.admin_id,
    permissions: row.proved_at === null ? {} : readPermissions(row.permissions),
    session: {
      id: row.session_id,
      token,
      expiresAt: row.expires_at,
      provedAt: row.proved_at,
      provedLately: row.proved_lately === true,
    },
  };
}
