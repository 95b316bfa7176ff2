/** A person in a session, as the kernel's access projection has them after auth announced it. */
import {
  csrfTokenOf,
  hashSessionToken,
  newSessionToken,
  SESSION_COOKIE,
} from '../../src/kernel/access/session-token.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import type { TestDatabase } from './database.js';

export interface PersonInSession {
  readonly id: string;
  readonly sessionId: string;
  /** What shows who they are. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @param permissions by area */
export async function personIn(
  database: Pick<TestDatabase, 'query'>,
  permissions: Readonly<Record<string, string>>,
): Promise<PersonInSession> {
  const [id, sessionId, token] = [newUuid(), newUuid(), newSessionToken()];
  await database.query(
    'INSERT INTO access.admin (admin_id, version, permissions, disabled) VALUES ($1, 1, $2, false)',
    [id, JSON.stringify(permissions)],
  );
  await database.query(
    `INSERT INTO access.session (session_id, admin_id, token_hash, expires_at, last_seen_at, proved_at)
     VALUES ($1, $2, $3, now() + interval '12 hours', now(), now())`,
    [sessionId, id, hashSessionToken(token)],
  );
  return { id, sessionId, headers: { cookie: `${SESSION_COOKIE}=${token}`, 'x-csrf-token': csrfTokenOf(token) } };
}
