/** What merchants are told, made from what the payments module announced. */
import {
  paymentActionRequired,
  paymentFailed,
  paymentSucceeded,
  payoutFailed,
  payoutReturned,
  payoutSucceeded,
  refundFailed,
  refundReturned,
  refundSucceeded,
} from '../../contracts/payments.events.js';
import { encodeId } from '../../kernel/ids/ids.js';
import type { StoredEvent } from '../../kernel/outbox/event.js';

/** Event names as merchants know them; also what an endpoint may filter by. */
export const MERCHANT_EVENT_TYPES = [
  'payment.succeeded',
  'payment.failed',
  'payment.requires_action',
  'refund.succeeded',
  'refund.failed',
  'refund.returned',
  'payout.succeeded',
  'payout.failed',
  'payout.returned',
] as const;
export type MerchantEventType = (typeof MERCHANT_EVENT_TYPES)[number];

const TYPE_BY_SOURCE: ReadonlyMap<string, MerchantEventType> = new Map([
  [paymentSucceeded.type, 'payment.succeeded'],
  [paymentFailed.type, 'payment.failed'],
  [paymentActionRequired.type, 'payment.requires_action'],
  [refundSucceeded.type, 'refund.succeeded'],
  [refundFailed.type, 'refund.failed'],
  [refundReturned.type, 'refund.returned'],
  [payoutSucceeded.type, 'payout.succeeded'],
  [payoutFailed.type, 'payout.failed'],
  [payoutReturned.type, 'payout.returned'],
]);

export interface MerchantEvent {
  readonly id: string;
  readonly sourceEventId: string;
  readonly type: MerchantEventType;
  readonly merchantId: string;
  readonly livemode: boolean;
  /** The id of what it is about, as merchants know it. */
  readonly subject: string;
  /** The exact text that is signed and sent. It is made once; every attempt and redelivery sends these bytes. */
  readonly body: string;
  readonly createdAt: Date;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param id UUID of the new event; merchants see it as `evt_...` and deduplicate by it.
 * @throws {TypeError} when the event is not one that merchants are told about, or lacks what they are told.
 */
export function toMerchantEvent(id: string, source: StoredEvent): MerchantEvent {
  const type = TYPE_BY_SOURCE.get(source.type);
  if (type === undefined) throw new TypeError(`Merchants are not told about ${source.type}`);
  if (source.merchantId === null) throw new TypeError(`Event ${source.id} belongs to no merchant`);
  const { payload } = source;
  if (!isObject(payload) || typeof payload['livemode'] !== 'boolean' || !isObject(payload['resource'])) {
    throw new TypeError(`Event ${source.id} holds no resource that a merchant could be shown`);
  }
  const { livemode, resource } = payload;
  if (typeof resource['id'] !== 'string') throw new TypeError(`Event ${source.id} is about something without an id`);
  const body = JSON.stringify({
    id: encodeId('event', id),
    object: 'event',
    type,
    created_at: source.createdAt.toISOString(),
    livemode,
    data: resource,
  });
  return {
    id,
    sourceEventId: source.id,
    type,
    merchantId: source.merchantId,
    livemode,
    subject: resource['id'],
    body,
    createdAt: source.createdAt,
  };
}
