/**
 * Makes the lines of a sealed source visible, chunk by chunk. Not at once: half a million lines take most of a minute, and for as long as a transaction
 * is open no event that was written after it began is handed on.
 */
import type { Database } from '../../../kernel/database/database.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { publishBankChunk } from '../bank/bank.store.js';
import { publishChunk } from '../lines/lines.store.js';
import { releaseWaiting } from '../runs/runs.store.js';
import { closePublished, findPublishing, lockPublishing, unstage } from './sources.store.js';

/** Lines per transaction: one or two hundred milliseconds. */
const CHUNK = 2_000;

/**
 * Goes on where the source is. Several processes may do it at once: each chunk is one's alone.
 * @param until by `performance.now()`; when it is over, the source is left to whoever comes next
 * @returns whether all of its lines are visible
 */
export async function publishSource(
  database: Database,
  sourceId: string,
  until = Number.POSITIVE_INFINITY,
  onPublished: (lines: number) => void = () => undefined,
): Promise<boolean> {
  let published = 0;
  for (let after: number | null = -1; after !== null;) {
    if (performance.now() > until) return false;
    const from: number = after;
    const chunk = await database.transaction(async (tx) => {
      const source = await lockPublishing(tx, sourceId);
      if (source === undefined) return undefined;
      const publish = source.kind === 'bank' ? publishBankChunk : publishChunk;
      const done = await publish(tx, sourceId, from, CHUNK);
      if (done !== undefined && done.last !== null) {
        await unstage(tx, sourceId, done.last, done.newLines);
        return done;
      }
      await closePublished(tx, sourceId);
      await releaseWaiting(tx, sourceId);
      return undefined;
    });
    after = chunk?.last ?? null;
    published += chunk?.taken ?? 0;
    onPublished(published);
  }
  return true;
}

/** How soon what a process has left behind is taken up. */
const EVERY_MS = 10_000;

/** Goes on with sources whose process died, or had no more time. */
export class PublishSources extends IntervalTask {
  constructor(database: Database, logger: Logger, onPublished: () => void) {
    super({
      name: 'reconciliation.publish_sources',
      everyMs: EVERY_MS,
      logger,
      run: async () => {
        for (const id of await findPublishing(database)) {
          await publishSource(database, id);
          onPublished();
        }
      },
    });
  }
}
