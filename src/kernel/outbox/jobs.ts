/** Cutting events into jobs. */
import type { BatchJob, CarriedEvent } from '../queue/queues.js';

/** Most events in one job: the size of a consumer's transaction. */
export const JOB_EVENTS = 250;
/**
 * Most bytes of events in one job that carries them, as JSON; an event that is larger alone has a job of its own. About what 250
 * events of payments take, so that usually the count decides.
 */
export const CARRIED_JOB_BYTES = 524_288;

/** Where in time events lie, so that a search for them touches their partitions only. */
export interface TimeRange {
  /** ISO 8601, inclusive. */
  readonly from: string;
  /** ISO 8601, exclusive. */
  readonly to: string;
}

/** Dates are cut to milliseconds where PostgreSQL has microseconds, so the range ends a millisecond later. */
export function rangeOf(events: readonly { readonly created_at: Date }[]): TimeRange {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const event of events) {
    const at = event.created_at.getTime();
    if (at < from) from = at;
    if (at > to) to = at;
  }
  return { from: new Date(from).toISOString(), to: new Date(to + 1).toISOString() };
}

/** Cuts events into jobs of at most {@link JOB_EVENTS}. */
export function batchJobs(
  events: readonly { readonly id: string; readonly created_at: Date }[],
  again: boolean,
): BatchJob[] {
  const jobs: BatchJob[] = [];
  for (let start = 0; start < events.length; start += JOB_EVENTS) {
    const part = events.slice(start, start + JOB_EVENTS);
    jobs.push({ ids: part.map((event) => event.id), ...rangeOf(part), again });
  }
  return jobs;
}

/** The same for events that travel in the job: at most {@link JOB_EVENTS} and {@link CARRIED_JOB_BYTES}. */
export function carriedJobs(events: readonly CarriedEvent[], again: boolean): BatchJob[] {
  const jobs: BatchJob[] = [];
  let part: CarriedEvent[] = [];
  let bytes = 0;
  const close = (): void => {
    if (part.length === 0) return;
    const range = rangeOf(part.map((event) => ({ created_at: new Date(event.createdAt) })));
    jobs.push({ ids: part.map((event) => event.id), ...range, again, events: part });
    part = [];
    bytes = 0;
  };
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (part.length === JOB_EVENTS || bytes + size > CARRIED_JOB_BYTES) close();
    part.push(event);
    bytes += size;
  }
  close();
  return jobs;
}
