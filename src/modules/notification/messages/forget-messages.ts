/** Forgets messages after a while, and what is sealed of them when its time is over: both are about people. */
import type { Database } from '../../../kernel/database/database.js';
import type { Queryable } from '../../../kernel/database/tx.js';
import { earliestUuid } from '../../../kernel/ids/ids.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { forgetOld } from './outgoing.store.js';

export interface ForgetMessagesOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly keepDays: number;
}

/** The content of an invitation that could not be sent is gone so long after its link has ended, at most. */
const EVERY_MS = 600_000;
const DAY_MS = 86_400_000;
/** Rows deleted per statement: some tens of milliseconds. */
const AT_ONCE = 1_000;

export class ForgetMessages extends IntervalTask {
  constructor(options: ForgetMessagesOptions) {
    super({
      name: 'notification.forget_messages',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: () => forgetMessages(options),
    });
  }
}

/** One step. Several processes may do this at once. */
export async function forgetMessages(
  { database, keepDays }: { readonly database: Queryable; readonly keepDays: number },
  nowMs: number = Date.now(),
): Promise<{ again: boolean }> {
  return { again: await forgetOld(database, earliestUuid(nowMs - keepDays * DAY_MS), AT_ONCE) };
}
