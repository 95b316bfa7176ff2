/** Refunds and payouts as the ledger is told of them, in shapes that fit the contracts. */
import type { z } from 'zod';
import {
  paymentSucceeded,
  payoutCreated,
  payoutFailed,
  payoutReturned,
  payoutSucceeded,
  refundCreated,
  refundFailed,
  refundReturned,
  refundSucceeded,
} from '../../../src/contracts/payments.events.js';
import { disbursementDuplicated, disbursementRecovered } from '../../../src/contracts/routing.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { EventDefinition, StoredEvent } from '../../../src/kernel/outbox/event.js';
import { keyText, type AccountKind } from '../../../src/modules/ledger/accounts/account.js';
import { postTransfers } from '../../../src/modules/ledger/transfers/posting.store.js';
import type { LedgerProcess } from './harness.js';

const GATEWAY_ACCOUNT = '0191b6f0-0000-7000-8000-0000000000aa';
const CURRENCY = 'GHS';
const AT = '2026-02-01T00:00:00.000Z';

/** The attempt whose capture refunds give back, unless they say otherwise. See {@link bookCapture}. */
export const CAPTURED_BY = '0191b6f0-0000-7000-8000-0000000000cc';

export function eventOf<Type extends string, Schema extends z.ZodType>(
  definition: EventDefinition<Type, Schema>,
  payload: z.input<Schema>,
  merchantId: string | null,
): StoredEvent {
  return {
    id: newUuid(),
    type: definition.type,
    aggregateType: definition.aggregateType,
    aggregateId: newUuid(),
    merchantId,
    payload: definition.schema.parse(payload),
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(AT),
  };
}

export interface Asked {
  readonly id: string;
  readonly kind: 'refund' | 'payout';
  readonly source: 'merchant' | 'surplus';
  readonly merchantId: string;
  readonly amount: number;
  readonly fee: number;
  /** What of a refund's amount the platform gives back of its own. */
  readonly platformFee: number;
  readonly capturedBy: string;
  /** Whose money leaves. */
  readonly gatewayAccountId: string;
  /** The attempt that sends it, and another that may too. */
  readonly attemptId: string;
  readonly otherAttemptId: string;
}

export function asked(merchantId: string, amount: number, more: Partial<Asked> = {}): Asked {
  return {
    id: newUuid(),
    kind: 'payout',
    source: 'merchant',
    merchantId,
    amount,
    fee: 0,
    platformFee: 0,
    capturedBy: CAPTURED_BY,
    gatewayAccountId: GATEWAY_ACCOUNT,
    attemptId: newUuid(),
    otherAttemptId: newUuid(),
    ...more,
  };
}

export const HAPPENINGS = ['created', 'succeeded', 'failed', 'returned', 'duplicated'] as const;
export type Happening = (typeof HAPPENINGS)[number] | 'recovered';

