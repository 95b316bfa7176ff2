/** What refunds and payouts do to the books, event by event. Pure. */
import type { PayoutFunds } from '../../../config/env.js';
import {
  payoutCreated,
  payoutFailed,
  payoutReturned,
  payoutSucceeded,
  refundCreated,
  refundFailed,
  refundReturned,
  refundSucceeded,
} from '../../../contracts/payments.events.js';
import {
  disbursementDuplicated,
  disbursementQuarantined,
  disbursementRecovered,
} from '../../../contracts/routing.events.js';
import type { DisbursementKind } from '../../../contracts/shared.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { accountKey, type AccountKey, type Unit } from '../accounts/account.js';
import type { Disbursement, HoldAction, HoldStep } from '../holds/hold.js';
import { transferIdOf, type AttemptAspect } from '../transfers/transfer-id.js';
import type { PlannedTransfer, TransferKind } from '../transfers/transfer.js';

type RefundEvent = PayloadOf<typeof refundCreated>;
type PayoutEvent = Pick<PayloadOf<typeof payoutCreated>, 'payout_id' | 'livemode' | 'amount' | 'currency'>;
type Sent = Pick<
  PayloadOf<typeof payoutSucceeded>,
  'livemode' | 'amount' | 'currency' | 'attempt_id' | 'gateway_account_id' | 'gateway_fee' | 'succeeded_at'
>;
type Returned = Pick<
  PayloadOf<typeof payoutReturned>,
  'livemode' | 'amount' | 'currency' | 'attempt_id' | 'gateway_account_id' | 'returned_at'
>;

/** What one attempt did at a gateway. */
interface Movement {
  readonly attemptId: string;
  readonly subjectId: string;
  readonly effectiveAt: Date;
}

interface Leg {
  /** Part of the transfer's id: what an attempt sent is booked once, whichever event tells of it. */
  readonly aspect: AttemptAspect;
  readonly kind: TransferKind;
  readonly debit: AccountKey;
  readonly credit: AccountKey;
  readonly amount: number;
}

/**
 * @param payoutFunds what payouts may draw on
 * @throws {Error} for an event that contradicts itself: it becomes a dead letter, for an operator to look at.
 */
export function stepFor(event: StoredEvent, payoutFunds: PayoutFunds): HoldStep {
  switch (event.type) {
    case refundCreated.type:
      return step(event, 'place', refund(event));
    case payoutCreated.type:
      return step(event, 'place', payout(event, payoutFunds));
    case refundFailed.type:
      return step(event, 'void', refund(event));
    case payoutFailed.type:
      return step(event, 'void', payout(event, payoutFunds));
    case refundSucceeded.type:
      return refundSent(refund(event), event.payload as PayloadOf<typeof refundSucceeded>);
    case payoutSucceeded.type:
      return sent(payout(event, payoutFunds), event.payload as PayloadOf<typeof payoutSucceeded>);
    case refundReturned.type:
      return refundCameBack(refund(event), event.payload as PayloadOf<typeof refundReturned>);
    case payoutReturned.type:
      return returned(payout(event, payoutFunds), event.payload as PayloadOf<typeof payoutReturned>);
    case disbursementDuplicated.type:
      return duplicated(event, event.payload as PayloadOf<typeof disbursementDuplicated>);
    case disbursementRecovered.type:
      return recovered(event, event.payload as PayloadOf<typeof disbursementRecovered>);
    case disbursementQuarantined.type:
      return quarantined(event, event.payload as PayloadOf<typeof disbursementQuarantined>);
    default:
      throw new Error(`The ledger does not know how to hold or book ${event.type}`);
  }
}

/**
 * A merchant gives back what it took most recently first: what is captured and not settled; and the platform its share of the fee, which is
 * not held, since what it has earned is not spent here. A surplus capture is the customer's and
 * lies in suspense; it is never refused, since another consumer books it there, perhaps later than this one is asked to hold it.
 */
