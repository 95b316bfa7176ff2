import { Injectable } from '@nestjs/common';
import { refundFailed, type refundCreated } from '../../../contracts/payments.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { keepRefunds, type ToldRefund } from './refunds.store.js';

/**
 * Keeps which charges are given back: gateways that call such a charge reversed say nothing else than we do. From when the refund is accepted, since
 * the gateway's books may tell of it before we know how it ended.
 */
@Injectable()
export class KeepRefunds implements EventHandler {
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const byRefund = new Map<string, ToldRefund>();
    for (const { type, payload } of events) {
      const { refund_id: refundId, captured_by: attemptId } = payload as PayloadOf<typeof refundCreated>;
      const failed = type === refundFailed.type || byRefund.get(refundId)?.failed === true;
      byRefund.set(refundId, { refundId, attemptId, failed });
    }
    await keepRefunds(tx, [...byRefund.values()]);
  }
}
