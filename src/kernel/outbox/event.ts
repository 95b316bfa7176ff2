/**
 * What an event is. Contracts (src/contracts) define each event's type and schema with {@link defineEvent}; the kernel
 * stores and carries them without knowing any.
 */
import type { z } from 'zod';
import { newUuid } from '../ids/ids.js';

/** Context that travels with an event, never business data. */
export interface EventHeaders {
  /** Groups everything that one request caused. */
  readonly correlation_id: string;
  /** The event that caused this one; absent for the first. */
  readonly causation_id?: string;
  /** W3C trace context of the request, if it came with one. */
  readonly traceparent?: string;
}

export interface EventDefinition<Type extends string, Schema extends z.ZodType> {
  /** `<module>.<past_tense>.v<version>`, for example `ledger.transfers_posted.v1`. */
  readonly type: Type;
  /** The kind of thing it happened to: `payment`, `account`. */
  readonly aggregateType: string;
  readonly schema: Schema;
  /** One sentence for docs/events. */
  readonly description: string;
}

/** An event as consumers see it. `P` is the payload's shape. */
export interface StoredEvent<P = unknown> {
  readonly id: string;
  readonly type: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  /** Null for events that belong to no merchant. */
  readonly merchantId: string | null;
  readonly payload: P;
  readonly headers: EventHeaders;
  /** Start of the transaction that wrote it, by the database's clock. */
  readonly createdAt: Date;
}

/** An event about to be appended. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly merchantId: string | null;
  readonly payload: unknown;
  readonly headers: EventHeaders;
}

export type PayloadOf<D> = D extends EventDefinition<string, infer Schema> ? z.infer<Schema> : never;

const TYPE_PATTERN = /^[a-z]+\.[a-z_]+\.v\d+$/;

export function defineEvent<Type extends string, Schema extends z.ZodType>(
  type: Type,
  aggregateType: string,
  description: string,
  schema: Schema,
): EventDefinition<Type, Schema> {
  if (!TYPE_PATTERN.test(type)) throw new TypeError(`${type} is not <module>.<past_tense>.v<version>`);
  return { type, aggregateType, schema, description };
}

export interface EventContext {
  readonly aggregateId: string;
  readonly merchantId: string | null;
  /** The event being handled, whose correlation goes on; or the request that starts a new story. */
  readonly cause:
    | { readonly id: string; readonly headers: EventHeaders }
    | { readonly correlationId: string; readonly traceparent?: string };
}

/** Makes an event; the payload is checked by the compiler here and by the schema in tests and at foreign edges. */
export function newEvent<Type extends string, Schema extends z.ZodType>(
  definition: EventDefinition<Type, Schema>,
  context: EventContext,
  payload: z.infer<Schema>,
): NewEvent {
  const { cause } = context;
  const headers: EventHeaders =
    'headers' in cause
      ? { ...cause.headers, causation_id: cause.id }
      : {
          correlation_id: cause.correlationId,
          ...(cause.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
        };
  return {
    id: newUuid(),
    type: definition.type,
    aggregateType: definition.aggregateType,
    aggregateId: context.aggregateId,
    merchantId: context.merchantId,
    payload,
    headers,
  };
}