function refund(event: StoredEvent): Disbursement {
  const payload = event.payload as RefundEvent;
  const common = { subjectId: payload.refund_id, kind: 'refund', amountMinor: merchantsPart(payload) } as const;
  if (payload.source === 'surplus') {
    return {
      ...common,
      merchantId: null,
      source: accountKey(payload, 'suspense'),
      secondSource: undefined,
      otherSources: [],
      into: accountKey(payload, 'customer_reserved'),
      isLimited: false,
    };
  }
  const merchantId = merchantOf(event);
  return {
    ...common,
    merchantId,
    source: accountKey(payload, 'merchant_pending', { merchantId }),
    secondSource: accountKey(payload, 'merchant_available', { merchantId }),
    otherSources: [],
    into: accountKey(payload, 'merchant_reserved', { merchantId }),
    isLimited: true,
    broughtBy: transferIdOf(payload.captured_by, 'capture'),
  };
}

/** @throws {Error} when the platform would give back more than the whole, or all of it: something has to be held */
function merchantsPart(payload: Pick<RefundEvent, 'refund_id' | 'amount' | 'platform_fee'>): bigint {
  if (payload.platform_fee >= payload.amount)
    throw new Error(`The platform's part of refund ${payload.refund_id} leaves nothing for the merchant's`);
  return BigInt(payload.amount - payload.platform_fee);
}

/** Whose payout an event is about, and in what currency; undefined where it is about none that draws on anything. */
export function payoutOf(
  event: StoredEvent,
): { readonly merchantId: string; readonly currency: Unit['currency'] } | undefined {
  if (event.type !== payoutCreated.type && event.type !== payoutSucceeded.type) return undefined;
  const { currency } = event.payload as PayoutEvent;
  return { merchantId: merchantOf(event), currency };
}

function payout(event: StoredEvent, funds: PayoutFunds): Disbursement {
  const payload = event.payload as PayoutEvent;
  const merchantId = merchantOf(event);
  const captured = accountKey(payload, 'merchant_pending', { merchantId });
  return {
    subjectId: payload.payout_id,
    kind: 'payout',
    merchantId,
    amountMinor: BigInt(payload.amount),
    source: accountKey(payload, 'merchant_available', { merchantId }),
    secondSource: funds === 'captured' ? captured : undefined,
    otherSources: [captured],
    into: accountKey(payload, 'merchant_reserved', { merchantId }),
    isLimited: true,
  };
}

function merchantOf(event: StoredEvent): string {
  if (event.merchantId === null) throw new Error(`${event.type} of ${event.aggregateId} belongs to no merchant`);
  return event.merchantId;
}

function step(event: StoredEvent, action: HoldAction, disbursement: Disbursement): HoldStep {
  return { action, disbursement, transfers: [], effectiveAt: event.createdAt };
}

/** Out of what was held, and out of what the gateway owes us; it keeps its fee from the latter too. */
function sent(disbursement: Disbursement, payload: Sent): HoldStep {
  const { kind, subjectId, into } = disbursement;
  const effectiveAt = new Date(payload.succeeded_at);
  const clearing = clearingOf(payload, payload.gateway_account_id);
  const movement = { attemptId: payload.attempt_id, subjectId, effectiveAt };
  const leg: Leg = {
    aspect: 'disbursement',
    kind: `${kind}_sent`,
    debit: into,
    credit: clearing,
    amount: payload.amount,
  };
  const transfers = planned(movement, [leg, fee(payload, kind, clearing, payload.gateway_fee)]);
  return { action: 'post', disbursement, transfers, effectiveAt };
}

function refundSent(disbursement: Disbursement, payload: PayloadOf<typeof refundSucceeded>): HoldStep {
  const step = sent(disbursement, payload);
  const { effectiveAt } = step;
  const leg: Leg = {
    aspect: 'platform_fee',
    kind: 'refund_platform_fee',
    debit: accountKey(payload, 'platform_fees'),
    credit: disbursement.into,
    amount: payload.platform_fee,
  };
  const movement = { attemptId: payload.attempt_id, subjectId: disbursement.subjectId, effectiveAt };
  return { ...step, transfers: [...step.transfers, ...planned(movement, [leg])] };
}

/** As it was given back: the merchant's part to the merchant, and the platform's to the platform. */
function refundCameBack(disbursement: Disbursement, payload: PayloadOf<typeof refundReturned>): HoldStep {
  const { subjectId } = disbursement;
  const step = returned(disbursement, { ...payload, amount: payload.amount - payload.platform_fee });
  const leg: Leg = {
    aspect: 'return_platform_fee',
    kind: 'refund_platform_fee_returned',
    debit: clearingOf(payload, payload.gateway_account_id),
    credit: accountKey(payload, 'platform_fees'),
    amount: payload.platform_fee,
  };
  const movement = { attemptId: payload.attempt_id, subjectId, effectiveAt: step.effectiveAt };
  return { ...step, transfers: [...step.transfers, ...planned(movement, [leg])] };
}

