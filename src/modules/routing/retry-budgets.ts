/**
 * Bounds what is sent to a gateway account once more by what is sent to it for the first time. A gateway that times out on everything
 * would otherwise get every charge again, and again, just when it has too much to do. Proportions as in Finagle's RetryBudget
 * (https://twitter.github.io/finagle/guide/Clients.html#retries): a fifth, and ten per second for those who send little.
 */
import { TokenBucket } from '../../kernel/admission/token-bucket.js';

/** Repeats that each first sending allows. */
const PER_SENDING = 0.2;
const LIMITS = {
  perSecond: 10,
  /** What a process had in flight when it died can be repeated at once: as many as it has connections for an account. */
  burst: 128,
} as const;

export class RetryBudgets {
  private readonly byAccount = new Map<string, TokenBucket>();

  /** @param now a clock in ms that never goes back; given by tests */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** An attempt was sent to the account for the first time. */
  sent(accountId: string): void {
    this.bucketOf(accountId).give(PER_SENDING, this.now());
  }

  /** Whether one may be sent once more now; takes its share of the budget if so. */
  take(accountId: string): boolean {
    return this.bucketOf(accountId).take(this.now());
  }

  private bucketOf(accountId: string): TokenBucket {
    let bucket = this.byAccount.get(accountId);
    if (bucket === undefined) {
      bucket = new TokenBucket(LIMITS, this.now());
      this.byAccount.set(accountId, bucket);
    }
    return bucket;
  }
}
