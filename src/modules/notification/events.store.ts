/** Events and deliveries as merchants and operators look at them. */
import { Injectable } from '@nestjs/common';
import { Databases } from '../../kernel/database/databases.js';
import type { Database } from '../../kernel/database/database.js';
import type { Owner } from './endpoints.store.js';
import type { ListWindow } from './list-cursor.js';

export interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly createdAt: Date;
}

export interface AttemptRow {
  readonly attempt: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly httpStatus: number | null;
  readonly error: string;
  readonly response: string | null;
}

export interface DeliveryRow {
  readonly id: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly status: string;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly lastDurationMs: number | null;
  readonly firstAttemptAt: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly createdAt: Date;
}

export type DeliveryWithLog = DeliveryRow & { readonly log: readonly AttemptRow[] };
export type ToldRow = EventRow & { readonly subject: string | null; readonly deliveries: readonly DeliveryWithLog[] };

export interface EventFilter {
  readonly type?: string | undefined;
  readonly createdAfter?: Date | undefined;
}

/** Deliveries shown with an event: sixteen endpoints and some redeliveries; the newest when there are more. */
const SHOWN_DELIVERIES = 100;
/** Of what is asked for together: each has two or three. */
const SHOWN_EVENTS = 500;

@Injectable()
export class EventsStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('notification');
  }

  list(owner: Owner, filter: EventFilter, window: ListWindow): Promise<EventRow[]> {
    return this.database.asTenant(owner).prisma.notificationEvent.findMany({
      ...window,
      where: {
        ...window.where,
        merchantId: owner.merchantId,
        livemode: owner.livemode,
        ...(filter.type === undefined ? {} : { type: filter.type }),
        ...(filter.createdAfter === undefined
          ? {}
          : { createdAt: { gt: filter.createdAfter }, AND: [{ id: { gte: lowestIdAt(filter.createdAfter) } }] }),
      },
    });
  }

  async find(owner: Owner, id: string): Promise<EventRow | undefined> {
    const row = await this.database.asTenant(owner).prisma.notificationEvent.findFirst({
      where: { id, merchantId: owner.merchantId, livemode: owner.livemode },
    });
    return row ?? undefined;
  }

  /** What any merchant was told about these, oldest first, with the deliveries. @param subjects ids, as merchants know them */
  async about(subjects: readonly string[]): Promise<ToldRow[]> {
    const { prisma } = this.database;
    const events = await prisma.notificationEvent.findMany({
      where: { subject: { in: [...subjects] } },
      orderBy: { id: 'asc' },
      take: SHOWN_EVENTS,
    });
    const deliveries = await prisma.notificationDelivery.findMany({
      where: { eventId: { in: events.map(({ id }) => id) } },
      include: { log: { orderBy: { attempt: 'asc' } } },
      orderBy: { id: 'desc' },
      take: SHOWN_EVENTS * SHOWN_DELIVERIES,
    });
    return events.map((event) => ({ ...event, deliveries: deliveries.filter(({ eventId }) => eventId === event.id) }));
  }

  /** Newest first, each with its failed attempts in order. */
  deliveriesOf(owner: Owner, eventId: string): Promise<DeliveryWithLog[]> {
    return this.database.asTenant(owner).prisma.notificationDelivery.findMany({
      where: { eventId },
      include: { log: { orderBy: { attempt: 'asc' } } },
      orderBy: { id: 'desc' },
      take: SHOWN_DELIVERIES,
    });
  }

  /** Deliveries of every merchant in one state. */
  async listDeliveries(status: string, window: ListWindow): Promise<(DeliveryRow & { event: EventRow | undefined })[]> {
    const rows = await this.database.prisma.notificationDelivery.findMany({
      ...window,
      where: { ...window.where, status },
    });
    const events = await this.database.prisma.notificationEvent.findMany({
      where: { id: { in: rows.map((row) => row.eventId) } },
    });
    const byId = new Map(events.map((event) => [event.id, event]));
    return rows.map((row) => ({ ...row, event: byId.get(row.eventId) }));
  }

  async findDelivery(id: string): Promise<{ delivery: DeliveryRow; owner: Owner } | undefined> {
    const delivery = await this.database.prisma.notificationDelivery.findUnique({ where: { id } });
    if (delivery === null) return undefined;
    const event = await this.database.prisma.notificationEvent.findUnique({ where: { id: delivery.eventId } });
    return event === null ? undefined : { delivery, owner: { merchantId: event.merchantId, livemode: event.livemode } };
  }

  /**
   * Stores a new delivery of an event to each endpoint, due at once. Where one that nobody has tried yet waits already,
   * that one is returned instead, so that an impatient caller does not multiply deliveries.
   */
  async redeliver(eventId: string, deliveries: readonly { id: string; endpointId: string }[]): Promise<DeliveryRow[]> {
    const rows = await this.database.query<{ id: string }>(
      `WITH asked AS (SELECT * FROM unnest($2::uuid[], $3::uuid[]) AS a (id, endpoint_id)),
       waiting AS (
         SELECT DISTINCT ON (d.endpoint_id) d.id, d.endpoint_id FROM notification.delivery d JOIN asked ON asked.endpoint_id = d.endpoint_id
         WHERE d.event_id = $1 AND d.status = 'pending' AND d.attempts = 0 ORDER BY d.endpoint_id, d.id),
       added AS (
         INSERT INTO notification.delivery (id, event_id, endpoint_id, next_attempt_at)
         SELECT a.id, $1, a.endpoint_id, now() FROM asked a WHERE NOT EXISTS (SELECT FROM waiting w WHERE w.endpoint_id = a.endpoint_id)
         RETURNING id)
       SELECT id FROM waiting UNION ALL SELECT id FROM added`,
      [eventId, deliveries.map((delivery) => delivery.id), deliveries.map((delivery) => delivery.endpointId)],
    );
    return this.database.prisma.notificationDelivery.findMany({
      where: { id: { in: rows.map((row) => row.id) } },
      orderBy: { id: 'desc' },
    });
  }
}

/** An event's row is made after the event itself, by another clock: their difference is far below this. */
const CLOCK_SLACK_MS = 300_000;

/** No event created after `time` has a lower id (UUIDv7 begins with milliseconds): bounds the search to the index's end. */
function lowestIdAt(time: Date): string {
  const hex = Math.max(0, time.getTime() - CLOCK_SLACK_MS)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}