/** It is the merchant's again, at once; a customer's goes back to where it was waiting. */
function returned({ kind, subjectId, merchantId }: Disbursement, payload: Returned): HoldStep {
  const effectiveAt = new Date(payload.returned_at);
  const leg: Leg = {
    aspect: 'return',
    kind: `${kind}_returned`,
    debit: clearingOf(payload, payload.gateway_account_id),
    credit:
      merchantId === null ? accountKey(payload, 'suspense') : accountKey(payload, 'merchant_available', { merchantId }),
    amount: payload.amount,
  };
  const transfers = planned({ attemptId: payload.attempt_id, subjectId, effectiveAt }, [leg]);
  return { action: 'book', disbursement: undefined, transfers, effectiveAt };
}

/** What a receiver has twice is ours to get back: it stands in suspense, on the other side, until then. */
function duplicated(event: StoredEvent, payload: PayloadOf<typeof disbursementDuplicated>): HoldStep {
  return intoSuspense(event, payload, 'duplicated', payload);
}

/** The duplicate came back, and is ours no longer to get. What the gateway kept of it stays kept. */
function recovered(event: StoredEvent, payload: PayloadOf<typeof disbursementRecovered>): HoldStep {
  const { kind, subject_id: subjectId, attempt, amount } = payload;
  const effectiveAt = event.createdAt;
  const leg: Leg = {
    aspect: 'return',
    kind: `${kind}_recovered`,
    debit: clearingOf(payload, attempt.gateway_account_id),
    credit: accountKey(payload, 'suspense'),
    amount,
  };
  const transfers = planned({ attemptId: attempt.attempt_id, subjectId, effectiveAt }, [leg]);
  return { action: 'book', disbursement: undefined, transfers, effectiveAt };
}

/**
 * The gateway has paid, though not what was asked, and owes us that much less; whose it is, an operator decides. What was asked stays held
 * meanwhile.
 */
function quarantined(event: StoredEvent, payload: PayloadOf<typeof disbursementQuarantined>): HoldStep {
  return intoSuspense(event, payload, 'quarantined', { amount: payload.paid_amount, currency: payload.paid_currency });
}

function intoSuspense(
  event: StoredEvent,
  payload: PayloadOf<typeof disbursementDuplicated> | PayloadOf<typeof disbursementQuarantined>,
  what: 'duplicated' | 'quarantined',
  { amount, currency }: { readonly amount: number; readonly currency: Unit['currency'] },
): HoldStep {
  const { kind, subject_id: subjectId, attempt, livemode } = payload;
  const unit = { livemode, currency };
  const effectiveAt = attempt.concluded_at === null ? event.createdAt : new Date(attempt.concluded_at);
  const clearing = clearingOf(unit, attempt.gateway_account_id);
  const leg: Leg = {
    aspect: 'disbursement',
    kind: `${kind}_${what}`,
    debit: accountKey(unit, 'suspense'),
    credit: clearing,
    amount,
  };
  const movement = { attemptId: attempt.attempt_id, subjectId, effectiveAt };
  const transfers = planned(movement, [leg, fee(unit, kind, clearing, payload.gateway_fee)]);
  return { action: 'book', disbursement: undefined, transfers, effectiveAt };
}

function fee(unit: Unit, kind: DisbursementKind, clearing: AccountKey, amount: number): Leg {
  return {
    aspect: 'gateway_fee',
    kind: `${kind}_fee`,
    debit: accountKey(unit, 'gateway_fees'),
    credit: clearing,
    amount,
  };
}

function clearingOf(unit: Unit, gatewayAccountId: string): AccountKey {
  return accountKey(unit, 'gateway_clearing', { qualifier: gatewayAccountId });
}

function planned(movement: Movement, legs: readonly Leg[]): readonly PlannedTransfer[] {
  return legs
    .filter((leg) => leg.amount > 0)
    .map((leg) => ({
      id: transferIdOf(movement.attemptId, leg.aspect),
      kind: leg.kind,
      debit: leg.debit,
      credit: leg.credit,
      amountMinor: BigInt(leg.amount),
      subjectId: movement.subjectId,
      attemptId: movement.attemptId,
      effectiveAt: movement.effectiveAt,
    }));
}
