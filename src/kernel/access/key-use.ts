/** Tells when keys were last used. It is noted where they are checked, at every request that asks; told every few seconds, for all of them at once. */
import { z } from 'zod';
import type { Database } from '../database/database.js';
import { statement } from '../database/tx.js';
import { newId, newUuid } from '../ids/ids.js';
import type { Logger } from '../observability/logger.js';
import { appendEvents } from '../outbox/append.js';
import { defineEvent, newEvent } from '../outbox/event.js';
import { IntervalTask } from '../queue/interval-task.js';

export const keysUsed = defineEvent(
  'access.keys_used.v1',
  'key_use',
  'When keys, of merchants and of the admin API, were last used; to the minute.',
  z.object({ keys: z.array(z.object({ key_id: z.uuid(), used_at: z.iso.datetime({ offset: true }) })) }),
);

const EVERY_MS = 10_000;
const MAX_KEYS = 500;

const takeUntold = statement(
  'access.take_untold_uses',
  `UPDATE access.credential SET told_used_at = last_used_at
    WHERE key_id IN (SELECT key_id FROM access.credential WHERE is_use_untold ORDER BY key_id LIMIT $1 FOR UPDATE SKIP LOCKED)
   RETURNING key_id, last_used_at`,
);

export interface KeyUseOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly isLeader: () => boolean;
}

export class KeyUse extends IntervalTask {
  constructor(options: KeyUseOptions) {
    super({ name: 'key use', everyMs: EVERY_MS, logger: options.logger, run: () => tellKeyUse(options) });
  }
}

/** `again`: there are more than one event tells of. */
export async function tellKeyUse({ database, isLeader }: KeyUseOptions): Promise<{ again: boolean }> {
  if (!isLeader()) return { again: false };
  return database.transaction(async (tx) => {
    const rows = await tx.query<{ key_id: string; last_used_at: Date }>(takeUntold, [MAX_KEYS]);
    if (rows.length === 0) return { again: false };
    const keys = rows.map((row) => ({ key_id: row.key_id, used_at: row.last_used_at.toISOString() }));
    const context = { aggregateId: newUuid(), merchantId: null, cause: { correlationId: newId('request') } };
    await appendEvents(tx, [newEvent(keysUsed, context, { keys })]);
    return { again: rows.length === MAX_KEYS };
  });
}
