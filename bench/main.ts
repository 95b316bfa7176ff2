/** One run: opens what it needs, measures one thing after the other, prints the table, and leaves nothing behind. */
import { benchAccept, benchFloor } from './accept.js';
import { benchEndToEnd } from './end-to-end.js';
import { Figures, round } from './figures.js';
import { benchBacklog } from './growth/backlog.js';
import { benchMerchants } from './growth/merchants.js';
import { benchProcesses } from './growth/processes.js';
import { benchTableSize } from './growth/table-size.js';
import { benchLedgerFigures } from './ledger-figures.js';
import { benchLedgerLarge } from './ledger-large.js';
import { benchLists } from './lists.js';
import { benchLedgerProof } from './ledger-proof.js';
import { busyShare, sharesBySession } from './machine.js';
import { benchMemory } from './memory.js';
import { benchNoisyMerchant } from './noisy-merchant.js';
import { BENCHES, ON_REQUEST, readOptions, USAGE, type BenchName, type BenchOptions } from './options.js';
import { benchOutbox } from './outbox.js';
import { benchReconciliation } from './reconciliation.js';
import { table, writeJson } from './report.js';
import { openServices, type Cleanup, type Services } from './services.js';
import { benchSettlement } from './settlement.js';
import { benchSoak } from './soak.js';
import { benchSpike } from './spike.js';
import { setStage, type Stage } from './stage.js';
import { benchSteadyLatency } from './steady-latency.js';

export interface Surroundings {
  /** Aborted by Ctrl-C: everything is undone, then the run ends. */
  readonly signal: AbortSignal;
  /** The folder in which the bench was called. */
  readonly caller: string;
}

const RUNS: Readonly<Record<BenchName, (stage: Stage, figures: Figures) => Promise<void>>> = {
  memory: benchMemory,
  sql_floor: benchFloor,
  accept: benchAccept,
  end_to_end: benchEndToEnd,
  ledger: benchLedgerFigures,
  outbox: benchOutbox,
  steady_latency: benchSteadyLatency,
  spike: benchSpike,
  noisy_merchant: benchNoisyMerchant,
  soak: benchSoak,
  processes: benchProcesses,
  merchants: benchMerchants,
  backlog: benchBacklog,
  table_size: benchTableSize,
  reconciliation: benchReconciliation,
  settlement: benchSettlement,
  ledger_proof: benchLedgerProof,
  ledger_large: benchLedgerLarge,
  lists: benchLists,
};

/** How long the machine is watched before each bench. */
const BUSY_MOMENT_MS = 1_000;
/** PostgreSQL cleaning up after the bench before stays below this. */
const BUSY_LIMIT = 0.2;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns the exit code */
export async function main(args: readonly string[], { signal, caller }: Surroundings): Promise<number> {
  const options = readOptions(args, caller);
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const startedAt = new Date();
  const undo: (() => Promise<void> | void)[] = [];
  const figures = new Figures();
  try {
    const cleanup: Cleanup = (step) => undo.push(step);
    const services = await openServices({ cleanup, say, signal });
    say(describe(services));
    if (sharesBySession() === true)
      say(
        '*** processors are shared by session, so PostgreSQL crowds out the program: see "The machine" in bench/README.md ***',
      );
    const stage = await setStage({
      services,
      measureMs: options.seconds * 1_000,
      spikeMs: options.spikeSeconds * 1_000,
      soakMs: options.soakMinutes * 60_000,
      growth: options,
      profileFolder: options.profileFolder,
      signal,
      cleanup,
      say,
    });
    for (const name of chosen(options)) {
      say(`${name} ...`);
      const busy = await busyShare(BUSY_MOMENT_MS);
      figures.busyBefore[name] = round(busy);
      if (busy > BUSY_LIMIT)
        say(`  *** other programs take ${Math.round(busy * 100)}% of this machine: the figures will be low ***`);
      await RUNS[name](stage, figures);
    }
    report(figures, { startedAt, options, args, services });
    return 0;
  } finally {
    await undoAll(undo);
  }
}

function chosen({ only }: BenchOptions): readonly BenchName[] {
  if (only !== undefined)
    return BENCHES.filter((name) => only.includes(name) && !(name === 'sql_floor' && only.includes('accept')));
  return BENCHES.filter((name) => !ON_REQUEST.has(name));
}

function describe({ postgres, redis, pgbench }: Services): string {
  return [
    `PostgreSQL ${postgres.version} (fsync ${postgres.settings['fsync']}, synchronous_commit ${postgres.settings['synchronous_commit']})`,
    redis === undefined ? '*** NO REDIS: the figures on Redis are not measured ***' : `Redis ${redis.version}`,
    pgbench === undefined ? 'no pgbench on PATH: a client of the bench takes its place' : pgbench,
  ].join('; ');
}

function report(
  figures: Figures,
  run: {
    readonly startedAt: Date;
    readonly options: BenchOptions;
    readonly args: readonly string[];
    readonly services: Services;
  },
): void {
  say(`\n${table(figures)}\n`);
  for (const { name, details } of figures.measured) {
    if (typeof details['note'] === 'string') say(`${name}: ${details['note']}.`);
  }
  for (const { name, reason } of figures.missing) say(`*** NOT MEASURED: ${name}: ${reason} ***`);
  const { jsonFile } = run.options;
  if (jsonFile === undefined) return;
  const command = ['npm run bench --', ...run.args].join(' ');
  writeJson(
    jsonFile,
    { startedAt: run.startedAt, command, seconds: run.options.seconds, services: run.services },
    figures,
  );
  say(`The same as JSON: ${jsonFile}`);
}

/** Last made, first undone; one that fails must not keep the others from being undone. */
async function undoAll(undo: (() => Promise<void> | void)[]): Promise<void> {
  for (const step of undo.reverse()) {
    try {
      await step();
    } catch (error) {
      process.stderr.write(
        `bench: something was left behind: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }
}
