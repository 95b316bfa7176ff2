/**
 * Gives back what was captured, or a part of it, once. Whoever makes a refund holds its payment's lock, so that however many come at
 * once none sees room that another is about to take; and the payment's table refuses what would still be too much.
 */
import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { IdempotencyKeys } from '../../../kernel/idempotency/idempotency-keys.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { KeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { AnswerOnce, type Claimed, type ClaimMaker, type KeyedRequest } from '../answer-once.js';
import { isConcluded } from '../disbursement.js';
import { FeeSchedules } from '../fees/fee-schedules.js';
import type { CreateRefundDto } from './create-refund.dto.js';
import { refundCreatedEvent } from './refund-events.js';
import { RefundOutcomes } from './refund-outcomes.js';
import { prepareRefund } from './prepare-refund.js';
import { toRefundResource, type Refund } from './refund.js';
import { countIn, findRefunds, insertRefunds, lockPayment } from './refunds.store.js';

export interface RefundRequest extends KeyedRequest {
  readonly paymentId: string;
  readonly body: CreateRefundDto;
}

@Injectable()
export class CreateRefund {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly once: AnswerOnce,
    private readonly keys: IdempotencyKeys,
    private readonly outcomes: RefundOutcomes,
    private readonly fees: FeeSchedules,
  ) {
    this.database = databases.of('payments');
  }

  /**
   * @throws {DomainError} `payment.not_found`, `refund.payment_not_succeeded`, `refund.exceeds_payment`, and the
   *   `idempotency.*` codes.
   */
  async execute(request: RefundRequest): Promise<KeyedAnswer> {
    return this.once.execute(request, {
      route: `POST /v1/payments/${encodeId('payment', request.paymentId)}/refunds`,
      body: request.body,
      claim: (claimOf) => this.claim(request, claimOf),
      settled: async (id, waitMs) => {
        const settled = waitMs > 0 ? await this.outcomes.wait(id, waitMs) : undefined;
        return render(settled ?? (await this.load(id)));
      },
    });
  }

  private claim(request: RefundRequest, claimOf: ClaimMaker): Promise<Claimed> {
    const { merchant, key, correlationId, traceparent } = request;
    const scope = { merchantId: merchant.merchantId, livemode: merchant.livemode, key };
    return this.database.transaction(async (tx): Promise<Claimed> => {
      const locked = await lockPayment(tx, request.paymentId, merchant);
      if (locked === undefined) throw new DomainError('payment.not_found');
      // Before anything is judged: what has been done already may have left no room to do it once more.
      const known = await this.keys.find(tx, scope);
      if (known !== undefined) return { kind: 'key_exists', key: known };
      const { amount, reason, metadata } = request.body;
      const asked = { id: newUuid(), amount, reason: reason ?? null, metadata };
      const refund = prepareRefund(locked, asked, await this.fees.isGivenBack(locked.payment));
      const fence = await this.keys.claim(tx, claimOf(refund.id, render(refund)), refund.id);
      if (fence === undefined) {
        const faster = await this.keys.find(tx, scope);
        if (faster === undefined) throw new Error('a key that was there is gone');
        return { kind: 'key_exists', key: faster };
      }
      await countIn(tx, refund);
      await insertRefunds(tx, [{ refund, correlationId }]);
      const cause = { correlationId, ...(traceparent === undefined ? {} : { traceparent }) };
      await appendEvents(tx, [refundCreatedEvent(refund, cause)]);
      return { kind: 'claimed', fence };
    });
  }

  private async load(id: string): Promise<Refund> {
    const refund = (await findRefunds(this.database, [id])).get(id);
    if (refund === undefined) throw new Error('an idempotency key names a refund that does not exist');
    return refund;
  }
}

function render(refund: Refund): { final: boolean; resource: Record<string, unknown> } {
  return { final: isConcluded(refund), resource: toRefundResource(refund) };
}
