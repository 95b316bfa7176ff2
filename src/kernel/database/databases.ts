import { Inject, Injectable } from '@nestjs/common';
import type pg from 'pg';
import type { Env } from '../../config/env.js';
import { ENV } from '../kernel.tokens.js';
import { Logger } from '../observability/logger.js';
import { Database } from './database.js';
import { databaseUrlOf, type DatabaseHome } from './homes.js';

/**
 * The databases of this process, one per owner (a module, or `kernel`), each a pool under the owner's role to the database
 * where the owner lives. Made on first use, so that a process which hosts two modules opens connections for two.
 */
@Injectable()
export class Databases {
  private readonly byOwner = new Map<string, Database>();

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly logger: Logger,
  ) {}

  of(owner: string): Database {
    return this.byOwner.get(owner) ?? this.open(owner, owner, databaseUrlOf(this.env, owner));
  }

  /** The kernel's way into any database: to its outbox and inbox, and what else it keeps beside the modules that live there. */
  at(home: DatabaseHome): Database {
    if (home.owners.includes('kernel')) return this.of('kernel');
    const name = `kernel@${home.name}`;
    return this.byOwner.get(name) ?? this.open(name, 'kernel', home.url);
  }

  /** For gauges: connections in use and waiting callers, by owner. */
  usage(): readonly { owner: string; total: number; idle: number; waiting: number }[] {
    const usageOf = (owner: string, pool: pg.Pool) => ({
      owner,
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    });
    return [...this.byOwner].flatMap(([owner, { pool, tenantPool }]) =>
      tenantPool === undefined
        ? [usageOf(owner, pool)]
        : [usageOf(owner, pool), usageOf(`${owner}_tenant`, tenantPool)],
    );
  }

  private open(name: string, owner: string, url: string): Database {
    const database = new Database({
      url,
      owner,
      poolSize: this.env.databasePoolSize,
      onIdleError: (error) =>
        this.logger.warn({ owner: name, error: error.message }, 'an idle database connection was lost'),
    });
    this.byOwner.set(name, database);
    return database;
  }

  /** Closed by the kernel, after background tasks, consumers and HTTP have stopped. */
  async close(): Promise<void> {
    await Promise.all([...this.byOwner.values()].map((database) => database.close()));
  }
}
