import type { Tx } from '../database/tx.js';
import type { StoredEvent } from '../outbox/event.js';

interface WithAdmin {
  readonly admin: object;
}

/** Events of people and sessions into the projection, whatever order they come in: what ended stays over, and the highest version of a person holds. */
export async function projectSessions(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
  const payloads = (suffix: string): unknown[] =>
    events.filter((event) => event.type.endsWith(suffix)).map((event) => event.payload);
  const [started, proved, ended] = ['.session_started.v1', '.session_proved.v1', '.session_ended.v1'].map(payloads);
  const admins = [...payloads('.admin_changed.v1'), ...(started ?? []).map((payload) => (payload as WithAdmin).admin)];
  if (admins.length > 0)
    await tx.query(
      `INSERT INTO access.admin AS a (admin_id, version, permissions, disabled)
       SELECT DISTINCT ON (admin_id) admin_id, version, permissions, disabled
         FROM jsonb_to_recordset($1::jsonb) AS r(admin_id uuid, version bigint, permissions jsonb, disabled boolean) ORDER BY admin_id, version DESC
       ON CONFLICT (admin_id) DO UPDATE SET version = EXCLUDED.version, permissions = EXCLUDED.permissions, disabled = EXCLUDED.disabled,
         updated_at = now()
       WHERE a.version <= EXCLUDED.version`,
      [JSON.stringify(admins)],
    );
  if (started !== undefined && started.length > 0)
    await tx.query(
      `INSERT INTO access.session AS s (session_id, admin_id, token_hash, expires_at, last_seen_at, proved_at)
       SELECT session_id, (admin->>'admin_id')::uuid, decode(token_hash, 'hex'), expires_at, started_at, proved_at
         FROM jsonb_to_recordset($1::jsonb)
           AS r(session_id uuid, admin jsonb, token_hash text, expires_at timestamptz, started_at timestamptz, proved_at timestamptz)
        ORDER BY session_id
       ON CONFLICT (session_id) DO UPDATE SET admin_id = EXCLUDED.admin_id, token_hash = EXCLUDED.token_hash, expires_at = EXCLUDED.expires_at,
         last_seen_at = GREATEST(s.last_seen_at, EXCLUDED.last_seen_at), proved_at = GREATEST(s.proved_at, EXCLUDED.proved_at)`,
      [JSON.stringify(started)],
    );
  if (proved !== undefined && proved.length > 0)
    await tx.query(
      `INSERT INTO access.session AS s (session_id, proved_at)
       SELECT session_id, max(proved_at) FROM jsonb_to_recordset($1::jsonb) AS r(session_id uuid, proved_at timestamptz)
        GROUP BY session_id ORDER BY session_id
       ON CONFLICT (session_id) DO UPDATE SET proved_at = GREATEST(s.proved_at, EXCLUDED.proved_at)`,
      [JSON.stringify(proved)],
    );
  if (ended !== undefined && ended.length > 0)
    await tx.query(
      `INSERT INTO access.session AS s (session_id, ended_at)
       SELECT DISTINCT session_id, now() FROM jsonb_to_recordset($1::jsonb) AS r(session_id uuid) ORDER BY session_id
       ON CONFLICT (session_id) DO UPDATE SET ended_at = COALESCE(s.ended_at, EXCLUDED.ended_at)`,
      [JSON.stringify(ended)],
    );
}
