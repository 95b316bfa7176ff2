/**
 * Offers payments at a given rate by the clock, whether or not earlier ones were answered: an open loop, as many merchants are
 * who know nothing of each other. Latency counts from the moment a request was due, so that a program that stands still for a
 * second is charged with every request of that second, not only with the few that were on their way ("coordinated omission").
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { openLanes, type Lane } from './lanes.js';
import { LoadWindow, type LoadSummary } from './load-window.js';
import type { RequestTarget } from './payment-requests.js';

/**
 * Requests fall due in groups of this many milliseconds, and answers are looked at in such groups: finer than what is measured. To be
 * woken for each answer would cost this process, and the one that answers, more than all the rest.
 */
const NAP_MS = 1;
const NOBODY = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
/** Requests that wait for a free connection; beyond them one that falls due is not sent at all, and counted. */
const MAX_WAITING = 20_000;
const CONNECT_AT_ONCE = 50;
const RETRY_AFTER = /\r\nretry-after: *\d/i;
const ACCEPTED = 202;

export interface PacedLoadOptions {
  readonly targets: readonly RequestTarget[];
  /** At most so many requests are on their way at once. */
  readonly connections: number;
  /** Calls back with each window that counts at the moment. */
  readonly note: (count: (window: LoadWindow) => void) => void;
  /** Told of every payment that was accepted. */
  readonly onAccepted?: (reference: string) => void;
  /** Told of every request that was answered otherwise. */
  readonly onRefused?: () => void;
}

export class PacedLoad {
  private readonly lanes: readonly Lane[];
  /** The one that has been idle longest comes first: all of them are kept alive. */
  private readonly idle: Lane[];
  /** When each of the requests was due that wait for a connection. */
  private readonly waiting: number[] = [];

  constructor(private readonly options: PacedLoadOptions) {
    this.lanes = openLanes(options.targets, options.connections);
    this.idle = [...this.lanes];
  }

  /** Opens all connections, a few at a time: that many merchants would not come in one millisecond either. */
  async connect(): Promise<void> {
    for (let from = 0; from < this.lanes.length; from += CONNECT_AT_ONCE)
      await Promise.all(this.lanes.slice(from, from + CONNECT_AT_ONCE).map(({ connection }) => connection.open()));
  }

  /** Requests that are on their way or wait for a connection. */
  get open(): number {
    return this.lanes.length - this.idle.length + this.waiting.length;
  }

  /** Sends so many per second, evenly spread, for so long. Does not wait for the last answers. */
  async offer(perSecond: number, durationMs: number): Promise<void> {
    const startedAt = performance.now();
    const everyMs = 1_000 / perSecond;
    const count = Math.floor(durationMs / everyMs);
    for (let sent = 0; sent < count;) {
      const due = Math.min(count, Math.floor((performance.now() - startedAt) / everyMs) + 1);
      for (; sent < due; sent += 1) this.send(startedAt + sent * everyMs);
      await nap();
    }
    await sleep(Math.max(0, startedAt + durationMs - performance.now()));
  }

  /** Sends one that is due now, or was due a moment ago. */
  send(dueAt = performance.now()): void {
    this.options.note((window) => (window.offered += 1));
    const lane = this.idle.shift();
    if (lane !== undefined) {
      const delayMs = performance.now() - dueAt;
      this.options.note((window) => window.sendDelay.add(delayMs));
      void this.use(lane, dueAt);
    } else if (this.waiting.length < MAX_WAITING) this.waiting.push(dueAt);
    else this.options.note((window) => (window.unsent += 1));
  }

  close(): void {
    for (const { connection } of this.lanes) connection.close();
  }

  private async use(lane: Lane, dueAt: number): Promise<void> {
    for (let due: number | undefined = dueAt; due !== undefined; due = this.waiting.shift())
      await this.exchange(lane, due);
    this.idle.push(lane);
  }

  private async exchange({ connection, next }: Lane, dueAt: number): Promise<void> {
    const { request, reference } = next();
    try {
      const { status, head } = await connection.send(request);
      const tookMs = performance.now() - dueAt;
      if (status === ACCEPTED) this.options.onAccepted?.(reference);
      else this.options.onRefused?.();
      this.options.note((window) => window.answered(status, RETRY_AFTER.test(head), tookMs));
    } catch {
      this.options.note((window) => (window.failed += 1));
    }
  }
}

/** Sleeps through whatever comes, then lets it in. */
async function nap(): Promise<void> {
  Atomics.wait(NOBODY, 0, 0, NAP_MS);
  await nextTurn();
}

export interface PacedLoadInput extends Pick<PacedLoadOptions, 'targets' | 'connections'> {
  readonly perSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export async function run({ perSecond, warmUpMs, measureMs, ...options }: PacedLoadInput): Promise<LoadSummary> {
  let window = new LoadWindow();
  const load = new PacedLoad({ ...options, note: (count) => count(window) });
  await load.connect();
  const offering = load.offer(perSecond, warmUpMs + measureMs);
  await sleep(warmUpMs);
  window = new LoadWindow();
  await offering;
  const summary = window.summary();
  load.close();
  return summary;
}
