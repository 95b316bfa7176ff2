/** Gives up on sources that nobody finished: a process that took one in died, and whoever gave it has given it again or will. */
import type { Database } from '../../../kernel/database/database.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { abandonSource, findForgotten } from './lines.store.js';

const EVERY_MS = 3_600_000;
/** No file takes a fraction of that to read, and no gateway is asked for so long. */
const FORGOTTEN_AFTER_DAYS = 1;

export class ForgetStaged extends IntervalTask {
  constructor(database: Database, logger: Logger) {
    super({
      name: 'reconciliation.forget_staged',
      everyMs: EVERY_MS,
      logger,
      run: async () => {
        for (const id of await findForgotten(database, FORGOTTEN_AFTER_DAYS))
          await database.transaction((tx) => abandonSource(tx, id, 'nobody finished it'));
      },
    });
  }
}
