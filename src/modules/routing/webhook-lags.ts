/**
 * How long after a charge was sent its gateway's webhook about the end of it comes: learned per gateway account and method, and used to tell
 * when one is overdue. What is slow is mostly the customer, whose time is in it as well: on a handset seconds, with a transfer minutes.
 */
import type { PaymentMethod } from '../../contracts/shared.js';

/** Bounds of the buckets, in ms: from 50 ms to a day, each a quarter above the one before, so that a quantile is right to a quarter. */
const FIRST_BOUND_MS = 50;
const STEP = 1.25;
const BUCKETS = 65;
/** The newest so many webhooks count, more or less: older ones fade as new ones come. */
const MAX_WEIGHT = 200;
/** With fewer, one slow customer would be a twentieth of all. */
const ENOUGH = 20;
/** So many webhooks have come by then; the others are waited for a little longer. */
const QUANTILE = 0.95;
const STRETCH = 1.2;
const MARGIN_MS = 500;
/** What comes later than this, in ms, follows the customer's habits and not the gateway's: the schedule of checks will do. */
const LONGEST_MS = 15 * 60_000;

/** Lags of one kind, the newer the weightier. */
export class LagHistogram {
  private readonly weights = new Float64Array(BUCKETS);
  private total = 0;

  add(lagMs: number): void {
    const bucket = Math.ceil(Math.log(Math.max(lagMs, FIRST_BOUND_MS) / FIRST_BOUND_MS) / Math.log(STEP));
    const index = Math.min(bucket, BUCKETS - 1);
    this.weights[index] = (this.weights[index] ?? 0) + 1;
    this.total += 1;
    if (this.total <= MAX_WEIGHT) return;
    const share = MAX_WEIGHT / this.total;
    for (const [at, weight] of this.weights.entries()) this.weights[at] = weight * share;
    this.total = MAX_WEIGHT;
  }

  /** The lag, in ms, within which this share of webhooks came; undefined while there are too few to tell. */
  quantile(share: number): number | undefined {
    if (this.total < ENOUGH) return undefined;
    let sum = 0;
    for (const [at, weight] of this.weights.entries()) {
      sum += weight;
      // Weights that were scaled down add up to a hair less than their sum.
      if (sum >= this.total * share - 1e-9) return FIRST_BOUND_MS * STEP ** at;
    }
    return undefined;
  }
}

type MethodType = PaymentMethod['type'];

export interface WebhookLag {
  readonly accountId: string;
  readonly method: MethodType;
  readonly lagMs: number;
}

export class WebhookLags {
  private readonly histograms = new Map<string, LagHistogram>();

  add({ accountId, method, lagMs }: WebhookLag): void {
    const key = `${accountId} ${method}`;
    const known = this.histograms.get(key);
    const histogram = known ?? new LagHistogram();
    // Accounts and methods are ours to define, so this does not grow by what comes from outside.
    if (known === undefined) this.histograms.set(key, histogram);
    histogram.add(lagMs);
  }

  /** How long after sending, in ms, a webhook that has not come is overdue; undefined where that is not known, or no use. */
  overdueAfterMs(accountId: string, method: MethodType): number | undefined {
    const usual = this.histograms.get(`${accountId} ${method}`)?.quantile(QUANTILE);
    if (usual === undefined) return undefined;
    const overdueMs = usual * STRETCH + MARGIN_MS;
    return overdueMs > LONGEST_MS ? undefined : overdueMs;
  }
}
