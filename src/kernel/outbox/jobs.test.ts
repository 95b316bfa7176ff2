import { newUuid } from '../ids/ids.js';
import type { CarriedEvent } from '../queue/queues.js';
import { batchJobs, CARRIED_JOB_BYTES, carriedJobs, JOB_EVENTS } from './jobs.js';

function carried(payload: unknown, createdAt = '2026-11-22T10:00:00.123456Z'): CarriedEvent {
  return {
    id: newUuid(),
    type: 'tests.thing_happened.v1',
    aggregateType: 'thing',
    aggregateId: 'a',
    merchantId: null,
    payload,
    headers: { correlation_id: 'test' },
    createdAt,
  };
}

const sizeOf = (events: readonly CarriedEvent[]): number =>
  events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0);

describe('jobs of ids', () => {
  it('hold a batch each, and say where in time its events lie', () => {
    const at = new Date('2026-11-22T10:00:00.123Z');
    const events = Array.from({ length: JOB_EVENTS + 1 }, () => ({ id: newUuid(), created_at: at }));
    const jobs = batchJobs(events, false);
    expect(jobs.map((job) => job.ids.length)).toEqual([JOB_EVENTS, 1]);
    expect(jobs[0]).toMatchObject({ from: '2026-11-22T10:00:00.123Z', to: '2026-11-22T10:00:00.124Z', again: false });
    expect(jobs[0]).not.toHaveProperty('events');
  });
});

describe('jobs that carry events', () => {
  it('hold no more of them than others', () => {
    const events = Array.from({ length: JOB_EVENTS * 2 + 1 }, () => carried({}));
    const jobs = carriedJobs(events, true);
    expect(jobs.map((job) => job.events?.length)).toEqual([JOB_EVENTS, JOB_EVENTS, 1]);
    expect(jobs.flatMap((job) => job.events)).toEqual(events);
    expect(jobs.flatMap((job) => job.ids)).toEqual(events.map(({ id }) => id));
    expect(jobs.every((job) => job.again)).toBe(true);
  });

  it('are limited in bytes, not in characters', () => {
    // Two bytes each.
    const events = Array.from({ length: 20 }, () => carried({ text: 'é'.repeat(CARRIED_JOB_BYTES / 10) }));
    const jobs = carriedJobs(events, false);
    expect(jobs.length).toBeGreaterThanOrEqual(5);
    for (const job of jobs) expect(sizeOf(job.events ?? [])).toBeLessThanOrEqual(CARRIED_JOB_BYTES);
    expect(jobs.flatMap((job) => job.events)).toEqual(events);
  });

  it('take an event that is larger alone', () => {
    const events = [carried({}), carried({ text: 'x'.repeat(CARRIED_JOB_BYTES + 1) }), carried({})];
    expect(carriedJobs(events, false).map((job) => job.events?.length)).toEqual([1, 1, 1]);
  });

  it('are none for no events', () => expect(carriedJobs([], false)).toEqual([]));
});
