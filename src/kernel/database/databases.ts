import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { ENV } from '../kernel.tokens.js';
import { Logger } from '../observability/logger.js';
import { Database } from './database.js';

/**
 * The databases of this process, one per owner (a module, or `kernel`), each a pool under the owner's role. Made on
 * first use, so that a process which hosts two modules opens connections for two.
 */
@Injectable()
export class Databases {
  private readonly byOwner = new Map<string, Database>();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly logger: Logger,
  ) {}

  of(owner: string): Database {
    let database = this.byOwner.get(owner);
    if (database === undefined) {
      const url = this.env.databaseUrl;
      if (url === undefined)
        throw new Error('DATABASE_URL is not known: the embedded PostgreSQL must be started first');
      database = new Database({
        url,
        owner,
        poolSize: this.env.databasePoolSize,
        onIdleError: (error) =>
          this.logger.warn({ owner, error: error.message }, 'an idle database connection was lost'),
      });
      this.byOwner.set(owner, database);
    }
    return database;
  }

  /** For gauges: connections in use and waiting callers, by owner. */
  usage(): readonly { owner: string; total: number; idle: number; waiting: number }[] {
    return [...this.byOwner.values()].map(({ owner, pool }) => ({
      owner,
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }));
  }

  /** Closed by the kernel, after background tasks, consumers and HTTP have stopped. */
  async close(): Promise<void> {
    await Promise.all([...this.byOwner.values()].map((database) => database.close()));
  }
}
