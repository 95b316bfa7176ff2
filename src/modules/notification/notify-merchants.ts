import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/database/tx.js';
import { newUuid } from '../../kernel/ids/ids.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../kernel/outbox/event.js';
import { findTargets, storeEvents, type ClaimedRow, type NewDelivery, type SendTarget } from './deliveries.store.js';
import { toMerchantEvent, type MerchantEvent } from './merchant-event.js';
import { QueueReceipts } from './messages/queue-receipts.js';
import { LEASE_MS, WebhookSender } from './webhook-sender.js';

interface Planned {
  readonly delivery: NewDelivery;
  readonly event: MerchantEvent;
  readonly target: SendTarget;
}

/**
 * Turns outcomes of payments into webhooks: the event and its deliveries are stored in the consumer's transaction, and
 * what the sender has room for is stored as claimed by this process and sent as soon as that commits. Receipts to customers are queued beside them.
 */
@Injectable()
export class NotifyMerchants implements EventHandler {
  constructor(
    private readonly sender: WebhookSender,
    private readonly receipts: QueueReceipts,
  ) {}

  async handle(tx: Tx, sources: readonly StoredEvent[]): Promise<void> {
    const events = sources.map((source) => toMerchantEvent(newUuid(), source));
    const claimedAt = performance.now();
    const planned = this.plan(events, await findTargets(tx, events));
    const stored = await storeEvents(
      tx,
      events,
      planned.map((each) => each.delivery),
    );
    await this.receipts.queue(tx, sources);
    tx.afterCommit(() => {
      const kept = planned.filter(({ delivery }) => stored.has(delivery.id));
      this.sender.accept(kept.filter(({ delivery }) => delivery.claims === 1).map(claimedRow), claimedAt);
      const left = kept.filter(({ delivery, target }) => delivery.claims === 0 && target.throttledMs === 0);
      for (const endpointId of new Set(left.map(({ target }) => target.endpointId))) this.sender.leftBehind(endpointId);
    });
  }

  private plan(events: readonly MerchantEvent[], targets: readonly SendTarget[]): Planned[] {
    const byMerchant = new Map<string, SendTarget[]>();
    for (const target of targets) {
      const key = `${target.merchantId} ${target.livemode}`;
      byMerchant.set(key, [...(byMerchant.get(key) ?? []), target]);
    }
    const rooms = new Map(
      targets.map((target) => [target.endpointId, target.throttledMs > 0 ? 0 : this.sender.roomFor(target.endpointId)]),
    );
    return events.flatMap((event) =>
      (byMerchant.get(`${event.merchantId} ${event.livemode}`) ?? [])
        .filter((target) => target.events.length === 0 || target.events.includes(event.type))
        .map((target) => ({ event, target, delivery: newDelivery(event, target, rooms) })),
    );
  }
}

function newDelivery(event: MerchantEvent, target: SendTarget, rooms: Map<string, number>): NewDelivery {
  const room = rooms.get(target.endpointId) ?? 0;
  rooms.set(target.endpointId, room - 1);
  const identity = { id: newUuid(), eventId: event.id, endpointId: target.endpointId };
  return room > 0 ? { ...identity, claims: 1, dueMs: LEASE_MS } : { ...identity, claims: 0, dueMs: target.throttledMs };
}

function claimedRow({ delivery, event, target }: Planned): ClaimedRow {
  return {
    deliveryId: delivery.id,
    endpointId: target.endpointId,
    eventId: event.id,
    claims: 1,
    attempts: 0,
    merchantId: target.merchantId,
    url: target.url,
    secrets: target.secrets,
    body: event.body,
    eventCreatedAt: event.createdAt,
  };
}
