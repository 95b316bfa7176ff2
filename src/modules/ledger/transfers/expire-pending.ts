/** Gives free what was held for longer than it was to be. Only pending transfers with a time of expiry: holds have none. */
import type { Database } from '../../../kernel/database/database.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { findExpired } from './pending.store.js';
import { postTransfers } from './posting.store.js';
import { transferIdOf } from './transfer-id.js';
import type { PendingEnd } from './transfer.js';

/** From then on nothing can be posted of it whatever this does; a second later its money is there again. */
const EVERY_MS = 1_000;
/** Some 30 ms of locks. */
const EXPIRED_AT_ONCE = 500;

export class ExpirePending extends IntervalTask {
  constructor(database: Database, logger: Logger) {
    super({ name: 'ledger.expire_pending', everyMs: EVERY_MS, logger, run: () => expirePending(database, logger) });
  }
}

/** One step. Several processes may do this at once: the id of what expires a transfer is always the same. */
export async function expirePending(database: Database, logger: Logger): Promise<{ again: boolean }> {
  const overdue = await findExpired(database, EXPIRED_AT_ONCE);
  if (overdue.length === 0) return { again: false };
  const outcomes = await postTransfers(
    database,
    overdue.map(({ transferId, expiresAt }): PendingEnd => ({
      phase: 'expire',
      id: transferIdOf(transferId, 'expiry'),
      pendingId: transferId,
      effectiveAt: expiresAt,
    })),
  );
  const expired = outcomes.filter((outcome) => outcome === 'expired').length;
  if (expired > 0) logger.info({ transfers: expired }, 'pending transfers expired');
  // Those that somebody else has ended meanwhile are no longer found; if nothing moved, a second is waited.
  return { again: expired > 0 && overdue.length === EXPIRED_AT_ONCE };
}
