/** The same load shared by more and more merchants: each has a key to be looked up, limits to be counted, accounts to be booked on. */
import { acceptRatesInTurns } from '../accept.js';
import { runChild } from '../child-task.js';
import type { CollectionsInput, CollectionsResult } from '../children/collections-program.js';
import type { RequestTarget } from '../children/payment-requests.js';
import type { Figures } from '../figures.js';
import { freePort } from '../free-port.js';
import { checkpoint } from '../scratch-database.js';
import type { RunningApp, Stage } from '../stage.js';
import { createMerchants } from '../create-merchants.js';
import { medianOf, thereAndBack, type Rate } from './turns.js';

const COUNTS = [1, 10, 100, 1_000] as const;
const CONNECTIONS = 64;
const WARM_UP_MS = 1_000;
/** Beyond the measurement: opening the accounts, and checking every entry afterwards. */
const PATIENCE_MS = 60_000;

export async function benchMerchants(stage: Stage, figures: Figures): Promise<void> {
  stage.say('  accepting');
  addFigures(figures, 'accept', 'payments/s', await measureAccept(stage));
  stage.say('  booking');
  const bookings = await thereAndBack(COUNTS, (merchants) => measureLedger(stage, merchants));
  const medians = new Map([...bookings].map(([merchants, rates]) => [merchants, medianOf(rates)]));
  addFigures(figures, 'ledger', 'transfers/s', medians);
}

function addFigures(figures: Figures, what: string, unit: string, rates: ReadonlyMap<number, Rate>): void {
  for (const [merchants, { perSecond, details }] of rates) {
    figures.add({
      name: `merchants.${what}.n${merchants}`,
      value: perSecond,
      unit,
      ratioTo: merchants === 1 ? 'sql_floor.c64' : `merchants.${what}.n1`,
      details: { merchants, ...details },
    });
  }
}

/** A database and a process for each number of merchants, loaded in turns. */
async function measureAccept(stage: Stage): Promise<ReadonlyMap<number, Rate>> {
  const databaseUrls: string[] = [];
  const apps: RunningApp[] = [];
  const sides: RequestTarget[][] = [];
  for (const merchants of COUNTS) {
    const databaseUrl = await stage.databases.copy();
    const secretKeys = await createMerchants(stage, databaseUrl, merchants);
    const app = await stage.startApp({ databaseUrl, role: 'http', port: await freePort() });
    databaseUrls.push(databaseUrl);
    apps.push(app);
    sides.push(secretKeys.map((secretKey) => ({ host: app.host, port: app.port, secretKey })));
  }
  const rates = await acceptRatesInTurns(stage, sides, CONNECTIONS);
  await Promise.all(apps.map((app) => app.stop()));
  for (const databaseUrl of databaseUrls) await stage.databases.drop(databaseUrl);
  const shared = { role: 'http', order: 'one request of each merchant in turn' };
  return new Map(
    rates.map(({ perSecond, details }, index) => [
      COUNTS[index] ?? 0,
      { perSecond, details: { ...shared, ...details } },
    ]),
  );
}

async function measureLedger(stage: Stage, merchants: number): Promise<Rate> {
  const databaseUrl = await stage.databases.copy();
  await checkpoint(stage.services.postgres.adminUrl);
  const input: CollectionsInput = { databaseUrl, merchants, warmUpMs: WARM_UP_MS, measureMs: stage.measureMs };
  const { transfersPerSecond, transfersPerPayment, batch } = await runChild<CollectionsResult>({
    file: 'collections-program.ts',
    input,
    signal: stage.signal,
    timeoutMs: WARM_UP_MS + stage.measureMs + PATIENCE_MS,
  });
  await stage.databases.drop(databaseUrl);
  return {
    perSecond: transfersPerSecond,
    details: {
      transfers_per_payment: transfersPerPayment,
      batch,
      checked: 'every account and transfer agreed with its entries afterwards',
    },
  };
}
