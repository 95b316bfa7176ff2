/**
 * Offers payments as fast as they are accepted: every connection sends its next request when it has its answer. Several sides
 * are loaded in turns, a slice of time each, so that whatever else the machine does meanwhile weighs on all of them alike.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openLanes, type Lane } from './lanes.js';
import { Latencies } from './latencies.js';
import type { RequestTarget } from './payment-requests.js';

export interface AcceptLoadInput {
  readonly sides: readonly (readonly RequestTarget[])[];
  /** To each side. */
  readonly connections: number;
  /** Of each side. */
  readonly warmUpMs: number;
  readonly sliceMs: number;
  /** How often each side has its turn. */
  readonly slices: number;
}

/** Of one side. */
export interface AcceptLoadResult {
  /** Answered 202 within the measurement. */
  readonly accepted: number;
  readonly seconds: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Every other answer, warm-up included, by status. */
  readonly otherAnswers: Readonly<Record<string, number>>;
  /** Broken connections and missing answers, warm-up included. */
  readonly connectionErrors: number;
  /** Processor time of this process per accepted payment, in microseconds: what the load itself took from the machine. */
  readonly loadMicrosecondsPerPayment: number;
}

const ACCEPTED = 202;
/** A connection that just failed is not tried again in a tight loop. */
const PAUSE_AFTER_ERROR_MS = 100;

/** @returns a result for each side, in their order */
export async function run(input: AcceptLoadInput): Promise<readonly AcceptLoadResult[]> {
  const sides = input.sides.map((targets) => new Side(openLanes(targets, input.connections)));
  for (const side of sides) await side.load(input.warmUpMs, false);
  for (let slice = 0; slice < input.slices; slice += 1) {
    for (const side of sides) await side.load(input.sliceMs, true);
  }
  return sides.map((side) => side.end());
}

class Side {
  private readonly latencies = new Latencies();
  private readonly otherAnswers: Record<string, number> = {};
  private connectionErrors = 0;
  private seconds = 0;
  private loadMicroseconds = 0;
  private measuring = false;
  private running = false;

  constructor(private readonly lanes: readonly Lane[]) {}

  /** Loads for this long; answers that come later do not count. */
  async load(durationMs: number, measuring: boolean): Promise<void> {
    this.running = true;
    this.measuring = measuring;
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    const all = Promise.all(this.lanes.map((lane) => this.work(lane)));
    await sleep(durationMs);
    this.running = false;
    if (this.measuring) {
      const cpu = process.cpuUsage(cpuBefore);
      this.seconds += (performance.now() - startedAt) / 1_000;
      this.loadMicroseconds += cpu.user + cpu.system;
    }
    this.measuring = false;
    await all;
  }

  end(): AcceptLoadResult {
    for (const { connection } of this.lanes) connection.close();
    const accepted = this.latencies.count;
    return {
      accepted,
      seconds: this.seconds,
      p50Ms: this.latencies.percentile(0.5),
      p99Ms: this.latencies.percentile(0.99),
      otherAnswers: this.otherAnswers,
      connectionErrors: this.connectionErrors,
      loadMicrosecondsPerPayment: this.loadMicroseconds / Math.max(1, accepted),
    };
  }

  private async work({ connection, next }: Lane): Promise<void> {
    while (this.running) {
      const { request } = next();
      const sentAt = performance.now();
      try {
        const { status } = await connection.send(request);
        if (status !== ACCEPTED) this.otherAnswers[status] = (this.otherAnswers[status] ?? 0) + 1;
        else if (this.measuring) this.latencies.add(performance.now() - sentAt);
      } catch {
        this.connectionErrors += 1;
        await sleep(PAUSE_AFTER_ERROR_MS);
      }
    }
  }
}
