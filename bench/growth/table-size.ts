/** The same load on tables that hold nothing, and on tables that hold what many payments have left. */
import { acceptRatesInTurns } from '../accept.js';
import { runChild } from '../child-task.js';
import type { MerchantInput, MerchantResult } from '../children/merchant.js';
import type { RequestTarget } from '../children/payment-requests.js';
import { endToEndRate, untilBooked } from '../end-to-end.js';
import { round, type Figures } from '../figures.js';
import { freePort } from '../free-port.js';
import { queryOnce } from '../scratch-database.js';
import type { RunningApp, Stage } from '../stage.js';
import { lackOfDisk } from './disk.js';
import { fill, SPREAD_DAYS } from './fill.js';
import { medianOf, thereAndBack, type Rate } from './turns.js';

type Naming = NonNullable<RequestTarget['naming']>;

const CONNECTIONS = 64;
/** What full tables may cost. */
const AIM_RATIO = 0.9;
/** A run takes half a minute, and a tenth is to be seen. */
const END_TO_END_TIMES = 2;
const FIRST_PAYMENT_TIMEOUT_MS = 30_000;

export async function benchTableSize(stage: Stage, figures: Figures): Promise<void> {
  const databases = new Map<number, string>();
  for (const payments of new Set([0, ...stage.growth.sizes])) {
    const lack = await lackOfDisk(stage, payments);
    if (lack === undefined) databases.set(payments, await databaseWith(stage, payments));
    else for (const what of ['accept', 'accept_random', 'end_to_end']) figures.skip(nameOf(what, payments), lack);
  }
  // First, since accepting leaves payments behind that nobody routes.
  stage.say('  end to end');
  const roads = await thereAndBack(
    [...databases.keys()],
    (payments) => measureEndToEnd(stage, databases.get(payments) ?? ''),
    END_TO_END_TIMES,
  );
  addFigures(figures, 'end_to_end', new Map([...roads].map(([payments, rates]) => [payments, medianOf(rates)])));
  for (const [what, naming] of [
    ['accept', 'counted'],
    ['accept_random', 'random'],
  ] as const) {
    stage.say(`  accepting, keys and references ${naming}`);
    addFigures(figures, what, await measureAccept(stage, databases, naming));
  }
  for (const databaseUrl of databases.values()) await stage.databases.drop(databaseUrl);
}

function nameOf(what: string, payments: number): string {
  return `table_size.${what}.n${payments}`;
}

function addFigures(figures: Figures, what: string, rates: ReadonlyMap<number, Rate>): void {
  for (const [payments, { perSecond, details }] of rates) {
    figures.add({
      name: nameOf(what, payments),
      value: perSecond,
      unit: 'payments/s',
      ratioTo: payments === 0 ? 'sql_floor.c64' : nameOf(what, 0),
      ...(payments === 0 ? {} : { aim: { of: 'ratio', bound: 'at_least', limit: AIM_RATIO } as const }),
      details: { payments_before: payments, spread_over_days: SPREAD_DAYS, ...details },
    });
  }
}

/** A process for each size, loaded in turns. */
async function measureAccept(
  stage: Stage,
  databases: ReadonlyMap<number, string>,
  naming: Naming,
): Promise<ReadonlyMap<number, Rate>> {
  const apps: RunningApp[] = [];
  for (const databaseUrl of databases.values())
    apps.push(await stage.startApp({ databaseUrl, role: 'http', port: await freePort() }));
  const sides = apps.map(({ host, port }) => [{ host, port, secretKey: stage.secretKey, naming }]);
  const rates = await acceptRatesInTurns(stage, sides, CONNECTIONS);
  await Promise.all(apps.map((app) => app.stop()));
  const sizes = [...databases.keys()];
  const shared = { role: 'http', keys_and_references: naming };
  return new Map(
    rates.map(({ perSecond, details }, index) => [
      sizes[index] ?? 0,
      { perSecond, details: { ...shared, ...details } },
    ]),
  );
}

async function measureEndToEnd(stage: Stage, databaseUrl: string): Promise<Rate> {
  const sandbox = await stage.startSandbox();
  const app = await stage.startApp({ databaseUrl, role: 'all' });
  const target: RequestTarget = { host: app.host, port: app.port, secretKey: stage.secretKey, naming: 'random' };
  const before = await databaseWork(databaseUrl);
  const run = await endToEndRate(stage, { databaseUrl, sandbox, programs: [app], targets: [target] });
  await app.stop();
  await sandbox.stop();
  const after = await databaseWork(databaseUrl);
  const perPayment = (what: keyof DatabaseWork): number =>
    round((after[what] - before[what]) / Number(run.details['charges_at_the_gateways']));
  await forgetEndpoints(databaseUrl);
  return {
    perSecond: run.perSecond,
    details: {
      keys_and_references: target.naming,
      p50_ms: run.p50Ms,
      p99_ms: run.p99Ms,
      ...run.details,
      // What a payment costs PostgreSQL, however busy the machine is. Warm-up included.
      blocks_touched_per_payment: perPayment('blocksTouched'),
      blocks_read_per_payment: perPayment('blocksRead'),
      wal_bytes_per_payment: perPayment('walBytes'),
    },
  };
}

/** A database that holds this many payments, and one more: a real one, of which they are copies. */
async function databaseWith(stage: Stage, payments: number): Promise<string> {
  stage.say(`  tables with ${payments.toLocaleString('en-US')} payments`);
  const databaseUrl = await stage.databases.copy();
  const sandbox = await stage.startSandbox();
  const app = await stage.startApp({ databaseUrl, role: 'all' });
  const input: MerchantInput = {
    targets: [{ host: app.host, port: app.port, secretKey: stage.secretKey }],
    connections: 1,
    outstanding: 1,
    warmUpMs: 0,
    // Over before the first payment is.
    measureMs: 1,
    drainMs: FIRST_PAYMENT_TIMEOUT_MS,
  };
  await runChild<MerchantResult>({
    file: 'merchant.ts',
    input,
    signal: stage.signal,
    timeoutMs: 2 * FIRST_PAYMENT_TIMEOUT_MS,
  });
  await untilBooked(databaseUrl, 1, new Date(0));
  await app.stop();
  await sandbox.stop();
  await forgetEndpoints(databaseUrl);
  if (payments > 0) await fill(stage, databaseUrl, payments);
  return databaseUrl;
}

/** Nobody listens at the endpoint of a merchant that has ended, and telling it again and again would cost the next one. */
async function forgetEndpoints(databaseUrl: string): Promise<void> {
  await queryOnce(databaseUrl, `UPDATE notification.endpoint SET status = 'deleted' WHERE status <> 'deleted'`);
}

/** Of a database so far. */
interface DatabaseWork {
  /** Found in PostgreSQL's own memory, or read. */
  readonly blocksTouched: number;
  /** Not found there; the system may still have had them. */
  readonly blocksRead: number;
  /** Of the whole server, hence of others as well where it has others. */
  readonly walBytes: number;
}

async function databaseWork(databaseUrl: string): Promise<DatabaseWork> {
  const [row] = await queryOnce<{ touched: string; read: string; wal: string }>(
    databaseUrl,
    `SELECT blks_hit + blks_read AS touched, blks_read AS read, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS wal
       FROM pg_stat_database WHERE datname = current_database()`,
  );
  return { blocksTouched: Number(row?.touched), blocksRead: Number(row?.read), walBytes: Number(row?.wal) };
}
