/** One run per gateway account and day, when the day is over. */
import type { Env } from '../../../config/env.js';
import type { Database } from '../../../kernel/database/database.js';
import { databaseNow } from '../../../kernel/database/database-now.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { ScheduledTask } from '../../../kernel/queue/scheduled-task.js';
import { openRun } from '../listings/open-run.js';
import { DAILY, everyAccount, type Run } from './runs.store.js';

const DAY_MS = 86_400_000;
/** Two hours after midnight UTC, and so in all of West Africa: what a day began has ended at its gateways, as a rule. */
const PATTERN = '0 2 * * *';
/** Days that are looked back: whoever was away over a long weekend catches up. */
const DAYS = 4;

/** @returns the runs that are new: whoever does this second finds that all are there */
export async function openDailyRuns(database: Database, now: Date): Promise<readonly Run[]> {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const opened: Run[] = [];
  for (const account of await everyAccount(database))
    for (let back = DAYS; back >= 1; back -= 1) {
      const from = today - back * DAY_MS;
      const daily = { ...account, id: newUuid(), job: DAILY, requestedBy: null };
      const window = { from: new Date(from), to: new Date(from + DAY_MS) };
      // One list of settlements does for all of these days.
      const { run, isNew } = await openRun(database, { ...daily, ...window, withSettlements: back === 1 }, now);
      if (isNew) opened.push(run);
    }
  return opened;
}

export class DailyRuns extends ScheduledTask {
  constructor(database: Database, env: Env, logger: Logger, onOpened: () => void) {
    super({
      env,
      logger,
      name: 'reconciliation.daily_runs',
      repeat: { pattern: PATTERN },
      run: async () => {
        const opened = await openDailyRuns(database, await databaseNow(database));
        if (opened.length > 0) logger.info({ runs: opened.length }, 'reconciliation runs are due');
        onOpened();
      },
    });
  }
}
