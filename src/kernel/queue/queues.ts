import type { Queue } from 'bullmq';
import type { EventHeaders } from '../outbox/event.js';

/** An event in a job: all of it, since the consumer's database does not have it. */
export interface CarriedEvent {
  readonly id: string;
  readonly type: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly merchantId: string | null;
  readonly payload: unknown;
  readonly headers: EventHeaders;
  /** ISO 8601, in microseconds. */
  readonly createdAt: string;
}

/**
 * What a job carries: the ids of a batch of events and the range of their times (so that the search touches one partition).
 * No payload, so that the queue's store holds no personal data; except for a consumer that lives in another database.
 */
export interface BatchJob {
  readonly ids: readonly string[];
  /** ISO 8601, inclusive. */
  readonly from: string;
  /** ISO 8601, exclusive. */
  readonly to: string;
  /** True when these events have failed or been missed before, and have rows in messaging.delivery. */
  readonly again: boolean;
  /** The events themselves, in the order of `ids`, where the consumer's database does not hold them. */
  readonly events?: readonly CarriedEvent[];
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

/**
 * For jobs that carry events. They hold what customers told us, so nothing is kept of them, however they end. They are tried for
 * half a minute, the restart of a database: meanwhile they fill the queue, and what comes after them stays in the outbox.
 */
export const CARRIED_JOB_OPTIONS = { ...JOB_OPTIONS, attempts: 8, removeOnFail: true } as const;

/** Jobs in a consumer's queue beyond which no more events are carried to it: 16,000 events, 32 MB of the queue's store at most. */
export const MAX_CARRIED_JOBS = 64;

/**
 * Jobs of ids in a consumer's queue beyond which the relay gives it no more: 100,000 events, 4 MB of the queue's store, and a few seconds'
 * work of a consumer that catches up. Whoever is away longer catches up from the outbox.
 */
export const MAX_WAITING_JOBS = 400;

/** How a job is to be added. */
export function optionsOf(job: BatchJob): typeof JOB_OPTIONS | typeof CARRIED_JOB_OPTIONS {
  return job.events === undefined ? JOB_OPTIONS : CARRIED_JOB_OPTIONS;
}
