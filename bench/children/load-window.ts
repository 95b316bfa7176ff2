/** What was sent, and what came of it, between two moments. */
import { Latencies } from './latencies.js';

export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface LoadSummary {
  readonly seconds: number;
  /** Requests that were due. */
  readonly offered: number;
  /** Answered 202. */
  readonly accepted: number;
  /** Answered 429 or 503, by status. */
  readonly refused: Readonly<Record<string, number>>;
  readonly refusedWithoutRetryAfter: number;
  /** Every other answer, by status. */
  readonly otherAnswers: Readonly<Record<string, number>>;
  /** Broken connections and missing answers. */
  readonly failed: number;
  /** Due, but never sent: every connection was busy, and too many waited for one already. */
  readonly unsent: number;
  /** Payments whose webhook came. */
  readonly completed: number;
  /** From the moment a request was due to its answer. */
  readonly accept: Percentiles;
  readonly refusal: Percentiles;
  /** From the answer to the webhook. */
  readonly completion: Percentiles;
  /** From due to written, where a connection was free: what this process itself adds to the others. */
  readonly sendDelay: Percentiles;
  /** Processor time of this process in seconds per second. */
  readonly loadCpu: number;
}

const ACCEPTED = 202;
const REFUSALS: readonly number[] = [429, 503];
const MICROSECONDS = 1e6;

export class LoadWindow {
  offered = 0;
  failed = 0;
  unsent = 0;
  readonly sendDelay = new Latencies();
  readonly completion = new Latencies();
  private readonly accept = new Latencies();
  private readonly refusal = new Latencies();
  private readonly refused: Record<string, number> = {};
  private readonly otherAnswers: Record<string, number> = {};
  private refusedWithoutRetryAfter = 0;
  private readonly startedAt = performance.now();
  private readonly cpuBefore = process.cpuUsage();

  /** @param tookMs since the request was due */
  answered(status: number, hasRetryAfter: boolean, tookMs: number): void {
    if (status === ACCEPTED) this.accept.add(tookMs);
    else if (REFUSALS.includes(status)) {
      this.refusal.add(tookMs);
      this.refused[status] = (this.refused[status] ?? 0) + 1;
      if (!hasRetryAfter) this.refusedWithoutRetryAfter += 1;
    } else this.otherAnswers[status] = (this.otherAnswers[status] ?? 0) + 1;
  }

  summary(): LoadSummary {
    const seconds = (performance.now() - this.startedAt) / 1_000;
    const cpu = process.cpuUsage(this.cpuBefore);
    return {
      seconds,
      offered: this.offered,
      accepted: this.accept.count,
      refused: this.refused,
      refusedWithoutRetryAfter: this.refusedWithoutRetryAfter,
      otherAnswers: this.otherAnswers,
      failed: this.failed,
      unsent: this.unsent,
      completed: this.completion.count,
      accept: percentiles(this.accept),
      refusal: percentiles(this.refusal),
      completion: percentiles(this.completion),
      sendDelay: percentiles(this.sendDelay),
      loadCpu: (cpu.user + cpu.system) / MICROSECONDS / seconds,
    };
  }
}

function percentiles(latencies: Latencies): Percentiles {
  return {
    p50Ms: latencies.percentile(0.5),
    p95Ms: latencies.percentile(0.95),
    p99Ms: latencies.percentile(0.99),
  };
}
