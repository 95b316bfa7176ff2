import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { Databases } from '../database/databases.js';
import { livesIn, type DatabaseHome } from '../database/homes.js';
import { describeError } from '../errors/describe.js';
import { ENV, HOMES } from '../kernel.tokens.js';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** A database that takes longer than this for `SELECT 1` cannot serve anybody. */
const CHECK_TIMEOUT_MS = 2_000;
const NANOSECONDS_PER_MS = 1e6;

/**
 * Whether this process should be sent requests. Redis is not asked: without it payments are still accepted, and what is
 * queued waits in the outbox.
 */
@Injectable()
export class Health {
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });
  /** Without the kernel's nobody is let in; those of modules hosted elsewhere are not this process's concern. */
  private readonly homes: readonly DatabaseHome[];
  private draining = false;

  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly databases: Databases,
    @Inject(HOMES) homes: readonly DatabaseHome[],
  ) {
    this.homes = homes.filter((home) => livesIn(home, ['kernel', ...env.modules]));
    this.delay.enable();
  }

  /** From now on readiness is red, so that a balancer stops sending while what is in flight is finished. */
  drain(): void {
    this.draining = true;
  }

  async readiness(): Promise<Readiness> {
    const lagMs = this.delay.percentile(99) / NANOSECONDS_PER_MS;
    this.delay.reset();
    const databases = await Promise.all(
      this.homes.map(async (home) => [
        home.name === 'main' ? 'database' : `database_${home.name}`,
        await this.database(home),
      ]),
    );
    const checks = {
      process: this.draining ? 'draining' : 'ok',
      event_loop: lagMs > this.env.maxEventLoopLagMs ? `lagging ${Math.round(lagMs)} ms` : 'ok',
      ...(Object.fromEntries(databases) as Readonly<Record<string, string>>),
    };
    return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
  }

  private async database(home: DatabaseHome): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS);
    });
    try {
      await Promise.race([this.databases.at(home).query('SELECT 1'), timeout]);
      return 'ok';
    } catch (error) {
      return describeError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
