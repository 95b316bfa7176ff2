/**
 * Payments per second through the whole of it: accepted, charged at the sandbox's gateway, approved there, reported by the
 * gateway's webhook, asked about, booked in the ledger, and told to the merchant by a signed webhook.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { bookCollections } from '../src/contracts/consumers.js';
import { noteMemory } from './accept.js';
import { BenchError } from './bench-error.js';
import { runChild } from './child-task.js';
import type { MerchantInput, MerchantResult } from './children/merchant.js';
import { round, type Figures } from './figures.js';
import { checkpoint, queryOnce } from './scratch-database.js';
import type { RunningApp, RunningSandbox, Stage } from './stage.js';

const CONNECTIONS = 64;
/** Payments on the way. At 500 payments per second this is two seconds' worth; the imaginary customer alone takes 50 ms. */
const OUTSTANDING = 1_000;
/** The whole road is longer than that of accepting: it takes longer until all of it is compiled. */
const WARM_UP_MS = 8_000;
/** Longer than `accept`, since filling and emptying the road count. */
const MEASURE_FACTOR = 2;
const DRAIN_MS = 30_000;
/** The last bookings may follow the last webhook. */
const BOOKED_TIMEOUT_MS = 15_000;
const AIM_PER_SECOND = 1_000;

export async function benchEndToEnd(stage: Stage, figures: Figures): Promise<void> {
  if (stage.services.redis === undefined) stage.say('  without Redis: BullMQ runs on PostgreSQL, which is slower');
  const databaseUrl = await stage.databases.copy();
  const sandbox = await stage.startSandbox();
  const app = await stage.startApp({ databaseUrl, role: 'all' });
  const { secretKey } = stage;
  const targets = [{ host: app.host, port: app.port, secretKey }] as const;
  const run = await endToEndRate(stage, { databaseUrl, sandbox, programs: [app], targets });
  figures.add({
    name: 'end_to_end.throughput',
    value: run.perSecond,
    unit: 'payments/s',
    ratioTo: 'sql_floor.c64',
    aim: { of: 'value', bound: 'at_least', limit: AIM_PER_SECOND },
    details: run.details,
  });
  figures.add({
    name: 'end_to_end.latency_p50',
    value: run.p50Ms ?? Number.NaN,
    unit: 'ms',
    ratioTo: 'the time the imaginary customer takes (50 ms)',
    reference: CUSTOMER_MS,
    details: { from: 'the answer to the POST', to: 'the webhook', p99_ms: run.p99Ms, outstanding: OUTSTANDING },
  });
  noteMemory(figures, 'memory.end_to_end_peak', app, 'ROLE=all, after end_to_end');
  await app.stop();
  await sandbox.stop();
  await stage.databases.drop(databaseUrl);
}

/** The sandbox's default. */
const CUSTOMER_MS = 50;

/** What a payment passes through. */
export interface Road {
  readonly databaseUrl: string;
  /** A fresh one: its books are compared with what was paid. */
  readonly sandbox: RunningSandbox;
  /** All processes of the program. */
  readonly programs: readonly RunningApp[];
  /** One merchant's, at the processes that answer. */
  readonly targets: MerchantInput['targets'];
}

