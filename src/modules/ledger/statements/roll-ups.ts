/** Keeps the totals by effective day up to date, so that a balance by day reads days and not entries. */
import type { Database } from '../../../kernel/database/database.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { rollUp } from './day-totals.store.js';

/** What an account took meanwhile is added up with every question: a thousand entries are some milliseconds. */
const EVERY_MS = 1_000;
/** Accounts in one transaction. */
const AT_ONCE = 20;

export class RollUps extends IntervalTask {
  constructor(database: Database, logger: Logger) {
    super({
      name: 'ledger.roll_ups',
      everyMs: EVERY_MS,
      logger,
      run: async () => ({ again: (await rollUp(database, AT_ONCE)) === AT_ONCE }),
    });
  }
}
