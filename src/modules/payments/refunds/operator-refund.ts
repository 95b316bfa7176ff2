import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { ApprovalAction, Grant } from '../../../kernel/approvals/approval-action.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { decodeId, encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { FeeSchedules } from '../fees/fee-schedules.js';
import { findPaymentRow } from '../payments.store.js';
import { prepareRefund } from './prepare-refund.js';
import { refundCreatedEvent } from './refund-events.js';
import type { Refund } from './refund.js';
import { countIn, insertRefunds, lockPayment } from './refunds.store.js';

/** Whoever refunds to a friend what a customer paid is not to do it alone. */
export const OPERATOR_REFUND = {
  kind: 'payments.refund',
  area: 'payments',
  payload: z.object({
    payment: z.string(),
    /** Of the refund that will be made: once. */
    refund: z.string(),
    merchant: z.string(),
    livemode: z.boolean(),
    /** Minor units. */
    amount: z.number().int().positive(),
    currency: z.string(),
    reason: z.string(),
  }),
} satisfies ApprovalAction<unknown>;
type Payload = z.infer<typeof OPERATOR_REFUND.payload>;

/** A refund that operators make for a merchant, two of them. From its making on it is like any other. */
@Injectable()
export class OperatorRefund {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly fees: FeeSchedules,
  ) {
    this.database = databases.of('payments');
  }

  /**
   * @param amount minor units; undefined: all that is left, as it is now
   * @returns what another person is asked to approve
   * @throws {DomainError} `payment.not_found`, `refund.payment_not_succeeded`, `refund.exceeds_payment`
   */
  async prepare(
    paymentId: string,
    { amount, reason }: { readonly amount: number | undefined; readonly reason: string },
    by: string,
  ): Promise<Payload> {
    const payment = await findPaymentRow(this.database, paymentId);
    if (payment === undefined) throw new DomainError('payment.not_found');
    const { merchant_id: merchantId, livemode, currency } = payment;
    const ask = { refundId: newUuid(), paymentId, merchantId, livemode, amount, reason };
    // Nobody has approved it yet; but it must be possible, and it says how much it would be.
    const rehearsed = { approvalId: newUuid(), askedBy: by, grantedBy: newUuid(), correlationId: '' };
    let amountMinor = 0n;
    await this.database.rehearse(async (tx) => {
      ({ amountMinor } = await this.make(tx, ask, rehearsed));
    });
    return {
      payment: encodeId('payment', paymentId),
      refund: encodeId('refund', ask.refundId),
      merchant: encodeId('merchant', merchantId),
      livemode,
      amount: toJsonAmount(amountMinor),
      currency,
      reason,
    };
  }

  /** @throws {DomainError} as {@link prepare}: others may have refunded it meanwhile */
  async carryOut(tx: Tx, payload: Payload, grant: Grant): Promise<void> {
    const { livemode, amount, reason } = payload;
    const [refundId, paymentId, merchantId] = [
      decodeId('refund', payload.refund),
      decodeId('payment', payload.payment),
      decodeId('merchant', payload.merchant),
    ];
    if (refundId === undefined || paymentId === undefined || merchantId === undefined)
      throw new DomainError('approval.not_genuine');
    await this.make(tx, { refundId, paymentId, merchantId, livemode, amount, reason }, grant);
  }

  private async make(
    tx: Tx,
    ask: {
      readonly refundId: string;
      readonly paymentId: string;
      readonly merchantId: string;
      readonly livemode: boolean;
      readonly amount: number | undefined;
      readonly reason: string;
    },
    grant: Grant,
  ): Promise<Refund> {
    const locked = await lockPayment(tx, ask.paymentId, ask);
    if (locked === undefined) throw new DomainError('payment.not_found');
    const isFeeGivenBack = await this.fees.isGivenBack(locked.payment);
    const refund = prepareRefund(locked, { id: ask.refundId, amount: ask.amount, reason: ask.reason }, isFeeGivenBack);
    await countIn(tx, refund);
    const { correlationId, approvalId, askedBy, grantedBy } = grant;
    await insertRefunds(tx, [{ refund, correlationId, approval: { approvalId, askedBy, approvedBy: grantedBy } }]);
    await appendEvents(tx, [refundCreatedEvent(refund, { correlationId })]);
    return refund;
  }
}
