import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { EventHandler } from '../outbox/consumer.js';
import type { StoredEvent } from '../outbox/event.js';
import { CredentialCache } from './credential-cache.js';
import { projectSessions } from './project-sessions.js';
import { SessionCache } from './session-cache.js';

/**
 * Keeps access.credential, access.merchant_limits, access.session and access.admin in step with auth's events. The kernel knows events by name and shape only, not their contracts,
 * because contracts stand above it. They may arrive in any order: neither a revocation nor an end is ever undone, and of limits the highest version holds.
 */
@Injectable()
export class ProjectCredentials implements EventHandler {
  constructor(
    private readonly credentials: CredentialCache,
    private readonly sessions: SessionCache,
  ) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const payloads = (suffix: string): unknown[] =>
      events.filter((event) => event.type.endsWith(suffix)).map((event) => event.payload);
    const created = JSON.stringify([
      ...payloads('.api_key_created.v1').map((payload) => ({ ...(payload as object), kind: 'merchant' })),
      ...payloads('.admin_key_created.v1').map((payload) => ({ ...(payload as object), kind: 'admin' })),
    ]);
    await tx.query(
      `INSERT INTO access.credential AS c (key_id, kind, key_hash, merchant_id, livemode, platform_fee_bps, scopes, permissions)
       SELECT key_id, kind, decode(key_hash, 'hex'), merchant_id, livemode, platform_fee_bps, scopes, permissions
         FROM jsonb_to_recordset($1::jsonb)
           AS r(key_id uuid, kind text, key_hash text, merchant_id uuid, livemode boolean, platform_fee_bps integer, scopes text[], permissions jsonb)
        ORDER BY key_id
       ON CONFLICT (key_id) DO UPDATE SET kind = EXCLUDED.kind, key_hash = EXCLUDED.key_hash, merchant_id = EXCLUDED.merchant_id,
         livemode = EXCLUDED.livemode, platform_fee_bps = EXCLUDED.platform_fee_bps, scopes = EXCLUDED.scopes, permissions = EXCLUDED.permissions, updated_at = now()`,
      [created],
    );
    const rolled = JSON.stringify(payloads('.api_key_rolled.v1'));
    await tx.query(
      `INSERT INTO access.credential AS c (key_id, expires_at)
       SELECT key_id, min(expires_at) FROM jsonb_to_recordset($1::jsonb) AS r(key_id uuid, expires_at timestamptz) GROUP BY key_id ORDER BY key_id
       ON CONFLICT (key_id) DO UPDATE SET expires_at = LEAST(c.expires_at, EXCLUDED.expires_at), updated_at = now()`,
      [rolled],
    );
    const revoked = JSON.stringify([...payloads('.api_key_revoked.v1'), ...payloads('.admin_key_revoked.v1')]);
    await tx.query(
      `INSERT INTO access.credential AS c (key_id, revoked_at)
       SELECT DISTINCT key_id, now() FROM jsonb_to_recordset($1::jsonb) AS r(key_id uuid)
       ON CONFLICT (key_id) DO UPDATE SET revoked_at = COALESCE(c.revoked_at, EXCLUDED.revoked_at), updated_at = now()`,
      [revoked],
    );
    await projectLimits(tx, payloads('.merchant_limits_changed.v1'));
    await projectSessions(tx, events);
    tx.afterCommit(() => {
      this.credentials.clear();
      this.sessions.clear();
    });
  }
}

async function projectLimits(tx: Tx, changes: readonly unknown[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    `INSERT INTO access.merchant_limits AS l (merchant_id, version, rate_per_second, burst, max_in_flight)
     SELECT DISTINCT ON (merchant_id) merchant_id, version, (limits->>'rate_per_second')::integer, (limits->>'burst')::integer,
            (limits->>'max_in_flight')::integer
       FROM jsonb_to_recordset($1::jsonb) AS r(merchant_id uuid, version integer, limits jsonb) ORDER BY merchant_id, version DESC
     ON CONFLICT (merchant_id) DO UPDATE SET version = EXCLUDED.version, rate_per_second = EXCLUDED.rate_per_second, burst = EXCLUDED.burst,
       max_in_flight = EXCLUDED.max_in_flight, updated_at = now()
     WHERE l.version < EXCLUDED.version`,
    [JSON.stringify(changes)],
  );
}
