/** Takes up runs that are due, one at a time in this process, and those whose process died. */
import type { Database } from '../../../kernel/database/database.js';
import { isTransientDatabaseError, SQL_STATE } from '../../../kernel/database/sql-state.js';
import { codeOf, describeError } from '../../../kernel/errors/describe.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { RunEngine, type EngineOptions } from './engine.js';
import { claimRun, finishRun, LostRun, releaseRun, type Run } from './runs.store.js';

/** Runs take seconds and may wait as long. */
const EVERY_MS = 5_000;
/** A run that fails so often fails for good, and somebody has to look at it. */
const MAX_TRIES = 5;

export class WorkOnRuns extends IntervalTask {
  private isStopping = false;

  constructor(database: Database, logger: Logger, feeToleranceBps: number) {
    super({
      name: 'reconciliation.work_on_runs',
      everyMs: EVERY_MS,
      logger,
      run: async () => ({
        again: await workOnNext(database, logger, { feeToleranceBps, isStopping: () => this.isStopping }),
      }),
    });
  }

  override start(): void {
    this.isStopping = false;
    super.start();
  }

  override async stop(): Promise<void> {
    this.isStopping = true;
    await super.stop();
  }
}

/** @returns whether there may be more to do */
export async function workOnNext(
  database: Database,
  logger: Logger,
  options: Omit<EngineOptions, 'database'> = {},
): Promise<boolean> {
  const run = await claim(database);
  if (run === undefined) return false;
  try {
    const ended = await new RunEngine({ database, ...options }).work(run);
    logger.info({ run: run.id, gateway: run.gateway, ended }, 'a reconciliation run');
    return ended !== 'released';
  } catch (error) {
    if (error instanceof LostRun)
      logger.warn({ run: run.id }, 'a reconciliation run was taken over by another process');
    else await giveBack(database, run, error);
    throw error;
  }
}

/** Two processes that take up two runs of one account at the same moment: one of them comes again. */
async function claim(database: Database): Promise<Run | undefined> {
  try {
    return await claimRun(database);
  } catch (error) {
    if (codeOf(error) === SQL_STATE.uniqueViolation) return undefined;
    throw error;
  }
}

/** While the database is away nothing can be given back: the lease ends by itself. */
async function giveBack(database: Database, run: Run, error: unknown): Promise<void> {
  const problem = describeError(error);
  if (run.tries < MAX_TRIES || isTransientDatabaseError(error)) await releaseRun(database, run, problem);
  else await finishRun(database, run, 'failed', problem);
}
