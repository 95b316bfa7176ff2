import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Databases } from '../database/databases.js';
import type { DatabaseHome } from '../database/homes.js';
import { statement } from '../database/tx.js';
import { describeError } from '../errors/describe.js';
import { HOMES } from '../kernel.tokens.js';
import { Logger } from '../observability/logger.js';

/** How often the outboxes are looked at, while somebody watches. */
const LOOK_EVERY_MS = 1_000;

/**
 * What is older than the oldest transaction still running is final: nothing appears below that horizon any more, so that each look goes on
 * exactly where the one before it ended. A first look ($1 is null) finds nothing.
 */
const changesStatement = statement(
  'messaging.changes',
  `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon, ARRAY(
     SELECT DISTINCT split_part(type, '.', 1) FROM messaging.outbox
      WHERE xid >= $1::xid8 AND xid < pg_snapshot_xmin(pg_current_snapshot())) AS modules`,
);

export interface Watcher {
  /** In these modules something has happened; empty: nothing, but the program still looks. Must not throw. */
  changed(modules: ReadonlySet<string>): void;
  /** The process ends. */
  end(): void;
}

/**
 * Tells in which modules something has happened, by the events in their outboxes; looks there only while somebody wants to know, once for
 * all of them. It says where to look again, not what happened: nobody learns by it what they may not read.
 */
@Injectable()
export class Changes implements BeforeApplicationShutdown {
  private readonly watchers = new Set<Watcher>();
  private readonly horizons = new Map<DatabaseHome, string>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(
    private readonly databases: Databases,
    @Inject(HOMES) private readonly homes: readonly DatabaseHome[],
    private readonly logger: Logger,
  ) {}

  get watching(): number {
    return this.watchers.size;
  }

  /** @returns call it to be told no more */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    if (this.timer === undefined) {
      this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
      void this.look();
    }
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size === 0) this.rest();
    };
  }

  beforeApplicationShutdown(): void {
    for (const watcher of this.watchers) watcher.end();
    this.watchers.clear();
    this.rest();
  }

  /** What happens from now on is nobody's concern, until somebody watches again. */
  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.horizons.clear();
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const seen = await Promise.all(this.homes.map((home) => this.lookAt(home)));
    this.isLooking = false;
    const modules = new Set(seen.flat());
    for (const watcher of this.watchers) watcher.changed(modules);
  }

  /** A database that is away is looked at again a second later, from where the last look ended. */
  private async lookAt(home: DatabaseHome): Promise<readonly string[]> {
    try {
      const last = this.horizons.get(home) ?? null;
      const [row] = await this.databases
        .at(home)
        .query<{ horizon: string; modules: readonly string[] }>(changesStatement, [last]);
      if (row === undefined) return [];
      if (this.watchers.size > 0) this.horizons.set(home, row.horizon);
      return row.modules;
    } catch (error) {
      this.logger.debug({ database: home.name, error: describeError(error) }, 'an outbox could not be looked at');
      return [];
    }
  }
}
