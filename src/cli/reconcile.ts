import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Database } from '../kernel/database/database.js';
import { shownRun } from '../modules/reconciliation/reconciliation.views.js';
import { cancelRunAndListing } from '../modules/reconciliation/listings/open-run.js';
import { askForRun } from '../modules/reconciliation/runs/ask-for-run.js';
import { findRun, listRuns, type Run, type RunListing } from '../modules/reconciliation/runs/runs.store.js';
import { workOnNext } from '../modules/reconciliation/runs/work-on-runs.js';
import { Logger } from '../kernel/observability/logger.js';
import { addFileCommands } from './reconcile-files.js';
import { idOf, integer, time } from './arguments.js';
import { CommandError } from './command-error.js';
import { print, withDatabases } from './with-databases.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
/** Between two looks at how far a run is, in ms. */
const LOOK_EVERY_MS = 500;
const OVER: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled']);

export function addReconcileCommands(program: Command): void {
  const reconcile = program.command('reconcile').description('what we believe, what gateways say, what the books hold');
  reconcile
    .command('run')
    .description('compares a gateway account over a window, and shows how far that is')
    .requiredOption('--gateway-account <id>', 'the account (gwa_...)', idOf('gatewayAccount'))
    .requiredOption('--from <time>', 'begin of the window, inclusive (2026-01-31, or with a time)', time)
    .requiredOption('--to <time>', 'end of the window, exclusive', time)
    .option('--here', 'work on it in this process, without a worker of the program, and so with what is there', false)
    .option('--no-listing', 'compare with what is there, without asking the gateway for its books first')
    .action(async (options: { gatewayAccount: string; from: Date; to: Date; here: boolean; listing: boolean }) => {
      await withDatabases(async (databases) => {
        const database = databases.of('reconciliation');
        const { gatewayAccount: gatewayAccountId, from, to } = options;
        // Whoever reads the gateway's books is a worker of the program.
        const asksGateway = options.listing && !options.here;
        const run = await askForRun(database, { gatewayAccountId, from, to, requestedBy: null, asksGateway });
        const work = options.here ? workHere(database, run.id) : Promise.resolve();
        const [ended] = await Promise.all([follow(database, run.id), work]);
        print(shownRun(ended));
        if (ended.state !== 'succeeded') throw new CommandError(`the run ${ended.state}`);
      });
    });
  reconcile
    .command('follow')
    .description('shows how far a run is, until it is over')
    .argument('<id>', 'the run (rcr_...)', idOf('reconciliationRun'))
    .action(async (id: string) => {
      await withDatabases(async (databases) => print(shownRun(await follow(databases.of('reconciliation'), id))));
    });
  reconcile
    .command('runs')
    .description('newest first')
    .option('--limit <n>', 'how many', integer(1, MAX_LIMIT), DEFAULT_LIMIT)
    .action(async ({ limit }: { limit: number }) => {
      await withDatabases(async (databases) => {
        const filter = { gatewayAccountId: null, state: null, livemode: null, before: null, after: null, limit };
        print({ data: (await listRuns(databases.of('reconciliation'), filter)).map(shownRun) });
      });
    });
  reconcile
    .command('cancel')
    .description('ends a run; what it has found stands')
    .argument('<id>', 'the run (rcr_...)', idOf('reconciliationRun'))
    .action(async (id: string) => {
      await withDatabases(async (databases) => {
        const run = await cancelRunAndListing(databases.of('reconciliation'), id);
        if (run === undefined) throw new CommandError('There is no such run, or it is over.');
        print(shownRun(run));
      });
    });
  addFileCommands(reconcile);
}

/** Takes up what is due until the run is over: another may stand before it. */
async function workHere(database: Database, id: string): Promise<void> {
  const logger = new Logger({ logLevel: 'fatal' });
  while (!OVER.has((await mustFind(database, id)).state))
    if (!(await workOnNext(database, logger))) await sleep(LOOK_EVERY_MS);
}

/** Progress goes to stderr: stdout is the answer. */
async function follow(database: Database, id: string): Promise<Run> {
  let told = '';
  for (;;) {
    const run = await mustFind(database, id);
    const line = lineOf(run);
    if (line !== told) process.stderr.write(`${line}\n`);
    told = line;
    if (OVER.has(run.state)) return run;
    await sleep(LOOK_EVERY_MS);
  }
}

const PERCENT = 100n;

function lineOf(run: Run): string {
  return run.state === 'waiting' && run.listing !== null ? waitingLineOf(run.listing) : workingLineOf(run);
}

function waitingLineOf({ pages, pagesIn, linesIn }: RunListing): string {
  return `waiting for the gateway's books: ${pagesIn} pages${pages === null ? '' : ` of ${pages}`}, ${linesIn} lines`;
}

function workingLineOf({ state, phase, done, total, counts }: Run): string {
  const share = total === 0n ? '' : ` ${(done * PERCENT) / total}%`;
  return `${state}${phase === null ? '' : ` (${phase})`}${share}: ${done} of ${total} rows, ${counts.opened} breaks opened, ${counts.closed} closed`;
}

async function mustFind(database: Database, id: string): Promise<Run> {
  const run = await findRun(database, id);
  if (run === undefined) throw new CommandError('There is no such run.');
  return run;
}
