/** Forgets gateways' webhooks after a while: their bodies hold personal data, and what they said has long been asked for or become a case. */
import type { Database } from '../../kernel/database/database.js';
import { earliestUuid } from '../../kernel/ids/ids.js';
import type { Logger } from '../../kernel/observability/logger.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import { deleteWebhooksBefore } from './webhooks.store.js';

export interface ForgetWebhooksOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly keepDays: number;
}

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Rows deleted per statement: some tens of milliseconds. */
export const FORGOTTEN_AT_ONCE = 1_000;

export class ForgetWebhooks extends IntervalTask {
  constructor(options: ForgetWebhooksOptions) {
    super({
      name: 'routing.forget_webhooks',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: () => forgetWebhooks(options),
    });
  }
}

/** One step. Several processes may do this at once. */
export async function forgetWebhooks(
  { database, logger, keepDays }: ForgetWebhooksOptions,
  nowMs: number = Date.now(),
): Promise<{ again: boolean }> {
  const deleted = await deleteWebhooksBefore(database, earliestUuid(nowMs - keepDays * DAY_MS), FORGOTTEN_AT_ONCE);
  if (deleted > 0) logger.info({ webhooks: deleted, keepDays }, 'forgot old webhooks from gateways');
  return { again: deleted === FORGOTTEN_AT_ONCE };
}