export interface EndToEndRate {
  /** Payments from the first one accepted to the last webhook received and the last booking made. */
  readonly perSecond: number;
  /** From the answer to the POST to the webhook. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** @throws {BenchError} when a payment is missing, was charged twice, or was not booked */
export async function endToEndRate(stage: Stage, road: Road): Promise<EndToEndRate> {
  await checkpoint(stage.services.postgres.adminUrl);
  const startedAt = await databaseTime(road.databaseUrl);
  const cpuBefore = cpuOf(road.programs);
  const merchant = await runMerchant(stage, road);
  const bookedAt = await untilBooked(road.databaseUrl, merchant.paymentsInAll, startedAt);
  const charges = await chargesAt(road.sandbox);
  mustBeRight(merchant, charges);
  const endedAt = Math.max(merchant.lastWebhookAt, bookedAt ?? 0);
  const seconds = (endedAt - merchant.firstAcceptedAt) / 1_000;
  const cpu = cpuOf(road.programs);
  return {
    perSecond: merchant.delivered / seconds,
    p50Ms: merchant.p50Ms,
    p99Ms: merchant.p99Ms,
    details: {
      payments: merchant.delivered,
      seconds: round(seconds),
      outstanding: OUTSTANDING,
      connections: CONNECTIONS,
      queue: stage.services.redis === undefined ? 'postgresql' : 'redis',
      accept_p50_ms: merchant.acceptP50Ms,
      repeated_webhooks: merchant.repeatedWebhooks,
      other_webhooks: merchant.otherWebhooks,
      other_answers: merchant.otherAnswers,
      charges_at_the_gateways: charges.count,
      charged_twice: charges.double,
      // Warm-up included, hence by all payments.
      program_cpu_ms_per_payment:
        cpu === undefined || cpuBefore === undefined
          ? null
          : round(((cpu - cpuBefore) * 1_000) / merchant.paymentsInAll),
    },
  };
}

function cpuOf(programs: readonly RunningApp[]): number | undefined {
  const seconds = programs.map((program) => program.cpuSeconds());
  return seconds.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
}

function runMerchant({ measureMs, signal }: Stage, { targets }: Road): Promise<MerchantResult> {
  const input: MerchantInput = {
    targets,
    connections: CONNECTIONS,
    outstanding: OUTSTANDING,
    warmUpMs: WARM_UP_MS,
    measureMs: measureMs * MEASURE_FACTOR,
    drainMs: DRAIN_MS,
  };
  return runChild<MerchantResult>({
    file: 'merchant.ts',
    input,
    signal,
    timeoutMs: WARM_UP_MS + measureMs * MEASURE_FACTOR + 2 * DRAIN_MS + 10_000,
  });
}

/** The database's clock, which need not be ours, tells what was booked from then on. */
async function databaseTime(databaseUrl: string): Promise<Date> {
  const [row] = await queryOnce<{ now: Date }>(databaseUrl, 'SELECT now()');
  return row?.now ?? new Date();
}

/** When the last of the payments since `startedAt` was seen booked; undefined when all were at the first look. */
export async function untilBooked(databaseUrl: string, payments: number, startedAt: Date): Promise<number | undefined> {
  const deadline = Date.now() + BOOKED_TIMEOUT_MS;
  for (let looks = 0; ; looks += 1) {
    const rows = await queryOnce<{ booked: string }>(
      databaseUrl,
      'SELECT count(*) AS booked FROM messaging.inbox WHERE consumer = $1 AND event_created_at >= $2',
      [bookCollections.name, startedAt],
    );
    const booked = Number(rows[0]?.booked ?? 0);
    if (booked >= payments) return looks === 0 ? undefined : Date.now();
    if (Date.now() > deadline) throw new BenchError(`Only ${booked} of ${payments} payments were booked`);
    await sleep(50);
  }
}

export interface Charges {
  readonly count: number;
  readonly double: number;
}

/** By the sandbox's own books. */
export async function chargesAt(sandbox: RunningSandbox): Promise<Charges> {
  const response = await fetch(`${sandbox.controlUrl}/_ledger/summary`);
  const { data } = (await response.json()) as {
    data: { kind: string; count: number; double_charged_references: number }[];
  };
  const charges = data.filter((line) => line.kind === 'charge');
  return {
    count: charges.reduce((sum, line) => sum + line.count, 0),
    double: charges.reduce((sum, line) => sum + line.double_charged_references, 0),
  };
}

/** Fast and wrong would be worth nothing. */
function mustBeRight(merchant: MerchantResult, charges: Charges): void {
  const { payments, delivered, paymentsInAll } = merchant;
  if (delivered < payments)
    throw new BenchError(`Only ${delivered} of ${payments} payments were reported by a webhook`);
  if (charges.double > 0 || charges.count !== paymentsInAll) {
    throw new BenchError(
      `${paymentsInAll} payments, but ${charges.count} charges at the gateways, ${charges.double} of them repeated`,
    );
  }
}
