/** Looks at how endpoints' secrets are kept, at the start and from time to time, and says what somebody should do about it. */
import type { Database } from '../../kernel/database/database.js';
import type { Logger } from '../../kernel/observability/logger.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import type { Vault } from '../../kernel/secrets/vault.js';
import { howSecretsAreKept } from './endpoint-secrets.js';
import type { NotificationMetrics } from './notification.metrics.js';

export interface WatchSecretsOptions {
  readonly database: Database;
  readonly vault: Vault;
  readonly logger: Logger;
  readonly metrics: NotificationMetrics;
}

/** Often enough that nobody forgets it, and that a rotation is seen in the metrics on the same day. */
const EVERY_MS = 3_600_000;

export class WatchSecrets extends IntervalTask {
  constructor(options: WatchSecretsOptions) {
    super({
      name: 'notification.watch_secrets',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: () => watchSecrets(options),
    });
  }
}

export async function watchSecrets({ database, vault, logger, metrics }: WatchSecretsOptions): Promise<void> {
  const kept = await howSecretsAreKept(database, vault);
  metrics.secretsKept(kept);
  if (kept.open > 0)
    logger.warn(
      { secrets: kept.open },
      'secrets of webhook endpoints lie in the database in plain text: `npm run cli -- master-key rotate` seals them',
    );
  if (kept.locked > 0)
    logger.error(
      { secrets: kept.locked, masterKeys: kept.missingKeys },
      'secrets of webhook endpoints are sealed under master keys that MASTER_KEYS lacks: nothing is sent to those endpoints',
    );
}
