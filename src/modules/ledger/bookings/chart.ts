/** Which transfers book what gateways have captured, and what reconciliation found. Pure; account ids are looked up afterwards. */
import { adjustmentApproved, settlementReceived } from '../../../contracts/reconciliation.events.js';
import { attemptQuarantined, surplusCaptured } from '../../../contracts/routing.events.js';
import { paymentSucceeded } from '../../../contracts/payments.events.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { toJsonAmount, type Currency } from '../../../kernel/money/money.js';
import { accountKey, type AccountKey } from '../accounts/account.js';
import { reserveOf, type Policy } from '../settlement/policy.js';
import { transferIdOf, type AttemptAspect } from '../transfers/transfer-id.js';
import type { PlannedTransfer, TransferKind } from '../transfers/transfer.js';
import { adjustmentFor, bankReceiptFor } from './reconciliation-chart.js';

/** Money that one attempt took at a gateway, and whose it is. */
interface Capture {
  readonly paymentId: string;
  readonly attemptId: string;
  readonly livemode: boolean;
  readonly currency: Currency;
  readonly gatewayAccountId: string;
  readonly amount: number;
  readonly gatewayFee: number;
  readonly effectiveAt: Date;
}

interface Leg {
  /** Part of the transfer's id: what an attempt did once is booked once, whichever event tells of it. */
  readonly aspect: AttemptAspect;
  readonly kind: TransferKind;
  readonly debit: AccountKey;
  readonly credit: AccountKey;
  readonly amount: number;
}

/**
 * The transfers that book an event, in order; none where nothing was captured.
 * @param policy says what of a collection is kept back; undefined: nothing
 * @throws {Error} for an event that contradicts itself: it becomes a dead letter, for an operator to look at.
 */
export function transfersFor(event: StoredEvent, policy?: Policy): readonly PlannedTransfer[] {
  switch (event.type) {
    case paymentSucceeded.type:
      return collection(event, event.payload as PayloadOf<typeof paymentSucceeded>, policy);
    case surplusCaptured.type: {
      const payload = event.payload as PayloadOf<typeof surplusCaptured>;
      return suspense(event, payload, payload.amount, payload.currency);
    }
    case attemptQuarantined.type: {
      const payload = event.payload as PayloadOf<typeof attemptQuarantined>;
      return suspense(event, payload, payload.captured_amount, payload.captured_currency);
    }
    case adjustmentApproved.type:
      return adjustmentFor(event);
    case settlementReceived.type:
      return bankReceiptFor(event);
    default:
      throw new Error(`The ledger does not know how to book ${event.type}`);
  }
}

/** The gateway owes us the amount less its fee; we owe the merchant the amount less ours, a part of it later than the rest. */
function collection(
  event: StoredEvent,
  payload: PayloadOf<typeof paymentSucceeded>,
  policy: Policy | undefined,
): readonly PlannedTransfer[] {
  if (event.merchantId === null) throw new Error(`Payment ${payload.payment_id} succeeded for no merchant`);
  if (payload.platform_fee > payload.amount)
    throw new Error(`The platform fee of payment ${payload.payment_id} is more than its amount`);
  const capture: Capture = {
    paymentId: payload.payment_id,
    attemptId: payload.attempt_id,
    livemode: payload.livemode,
    currency: payload.currency,
    gatewayAccountId: payload.gateway_account_id,
    amount: payload.amount,
    gatewayFee: payload.gateway_fee,
    effectiveAt: new Date(payload.succeeded_at),
  };
  const { merchantId } = event;
  const pending = accountKey(capture, 'merchant_pending', { merchantId });
  const kept =
    policy === undefined
      ? 0n
      : reserveOf(policy, BigInt(payload.amount), BigInt(payload.amount - payload.platform_fee));
  return planned(capture, [
    { aspect: 'capture', kind: 'collection', debit: clearing(capture), credit: pending, amount: capture.amount },
    gatewayFee(capture),
    {
      aspect: 'platform_fee',
      kind: 'platform_fee',
      debit: pending,
      credit: accountKey(capture, 'platform_fees'),
      amount: payload.platform_fee,
    },
    {
      aspect: 'reserve',
      kind: 'reserve',
      debit: pending,
      credit: accountKey(capture, 'merchant_rolling_reserve', { merchantId }),
      amount: toJsonAmount(kept),
    },
  ]);
}

/** Money the gateway holds for us that is not the merchant's: the customer's, or whose is not known yet. */
function suspense(
  event: StoredEvent,
  payload: PayloadOf<typeof surplusCaptured> | PayloadOf<typeof attemptQuarantined>,
  amount: number,
  currency: Currency,
): readonly PlannedTransfer[] {
  const { attempt } = payload;
  const capture: Capture = {
    paymentId: payload.payment_id,
    attemptId: attempt.attempt_id,
    livemode: payload.livemode,
    currency,
    gatewayAccountId: attempt.gateway_account_id,
    amount,
    gatewayFee: payload.gateway_fee,
    effectiveAt: attempt.concluded_at === null ? event.createdAt : new Date(attempt.concluded_at),
  };
  return planned(capture, [
    {
      aspect: 'capture',
      kind: 'suspense_capture',
      debit: clearing(capture),
      credit: accountKey(capture, 'suspense'),
      amount,
    },
    gatewayFee(capture),
  ]);
}

function gatewayFee(capture: Capture): Leg {
  return {
    aspect: 'gateway_fee',
    kind: 'gateway_fee',
    debit: accountKey(capture, 'gateway_fees'),
    credit: clearing(capture),
    amount: capture.gatewayFee,
  };
}

function clearing(capture: Capture): AccountKey {
  return accountKey(capture, 'gateway_clearing', { qualifier: capture.gatewayAccountId });
}

function planned(capture: Capture, legs: readonly Leg[]): readonly PlannedTransfer[] {
  return legs
    .filter((leg) => leg.amount > 0)
    .map((leg) => ({
      id: transferIdOf(capture.attemptId, leg.aspect),
      kind: leg.kind,
      debit: leg.debit,
      credit: leg.credit,
      amountMinor: BigInt(leg.amount),
      subjectId: capture.paymentId,
      attemptId: capture.attemptId,
      effectiveAt: capture.effectiveAt,
    }));
}