/** Each call makes an event of its own, of the same content. */
export function told(of: Asked, what: Happening): StoredEvent {
  const { amount, kind, source, merchantId, fee, gatewayAccountId } = of;
  const common = { livemode: false, amount, currency: CURRENCY } as const;
  const leftBy = {
    gateway: 'paystack',
    gateway_account_id: gatewayAccountId,
    attempt_id: of.attemptId,
    gateway_fee: fee,
    succeeded_at: AT,
    resource: {},
  };
  const cameBack = { gateway_account_id: gatewayAccountId, attempt_id: of.attemptId, returned_at: AT, resource: {} };
  const lost = { failure_code: 'declined', resource: {} };
  if (what === 'duplicated' || what === 'recovered') {
    const attempt = {
      attempt_id: of.otherAttemptId,
      version: 3,
      gateway: 'paystack',
      gateway_account_id: gatewayAccountId,
      reference: 'ref',
      status: what === 'duplicated' ? ('surplus' as const) : ('returned' as const),
      outcome_code: null,
      blame: null,
      started_at: AT,
      concluded_at: AT,
    };
    const paid = { ...common, kind, subject_id: of.id, attempt };
    if (what === 'recovered') return eventOf(disbursementRecovered, paid, merchantId);
    return eventOf(disbursementDuplicated, { ...paid, gateway_fee: fee }, merchantId);
  }
  if (kind === 'payout') {
    const payout = { ...common, payout_id: of.id };
    if (what === 'created') return eventOf(payoutCreated, { ...payout, batch_id: null }, merchantId);
    if (what === 'succeeded') return eventOf(payoutSucceeded, { ...payout, ...leftBy }, merchantId);
    if (what === 'failed') return eventOf(payoutFailed, { ...payout, ...lost }, merchantId);
    return eventOf(payoutReturned, { ...payout, ...cameBack }, merchantId);
  }
  const refund = {
    ...common,
    refund_id: of.id,
    payment_id: newUuid(),
    source,
    captured_by: of.capturedBy,
    platform_fee: of.platformFee,
  };
  if (what === 'created') return eventOf(refundCreated, refund, merchantId);
  if (what === 'succeeded') return eventOf(refundSucceeded, { ...refund, ...leftBy }, merchantId);
  if (what === 'failed') return eventOf(refundFailed, { ...refund, ...lost }, merchantId);
  return eventOf(refundReturned, { ...refund, ...cameBack }, merchantId);
}

export const take = (ledger: LedgerProcess, events: readonly StoredEvent[]): Promise<void> =>
  ledger.database.transaction((tx) => ledger.holdFunds.handle(tx, events));

/** A merchant's captured money, without the gateway's fee. */
export function collect(
  ledger: LedgerProcess,
  merchantId: string,
  amount: number,
  gatewayAccountId = GATEWAY_ACCOUNT,
  more: { readonly platform_fee?: number; readonly attempt_id?: string } = {},
): Promise<void> {
  return book(ledger, merchantId, { amount, currency: CURRENCY, gateway_account_id: gatewayAccountId, ...more });
}

/** Some capture of somebody else's, so that refunds which do not say what they give back are of something that is booked. */
export function bookCapture(ledger: LedgerProcess): Promise<void> {
  const strangers = { payment_id: CAPTURED_BY, attempt_id: CAPTURED_BY, amount: 1, currency: 'XAF' } as const;
  return book(ledger, CAPTURED_BY, strangers);
}

function book(
  ledger: LedgerProcess,
  merchantId: string,
  captured: Pick<z.input<typeof paymentSucceeded.schema>, 'amount' | 'currency'> &
    Partial<z.input<typeof paymentSucceeded.schema>>,
): Promise<void> {
  const event = eventOf(
    paymentSucceeded,
    {
      payment_id: newUuid(),
      livemode: false,
      gateway: 'paystack',
      gateway_account_id: GATEWAY_ACCOUNT,
      attempt_id: newUuid(),
      gateway_fee: 0,
      platform_fee: 0,
      succeeded_at: AT,
      resource: {},
      ...captured,
    },
    merchantId,
  );
  return ledger.database.transaction((tx) => ledger.bookCollections.handle(tx, [event]));
}

/** As a settlement will do it: what was captured can be used freely. */
export async function settle(ledger: LedgerProcess, merchantId: string, amount: bigint): Promise<void> {
  await ledger.database.transaction(async (tx) => {
    const key = (kind: AccountKind) =>
      ({ merchantId, livemode: false, currency: CURRENCY, kind, qualifier: '' }) as const;
    const keys = [key('merchant_pending'), key('merchant_available')] as const;
    const ids = await ledger.accountIds.resolve(tx, keys);
    const [debitAccountId = '', creditAccountId = ''] = keys.map((each) => ids.get(keyText(each)) ?? '');
    await postTransfers(tx, [
      {
        id: newUuid(),
        debitAccountId,
        creditAccountId,
        amountMinor: amount,
        kind: 'test',
        subjectId: null,
        effectiveAt: new Date(AT),
      },
    ]);
  });
}
