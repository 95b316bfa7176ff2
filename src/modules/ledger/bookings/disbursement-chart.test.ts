import {
  payoutCreated,
  payoutFailed,
  payoutReturned,
  payoutSucceeded,
  refundCreated,
  refundReturned,
  refundSucceeded,
} from '../../../contracts/payments.events.js';
import {
  disbursementDuplicated,
  disbursementQuarantined,
  disbursementRecovered,
} from '../../../contracts/routing.events.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { StoredEvent } from '../../../kernel/outbox/event.js';
import { keyText } from '../accounts/account.js';
import { stepFor } from './disbursement-chart.js';
import { holdColumns, type HoldStep } from '../holds/hold.js';
import { transferIdOf } from '../transfers/transfer-id.js';

const MERCHANT = newUuid();
const GATEWAY_ACCOUNT = newUuid();
const SUBJECT = newUuid();
const ATTEMPT = newUuid();
const AT = '2026-02-01T00:00:00.000Z';

const common = { livemode: true, amount: 1_000, currency: 'NGN' } as const;
const ofPayout = { ...common, payout_id: SUBJECT, batch_id: null };
const ofRefund = (source: 'merchant' | 'surplus', platformFee = 0) => ({
  ...common,
  refund_id: SUBJECT,
  payment_id: newUuid(),
  source,
  captured_by: newUuid(),
  platform_fee: platformFee,
});
const leftBy = {
  gateway: 'paystack',
  gateway_account_id: GATEWAY_ACCOUNT,
  attempt_id: ATTEMPT,
  gateway_fee: 10,
  succeeded_at: AT,
  resource: {},
};
const cameBack = { gateway_account_id: GATEWAY_ACCOUNT, attempt_id: ATTEMPT, returned_at: AT, resource: {} };
const duplicate = {
  ...common,
  kind: 'refund',
  subject_id: SUBJECT,
  gateway_fee: 10,
  attempt: { attempt_id: ATTEMPT, gateway_account_id: GATEWAY_ACCOUNT, concluded_at: AT },
};

const quarantine = {
  kind: 'payout',
  subject_id: SUBJECT,
  livemode: true,
  paid_amount: 900,
  paid_currency: 'NGN',
  gateway_fee: 10,
  reason: 'amount',
  attempt: { attempt_id: ATTEMPT, gateway_account_id: GATEWAY_ACCOUNT, concluded_at: null },
};

function event(definition: { readonly type: string }, payload: unknown): StoredEvent {
  return {
    id: newUuid(),
    type: definition.type,
    aggregateType: 'test',
    aggregateId: SUBJECT,
    merchantId: MERCHANT,
    payload,
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(AT),
  };
}

const AVAILABLE = `${MERCHANT}|live|NGN|merchant_available|`;
const PENDING = `${MERCHANT}|live|NGN|merchant_pending|`;
const RESERVED = `${MERCHANT}|live|NGN|merchant_reserved|`;
const CLEARING = `|live|NGN|gateway_clearing|${GATEWAY_ACCOUNT}`;
const SUSPENSE = '|live|NGN|suspense|';
const CUSTOMER = '|live|NGN|customer_reserved|';
const FEES = '|live|NGN|gateway_fees|';
const OURS = '|live|NGN|platform_fees|';

function drawn({ action, disbursement }: HoldStep) {
  const { source, secondSource, into, isLimited } = disbursement ?? {};
  const name = (key: typeof source): string | null => (key === undefined ? null : keyText(key));
  return [action, name(source), name(secondSource), name(into), isLimited];
}

const moved = ({ transfers }: HoldStep) =>
  transfers.map((each) => [each.kind, keyText(each.debit), keyText(each.credit), Number(each.amountMinor)]);

