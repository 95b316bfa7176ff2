import type { Queue } from 'bullmq';

/**
 * What a job carries: the ids of a batch of events and the range of their times (so that the search touches one partition).
 * Never a payload: the queue's store holds no personal data.
 */
export interface BatchJob {
  readonly ids: readonly string[];
  /** ISO 8601, inclusive. */
  readonly from: string;
  /** ISO 8601, exclusive. */
  readonly to: string;
  /** True when these events have failed or been missed before, and have rows in messaging.delivery. */
  readonly again: boolean;
}

/** The queue of each consumer, by the consumer's name. */
export type Queues = ReadonlyMap<string, Queue<BatchJob>>;
export const QUEUES = Symbol('QUEUES');

/** Tries by BullMQ itself, for connection trouble; beyond them the sweeper sees to it. */
export const JOB_OPTIONS = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 250 },
  removeOnComplete: true,
  // Kept for a look at what happened; bounded, since nothing depends on them.
  removeOnFail: { count: 500 },
} as const;
