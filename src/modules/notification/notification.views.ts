/** What the API shows. Secrets are in none of these; the handlers that make one add it to their own answer. */
import { encodeId } from '../../kernel/ids/ids.js';
import type { EndpointRow } from './endpoints.store.js';
import type { AttemptRow, DeliveryRow, EventRow, ToldRow } from './events.store.js';

export interface EndpointView {
  readonly object: 'webhook_endpoint';
  readonly id: string;
  readonly livemode: boolean;
  readonly url: string;
  readonly description: string | null;
  /** Empty: all events. */
  readonly events: readonly string[];
  readonly status: string;
  /** `gone`: it answered 410; `failing`: no success for five days. */
  readonly disabled_reason: string | null;
  readonly failing_since: string | null;
  readonly created_at: string;
}

export function viewEndpoint(row: EndpointRow): EndpointView {
  return {
    object: 'webhook_endpoint',
    id: encodeId('webhookEndpoint', row.id),
    livemode: row.livemode,
    url: row.url,
    description: row.description,
    events: row.events,
    status: row.status,
    disabled_reason: row.disabledReason,
    failing_since: row.failingSince?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

export interface DeliveryView {
  readonly object: 'webhook_delivery';
  readonly id: string;
  readonly event_id: string;
  readonly endpoint_id: string;
  /** `failed`: the endpoint was disabled or deleted first; `abandoned`: every attempt failed. */
  readonly status: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly last_duration_ms: number | null;
  readonly first_attempt_at: string | null;
  readonly last_attempt_at: string | null;
  readonly created_at: string;
}

export function viewDelivery(row: DeliveryRow): DeliveryView {
  return {
    object: 'webhook_delivery',
    id: encodeId('webhookDelivery', row.id),
    event_id: encodeId('event', row.eventId),
    endpoint_id: encodeId('webhookEndpoint', row.endpointId),
    status: row.status,
    attempts: row.attempts,
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    last_status: row.lastStatus,
    last_error: row.lastError,
    last_duration_ms: row.lastDurationMs,
    first_attempt_at: row.firstAttemptAt?.toISOString() ?? null,
    last_attempt_at: row.lastAttemptAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

export interface FailedAttemptView {
  readonly attempt: number;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly http_status: number | null;
  readonly error: string;
  readonly response: string | null;
}

function viewAttempt(row: AttemptRow): FailedAttemptView {
  return {
    attempt: row.attempt,
    started_at: row.startedAt.toISOString(),
    duration_ms: row.durationMs,
    http_status: row.httpStatus,
    error: row.error,
    response: row.response,
  };
}

export type DeliveryWithLogView = DeliveryView & { readonly failed_attempts: readonly FailedAttemptView[] };

export function viewDeliveryWithLog(row: DeliveryRow & { readonly log: readonly AttemptRow[] }): DeliveryWithLogView {
  return { ...viewDelivery(row), failed_attempts: row.log.map(viewAttempt) };
}

/** The event as it was signed and sent. */
export type EventView = Readonly<Record<string, unknown>>;

export function viewEvent(row: EventRow): EventView {
  return JSON.parse(row.body) as EventView;
}

/** What operators see of an event: what it is about, and how it was delivered. */
export interface ToldView {
  readonly object: 'event';
  readonly id: string;
  readonly type: string;
  /** `pay_...`, `re_...`, `po_...`. */
  readonly about: string | null;
  readonly merchant: string;
  readonly livemode: boolean;
  readonly created_at: string;
  readonly deliveries: readonly DeliveryWithLogView[];
}

export function viewTold(row: ToldRow): ToldView {
  return {
    object: 'event',
    id: encodeId('event', row.id),
    type: row.type,
    about: row.subject,
    merchant: encodeId('merchant', row.merchantId),
    livemode: row.livemode,
    created_at: row.createdAt.toISOString(),
    deliveries: row.deliveries.map(viewDeliveryWithLog),
  };
}
