/** A second capture of a payment belongs to the customer: it goes back by itself, and somebody is told. */
import { Injectable } from '@nestjs/common';
import type { surplusCaptured } from '../../../contracts/routing.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { Logger } from '../../../kernel/observability/logger.js';
import { Metrics } from '../../../kernel/observability/metrics.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { FRESH } from '../disbursement.js';
import { refundCreatedEvent } from './refund-events.js';
import type { Refund } from './refund.js';
import { insertRefunds } from './refunds.store.js';

type Surplus = StoredEvent<PayloadOf<typeof surplusCaptured>>;

@Injectable()
export class RefundSurplus {
  private readonly captures;

  constructor(
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.captures = metrics.counter(
      'sankofa_surplus_captures_total',
      'Second captures of a payment that another attempt had won; each is refunded by itself, and each is worth a look',
      ['gateway'],
    );
  }

  /** In the transaction that hears of them. At most one refund of each, however often it is heard of. */
  async handle(tx: Tx, events: readonly Surplus[]): Promise<void> {
    if (events.length === 0) return;
    const byRefund = new Map(events.map((event) => [newUuid(), event]));
    const made = await insertRefunds(
      tx,
      [...byRefund].map(([id, event]) => ({
        refund: refundOf(id, event),
        correlationId: event.headers.correlation_id,
      })),
    );
    const announced = made.map((refund) => {
      const cause = byRefund.get(refund.id);
      if (cause === undefined) throw new Error('a refund was made of no surplus');
      return { refund, cause };
    });
    await appendEvents(
      tx,
      announced.map(({ refund, cause }) => refundCreatedEvent(refund, cause)),
    );
    tx.afterCommit(() => {
      for (const { refund, cause } of announced) {
        const { gateway } = cause.payload.attempt;
        this.captures.inc({ gateway });
        this.logger.error(
          {
            payment: encodeId('payment', refund.paymentId),
            refund: encodeId('refund', refund.id),
            attempt: encodeId('attempt', refund.capturedBy),
            gateway,
            amount: cause.payload.amount,
            currency: cause.payload.currency,
          },
          'a payment was captured twice; the second capture is being refunded',
        );
      }
    });
  }
}

function refundOf(id: string, { payload, merchantId }: Surplus): Refund {
  if (merchantId === null) throw new Error(`surplus of payment ${payload.payment_id} belongs to no merchant`);
  return {
    ...FRESH,
    id,
    merchantId,
    livemode: payload.livemode,
    paymentId: payload.payment_id,
    source: 'surplus',
    capturedBy: payload.attempt.attempt_id,
    amountMinor: BigInt(payload.amount),
    // It is not the payment's own money: a merchant may still refund all of that.
    countedMinor: 0n,
    platformFeeMinor: 0n,
    currency: payload.currency,
    reason: 'surplus',
    metadata: {},
    createdAt: new Date(),
  };
}
