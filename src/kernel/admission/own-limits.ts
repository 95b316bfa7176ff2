/** What operators have set for one merchant, apart from what the settings say for all. Null: as the settings have it. */
export interface OwnLimits {
  /** Counts up with every change: the highest that was heard of holds. */
  readonly version: number;
  readonly ratePerSecond: number | null;
  readonly burst: number | null;
  /** Open requests at a time. */
  readonly maxInFlight: number | null;
}

/**
 * The least of each is 1: to refuse every request is no limit, and a merchant is shut out by revoking its keys, which is told as 401 and not as
 * something that passes. The most are those of the settings.
 */
export const LIMIT_BOUNDS = {
  ratePerSecond: { min: 1, max: 1_000_000 },
  burst: { min: 1, max: 10_000_000 },
  maxInFlight: { min: 1, max: 100_000 },
} as const;

/**
 * A bucket must hold what flows in while its merchant is refused at the door without being asked about (LIMITED_MS of kernel/door, 10 ms), ten times
 * over: with less, a merchant would get less than its rate.
 */
export const LEAST_BURST_SECONDS = 0.1;
