/** What routing says, applied to payments: in one transaction per batch, set-based, in whatever order the events come. */
import { Injectable } from '@nestjs/common';
import { paymentActionRequired, paymentFailed, paymentSucceeded } from '../../contracts/payments.events.js';
import {
  attemptConcluded,
  attemptQuarantined,
  attemptStarted,
  attemptUpdated,
  paymentExhausted,
  paymentRouted,
  surplusCaptured,
} from '../../contracts/routing.events.js';
import type { Tx } from '../../kernel/database/tx.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import { newEvent, type NewEvent, type StoredEvent } from '../../kernel/outbox/event.js';
import { only } from './events-of.js';
import { FeeSchedules } from './fees/fee-schedules.js';
import { toResource } from './payment.js';
import { PaymentOutcomes } from './payment-outcomes.js';
import {
  charge,
  fail,
  requireAction,
  saveAttempts,
  succeed,
  withdrawAction,
  type MovedPayment,
} from './payments.store.js';
import { RefundSurplus } from './refunds/refund-surplus.js';

type Batch = readonly StoredEvent[];

@Injectable()
export class OnRoutingOutcome implements EventHandler {
  private readonly concluded;

  constructor(
    private readonly outcomes: PaymentOutcomes,
    private readonly refundSurplus: RefundSurplus,
    private readonly fees: FeeSchedules,
    metrics: Metrics,
  ) {
    this.concluded = metrics.counter('sankofa_payments_concluded_total', 'Payments that became final, by status', [
      'status',
    ]);
  }

  async handle(tx: Tx, events: Batch): Promise<void> {
    const causeOf = new Map(events.map((event) => [event.aggregateId, event]));
    await saveAttempts(tx, this.attemptsOf(events));
    const updates = only(events, attemptUpdated);
    await withdrawAction(
      tx,
      [...only(events, attemptConcluded), ...updates.filter(({ payload }) => payload.next_action === null)].map(
        ({ payload }) => attemptAt(payload),
      ),
    );
    // Success first: a payment that is both routed and exhausted in one batch has succeeded.
    const won = await succeed(
      tx,
      only(events, paymentRouted).map(({ payload }) => ({
        payment_id: payload.payment_id,
        gateway: payload.attempt.gateway,
        gateway_account_id: payload.attempt.gateway_account_id,
        attempt_id: payload.attempt.attempt_id,
        gateway_fee: payload.gateway_fee,
      })),
    );
    const succeeded = await this.charged(tx, won);
    const failed = await fail(
      tx,
      only(events, paymentExhausted).map(({ payload }) => ({
        payment_id: payload.payment_id,
        failure_code: payload.failure_code,
      })),
    );
    const asked = await requireAction(
      tx,
      updates.flatMap(({ payload }) =>
        payload.next_action === null ? [] : [{ ...attemptAt(payload), next_action: payload.next_action }],
      ),
    );
    await this.refundSurplus.handle(tx, only(events, surplusCaptured));
    const moved = [...succeeded, ...failed, ...asked];
    await appendEvents(
      tx,
      moved.map((each) => announcement(each, causeOf)),
    );
    tx.afterCommit(() => {
      this.concluded.inc({ status: 'succeeded' }, succeeded.length);
      this.concluded.inc({ status: 'failed' }, failed.length);
      this.outcomes.settled(moved.map((each) => each.payment));
    });
  }

  /** Our fee may depend on the gateway, which is known only now. */
  private async charged(tx: Tx, won: readonly MovedPayment[]): Promise<readonly MovedPayment[]> {
    const charged = await Promise.all(
      won.map(async (moved) => {
        const platformFeeMinor = await this.fees.feeAt(moved.payment);
        return { ...moved, payment: { ...moved.payment, platformFeeMinor } };
      }),
    );
    await charge(
      tx,
      charged.flatMap(({ payment }, index) =>
        payment.platformFeeMinor === won[index]?.payment.platformFeeMinor
          ? []
          : [{ paymentId: payment.id, feeMinor: payment.platformFeeMinor }],
      ),
    );
    return charged;
  }

  private attemptsOf(events: Batch): Parameters<typeof saveAttempts>[1] {
    const telling = [
      attemptStarted,
      attemptUpdated,
      attemptConcluded,
      paymentRouted,
      surplusCaptured,
      attemptQuarantined,
    ];
    return telling.flatMap((definition) =>
      only(events, definition).map(({ payload, merchantId }) => ({
        payment_id: payload.payment_id,
        merchant_id: merchantId,
        // Last, as wherever many follow each other: accept.store.ts.
        ...payload.attempt,
      })),
    );
  }
}

function attemptAt(payload: {
  readonly payment_id: string;
  readonly attempt: { readonly attempt_id: string; readonly version: number };
}): { readonly payment_id: string; readonly attempt_id: string; readonly version: number } {
  const { attempt_id, version } = payload.attempt;
  return { payment_id: payload.payment_id, attempt_id, version };
}

function announcement(moved: MovedPayment, causeOf: ReadonlyMap<string, StoredEvent>): NewEvent {
  const { payment } = moved;
  const cause = causeOf.get(payment.id);
  if (cause === undefined) throw new Error('a payment moved without an event of this batch');
  const context = { aggregateId: payment.id, merchantId: payment.merchantId, cause };
  const common = { payment_id: payment.id, livemode: payment.livemode, resource: toResource(payment) };
  if (payment.status === 'failed' && payment.failureCode !== null) {
    return newEvent(paymentFailed, context, { ...common, failure_code: payment.failureCode });
  }
  if (payment.status === 'requires_action' && payment.nextAction !== null) {
    return newEvent(paymentActionRequired, context, { ...common, next_action: payment.nextAction });
  }
  if (
    payment.gateway === null ||
    moved.gatewayAccountId === null ||
    moved.winningAttemptId === null ||
    payment.concludedAt === null
  ) {
    throw new Error(`payment ${payment.id} is ${payment.status} without what belongs to it`);
  }
  return newEvent(paymentSucceeded, context, {
    amount: toJsonAmount(payment.amountMinor),
    currency: payment.currency,
    gateway: payment.gateway,
    gateway_account_id: moved.gatewayAccountId,
    attempt_id: moved.winningAttemptId,
    gateway_fee: toJsonAmount(payment.gatewayFeeMinor ?? 0n),
    platform_fee: toJsonAmount(payment.platformFeeMinor),
    succeeded_at: payment.concludedAt.toISOString(),
    ...common,
  });
}