describe('the chart of money out', () => {
  it.each([
    ['a payout', event(payoutCreated, ofPayout), 'captured', ['place', AVAILABLE, PENDING, RESERVED, true]],
    ['a payout', event(payoutCreated, ofPayout), 'available', ['place', AVAILABLE, null, RESERVED, true]],
    [
      'a refund',
      event(refundCreated, ofRefund('merchant')),
      'available',
      ['place', PENDING, AVAILABLE, RESERVED, true],
    ],
    ['a surplus', event(refundCreated, ofRefund('surplus')), 'captured', ['place', SUSPENSE, null, CUSTOMER, false]],
    ['a payout that fails', event(payoutFailed, ofPayout), 'captured', ['void', AVAILABLE, PENDING, RESERVED, true]],
  ] as const)('says what %s draws on, and where it is held', (_, told, funds, expected) => {
    expect(drawn(stepFor(told, funds))).toEqual(expected);
    expect(moved(stepFor(told, funds))).toEqual([]);
  });

  it.each([
    [
      event(payoutSucceeded, { ...ofPayout, ...leftBy }),
      [
        ['payout_sent', RESERVED, CLEARING, 1_000],
        ['payout_fee', FEES, CLEARING, 10],
      ],
    ],
    [event(payoutSucceeded, { ...ofPayout, ...leftBy, gateway_fee: 0 }), [['payout_sent', RESERVED, CLEARING, 1_000]]],
    [
      event(refundSucceeded, { ...ofRefund('surplus'), ...leftBy }),
      [
        ['refund_sent', CUSTOMER, CLEARING, 1_000],
        ['refund_fee', FEES, CLEARING, 10],
      ],
    ],
    [
      event(refundSucceeded, { ...ofRefund('merchant', 30), ...leftBy }),
      [
        ['refund_sent', RESERVED, CLEARING, 1_000],
        ['refund_fee', FEES, CLEARING, 10],
        ['refund_platform_fee', OURS, RESERVED, 30],
      ],
    ],
    [
      event(refundReturned, { ...ofRefund('merchant', 30), ...cameBack }),
      [
        ['refund_returned', CLEARING, AVAILABLE, 970],
        ['refund_platform_fee_returned', CLEARING, OURS, 30],
      ],
    ],
    [event(payoutReturned, { ...ofPayout, ...cameBack }), [['payout_returned', CLEARING, AVAILABLE, 1_000]]],
    [event(refundReturned, { ...ofRefund('surplus'), ...cameBack }), [['refund_returned', CLEARING, SUSPENSE, 1_000]]],
    [
      event(disbursementDuplicated, duplicate),
      [
        ['refund_duplicated', SUSPENSE, CLEARING, 1_000],
        ['refund_fee', FEES, CLEARING, 10],
      ],
    ],
    [event(disbursementRecovered, duplicate), [['refund_recovered', CLEARING, SUSPENSE, 1000]]],
    [
      event(disbursementQuarantined, quarantine),
      [
        ['payout_quarantined', SUSPENSE, CLEARING, 900],
        ['payout_fee', FEES, CLEARING, 10],
      ],
    ],
  ])('says what moves when it is told of $type', (told, expected) => {
    expect(moved(stepFor(told, 'captured'))).toEqual(expected);
  });

  it('gives what an attempt sent one id, whichever event tells of it', () => {
    const ids = [event(payoutSucceeded, { ...ofPayout, ...leftBy }), event(disbursementDuplicated, duplicate)].map(
      (told) => stepFor(told, 'captured').transfers[0]?.id,
    );
    expect(ids).toEqual([transferIdOf(ATTEMPT, 'disbursement'), transferIdOf(ATTEMPT, 'disbursement')]);
  });
});

describe('steps as columns', () => {
  it('name accounts and subjects once, and point at them from 1, transfers at their steps', () => {
    const other = { ...ofPayout, payout_id: newUuid() };
    const steps = [
      event(payoutCreated, other),
      event(payoutReturned, { ...ofPayout, ...cameBack }),
      event(payoutSucceeded, { ...ofPayout, ...leftBy }),
      event(payoutFailed, other),
    ].map((told) => stepFor(told, 'available'));
    const ids = new Map([AVAILABLE, PENDING, RESERVED, CLEARING, FEES].map((key) => [key, `id of ${key}`]));
    const [accounts, subjects, , , , first, second, into, , , , actions, stepSubjects, , ofStep, , , debits, credits] =
      holdColumns(steps, ids);
    expect(accounts).toEqual([...ids.values()]);
    expect([subjects, first, second, into]).toEqual([
      [other.payout_id, SUBJECT],
      [1, 1],
      [null, null],
      [3, 3],
    ]);
    expect([actions, stepSubjects]).toEqual([
      ['place', 'book', 'post', 'void'],
      [1, null, 2, 1],
    ]);
    expect([ofStep, debits, credits]).toEqual([
      [2, 3, 3],
      [4, 3, 5],
      [1, 4, 4],
    ]);
  });
});
