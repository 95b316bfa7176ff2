import fc from 'fast-check';
import { readAction as readFlutterwaveAction } from './flutterwave/flutterwave.actions.js';
import { readFlutterwaveAnswer, readHostedPage as readFlutterwavePage } from './flutterwave/flutterwave.answers.js';
import {
  readSettlementPage as readFlutterwaveSettlements,
  readTransactionPage as readFlutterwaveTransactions,
} from './flutterwave/flutterwave.book-lines.js';
import { readFlutterwaveBalances } from './flutterwave/flutterwave.float.js';
import {
  readFoundTransfers as readFlutterwaveTransfers,
  readTransfer as readFlutterwaveTransfer,
} from './flutterwave/flutterwave.payout-answers.js';
import { readRefund as readFlutterwaveRefund } from './flutterwave/flutterwave.refund-answers.js';
import type { MoneyOutOutcome } from './gateway-parts.js';
import type { HttpAnswer } from './http-client.js';
import { readCreated, readDisbursement, readRequestToPay } from './mtn-momo/mtn-momo.answers.js';
import { readMtnBalance } from './mtn-momo/mtn-momo.float.js';
import { readAction as readPaystackAction } from './paystack/paystack.actions.js';
import { readHostedPage as readPaystackPage, readPaystackAnswer } from './paystack/paystack.answers.js';
import {
  readSettlementPage as readPaystackSettlements,
  readTransactionPage as readPaystackTransactions,
} from './paystack/paystack.books.js';
import { readPaystackBalances } from './paystack/paystack.float.js';
import { readTransfer as readPaystackTransfer } from './paystack/paystack.payout-answers.js';
import { readRefund as readPaystackRefund } from './paystack/paystack.refund-answers.js';
import {
  readHostedPage as readHubtelPage,
  readHubtelStatus,
  readPrompted as readHubtelPrompted,
} from './hubtel/hubtel.answers.js';
import { readPayoutStatus as readHubtelPayout } from './hubtel/hubtel.payouts.js';
import { readCreated as readMonnifyCreated, readMonnifyStatus } from './monnify/monnify.answers.js';
import { readPayout as readMonnifyPayout } from './monnify/monnify.payouts.js';
import { readRefund as readMonnifyRefund } from './monnify/monnify.refunds.js';
import { readCreated as readOrangeCreated, readOrangeStatus } from './orange-money/orange-money.answers.js';
import { readSession as readWaveSession, readSessions as readWaveSessions } from './wave/wave.answers.js';
import { readPayout as readWavePayout, readPayouts as readWavePayouts } from './wave/wave.payouts.js';

type Read = (answer: HttpAnswer) => MoneyOutOutcome;

/** A reader, and answers that it understands, to be spoilt. */
type Reader = readonly [name: string, read: Read, understood: readonly object[]];

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';
const paystack = ['success', 'failed', 'pay_offline', 'open_url'].map((status) => ({
  status: true,
  data: { id: 7, status, reference: REFERENCE, amount: 150_000, requested_amount: 150_000, fees: 100, currency: 'XOF' },
}));
const flutterwave = ['successful', 'failed', 'pending'].map((status) => ({
  status: 'success',
  data: { id: 7, status, tx_ref: REFERENCE, amount: 1_500, charged_amount: 1_500, app_fee: 2.5, currency: 'XOF' },
}));
const mtn = ['SUCCESSFUL', 'FAILED', 'PENDING'].map((status) => ({
  status,
  externalId: REFERENCE,
  amount: '1500',
  currency: 'XOF',
  reason: 'EXPIRED',
}));
const paystackPage = [{ status: true, data: { authorization_url: 'https://x.example' } }];
const flutterwavePage = [{ status: 'success', data: { link: 'https://x.example' } }];

const wanted = {
  reference: REFERENCE,
  charge: { reference: 'f'.repeat(32), handles: { id: '8' }, amountMinor: 1_500n },
  currency: 'XOF',
} as const;
const statuses = (names: readonly string[], of: (status: string) => object): object[] => names.map(of);
const paystackRefunds = statuses(['processed', 'pending', 'failed'], (status) => ({
  status: true,
  data: { id: 7, status, transaction: 8, amount: '150000', currency: 'XOF', merchant_note: REFERENCE },
}));
const paystackTransfers = statuses(['success', 'otp', 'failed', 'reversed'], (status) => ({
  status: true,
  data: { id: 7, status, transfer_code: 'TRF_1', reference: REFERENCE, amount: 150_000, currency: 'XOF' },
}));
const flutterwaveRefunds = statuses(['completed', 'pending-momo', 'failed'], (status) => ({
  status: 'success',
  data: { id: 7, tx_id: 8, status, amount_refunded: 1_500, comments: REFERENCE },
}));
const flutterwaveTransfers = statuses(['SUCCESSFUL', 'NEW', 'FAILED'], (status) => ({
  status: 'success',
  data: { id: 7, status, reference: REFERENCE, amount: 1_500, fee: 2.5, currency: 'XOF', complete_message: 'x' },
}));
const monnify = ['PAID', 'OVERPAID', 'FAILED', 'PENDING'].map((paymentStatus) => ({
  requestSuccessful: true,
  responseCode: '0',
  responseBody: {
    paymentStatus,
    paymentReference: REFERENCE,
    amountPaid: '15',
    settlementAmount: '14',
    currency: 'NGN',
  },
}));
const monnifyCreated = [
  { responseCode: '0', responseBody: { transactionReference: 'MNFY|1', checkoutUrl: 'https://x.example' } },
  { responseCode: '99', responseMessage: 'Duplicate reference' },
];
const monnifyRefund = ['COMPLETED', 'PENDING', 'FAILED'].map((refundStatus) => ({
  responseCode: '0',
  responseBody: { refundStatus, refundReference: REFERENCE, refundAmount: 15 },
}));
const monnifyPayout = ['SUCCESS', 'PENDING', 'FAILED', 'REVERSED'].map((status) => ({
  responseCode: '0',
  responseBody: { status, reference: REFERENCE, amount: 15 },
}));
const hubtel = [
  ...['Paid', 'Unpaid', 'Refunded'].map((status) => ({
    responseCode: '0000',
    message: 'x',
    data: { status, clientReference: REFERENCE, amount: 15, charges: 0.1, amountAfterCharges: 14.9 },
  })),
  { responseCode: '2001', message: 'x' },
  { responseCode: '4000', message: 'x' },
];
const hubtelPrompted = [{ ResponseCode: '0001', Message: 'x', Data: {} }];
const hubtelPage = [{ responseCode: '0000', message: 'x', data: { checkoutUrl: 'https://x.example' } }];
const hubtelPayout = ['success', 'pending', 'failed'].map((transactionStatus) => ({
  ResponseCode: '0000',
  Message: 'x',
  Data: { transactionStatus, clientReference: REFERENCE, amount: 15 },
}));
const orange = ['SUCCESS', 'FAILED', 'PENDING'].map((status) => ({ status, order_id: 'x', code: 1 }));
const orangeCreated = [{ pay_token: 'a', notif_token: 'b', payment_url: 'https://x.example', code: 1 }];
const wave = [
  ['complete', 'succeeded'],
  ['open', 'processing'],
  ['expired', 'cancelled'],
].map(([checkout_status, payment_status]) => ({
  id: 'cos-1',
  checkout_status,
  payment_status,
  client_reference: REFERENCE,
  amount: '15',
  currency: 'XOF',
  code: 'x',
}));
const waveList = wave.map((one) => ({ result: [one], code: 'x' }));
const wavePayout = ['succeeded', 'processing', 'failed', 'reversed'].map((status) => ({
  id: 'pt-1',
  status,
  client_reference: REFERENCE,
  receive_amount: '15',
  currency: 'XOF',
  code: 'x',
}));
const wavePayoutList = wavePayout.map((one) => ({ result: [one], code: 'x' }));
const asked = { amountMinor: 1_500n, currency: 'XOF', reference: REFERENCE } as const;

const charges: readonly Reader[] = [
  ['paystack', (answer) => readPaystackAnswer(answer, 'charge', 'XOF'), paystack],
  ['paystack page', (answer) => readPaystackPage(answer, 'XOF'), paystackPage],
  ['flutterwave', (answer) => readFlutterwaveAnswer(answer, 'charge', 'XOF'), flutterwave],
  ['flutterwave page', (answer) => readFlutterwavePage(answer, 'XOF'), flutterwavePage],
  ['mtn_momo', readCreated, [{}]],
  ['paystack, as an action', (answer) => readPaystackAction(answer, 'otp', 'XOF'), paystack],
  ['flutterwave, as an action', (answer) => readFlutterwaveAction(answer, 'XOF'), flutterwave],
  ['paystack, as a refund', (answer) => readPaystackRefund(answer, 'refund', wanted), paystackRefunds],
  ['paystack, as a transfer', (answer) => readPaystackTransfer(answer, 'payout', 'XOF'), paystackTransfers],
  ['flutterwave, as a refund', (answer) => readFlutterwaveRefund(answer, 'refund', wanted, '8'), flutterwaveRefunds],
  ['flutterwave, as a transfer', (answer) => readFlutterwaveTransfer(answer, 'payout', 'XOF'), flutterwaveTransfers],
  ['monnify', readMonnifyCreated, monnifyCreated],
  ['hubtel', readHubtelPrompted, hubtelPrompted],
  ['hubtel page', readHubtelPage, hubtelPage],
  ['orange_money', readOrangeCreated, orangeCreated],
  ['wave', (answer) => readWaveSession(answer, 'XOF'), wave],
];
const questions: readonly Reader[] = [
  ['paystack', (answer) => readPaystackAnswer(answer, 'status', 'XOF'), paystack],
  ['flutterwave', (answer) => readFlutterwaveAnswer(answer, 'status', 'XOF'), flutterwave],
  ['mtn_momo', (answer) => readRequestToPay(answer, 'XOF'), mtn],
  ['mtn_momo about money out', (answer) => readDisbursement(answer, 'XOF'), mtn],
  ['paystack about a refund', (answer) => readPaystackRefund(answer, 'status', wanted), paystackRefunds],
  ['paystack about a transfer', (answer) => readPaystackTransfer(answer, 'status', 'XOF'), paystackTransfers],
  ['flutterwave about a refund', (answer) => readFlutterwaveRefund(answer, 'status', wanted, '8'), flutterwaveRefunds],
  ['flutterwave about a transfer', (answer) => readFlutterwaveTransfer(answer, 'status', 'XOF'), flutterwaveTransfers],
  [
    'flutterwave about a reference',
    (answer) => readFlutterwaveTransfers(answer, REFERENCE, 'XOF'),
    flutterwaveTransfers.map((one) => ({ ...one, ...('data' in one ? { data: [one.data] } : {}) })),
  ],
  ['monnify', (answer) => readMonnifyStatus(answer, asked), monnify],
  ['hubtel', readHubtelStatus, hubtel],
  ['orange_money', (answer) => readOrangeStatus(answer, { amountMinor: 15n, currency: 'XOF' }), orange],
  ['wave', (answer) => readWaveSessions(answer, REFERENCE, 'XOF'), waveList],
];

/** All the time that a date can hold, so that nothing is left out for its date. */
const window = { from: new Date(-8.64e15), to: new Date(8.64e15), currency: 'XOF' } as const;
const meta = { page: 1, pageCount: 1, page_info: { current_page: 1, total_pages: 1 } };
const lineOf = { id: 7, currency: 'XOF', amount: 150_000, created_at: '2026-01-01T00:00:00Z' };
const settlementOf = { id: 7, currency: 'XOF', app_fee: 1, gross_amount: 5, net_amount: 4 };

/** Readers of pages and balances, and one line each that they understand. */
const lists: readonly (readonly [
  name: string,
  read: (answer: HttpAnswer) => { kind: string },
  whole: object,
  line: object,
])[] = [
  [
    'transactions of paystack',
    (answer) => readPaystackTransactions(answer, 'XOF', null),
    { status: true, meta },
    { ...lineOf, status: 'success', fees: 5 },
  ],
  [
    'settlements of paystack',
    (answer) => readPaystackSettlements(answer, 'XOF'),
    { status: true, meta },
    { ...settlementOf, status: 'success', total_processed: 500, total_fees: 100, effective_amount: 400 },
  ],
  ['balances of paystack', readPaystackBalances, { status: true }, { currency: 'XOF', balance: 100 }],
  [
    'transactions of flutterwave',
    (answer) => readFlutterwaveTransactions(answer, window),
    { status: 'success', meta },
    { ...lineOf, status: 'successful', app_fee: 2.5 },
  ],
  [
    'settlements of flutterwave',
    (answer) => readFlutterwaveSettlements(answer, 'XOF'),
    { status: 'success', meta },
    { ...settlementOf, status: 'completed' },
  ],
  [
    'balances of flutterwave',
    readFlutterwaveBalances,
    { status: 'success' },
    { currency: 'XOF', available_balance: 1 },
  ],
];
const questionsOfMoneyOut: readonly Reader[] = [
  ["a refund of monnify's", (answer) => readMonnifyRefund(answer, 'status', 'NGN'), monnifyRefund],
  ["a payout of monnify's", (answer) => readMonnifyPayout(answer, 'status', 'NGN'), monnifyPayout],
  ["a payout of hubtel's", readHubtelPayout, hubtelPayout],
  ["a payout of wave's", (answer) => readWavePayouts(answer, asked), wavePayoutList],
];
const requestsOfMoneyOut: readonly Reader[] = [
  ["a refund of monnify's", (answer) => readMonnifyRefund(answer, 'refund', 'NGN'), monnifyRefund],
  ["a payout of monnify's", (answer) => readMonnifyPayout(answer, 'payout', 'NGN'), monnifyPayout],
  ["a payout of wave's", (answer) => readWavePayout(answer, asked), wavePayout],
];

/** JSON that has the gateways' field names and plausible values in the wrong places. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    '',
    'success',
    'successful',
    'SUCCESSFUL',
    'failed',
    'FAILED',
    'pending',
    'error',
    'XOF',
    'NGN',
    '1500',
    -1,
    0,
    1500,
    1.5,
    1e21,
    [],
    {},
  ),
  fc.anything({ maxDepth: 1 }),
);
const fields = [
  'status',
  'amount',
  'requested_amount',
  'charged_amount',
  'currency',
  'reference',
  'tx_ref',
  'externalId',
  'fees',
  'app_fee',
  'code',
  'message',
  'reason',
  'id',
  'meta',
  'bank',
  'url',
  'link',
  'authorization_url',
  'transaction',
  'merchant_note',
  'tx_id',
  'amount_refunded',
  'comments',
  'complete_message',
  'created_at',
  'total_processed',
  'gross_amount',
  'balance',
  'available_balance',
  'page_info',
  'paymentStatus',
  'amountPaid',
  'paymentReference',
  'responseCode',
  'responseBody',
  'responseMessage',
  'refundStatus',
  'ResponseCode',
  'Message',
  'Data',
  'transactionStatus',
  'clientReference',
  'order_id',
  'pay_token',
  'checkout_status',
  'payment_status',
  'client_reference',
  'result',
];
const object = fc.dictionary(fc.constantFrom(...fields), value);
/** At most two fields, so that what is spoilt is still mostly understood. */
const spoilt = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 2 });

/** An understood answer with fields of it spoilt, or anything at all. */
function bodies(understood: readonly object[]): fc.Arbitrary<string> {
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constantFrom(...understood), spoilt, spoilt).map(([whole, outer, inner]) => {
        return safeJson({ ...whole, ...outer, ...spoiltData(whole, inner) });
      }),
    },
    fc.tuple(object, fc.oneof(object, value)).map(([outer, data]) => safeJson({ ...outer, data })),
    object.map(safeJson),
    fc.json(),
    fc.string(),
  );
}

function spoiltData(whole: object, inner: object): object {
  if (!('data' in whole) || typeof whole.data !== 'object') return {};
  const [first] = Array.isArray(whole.data) ? (whole.data as object[]) : [undefined];
  return { data: first === undefined ? { ...whole.data, ...inner } : [{ ...first, ...inner }] };
}

const status = fc.oneof(
  fc.constantFrom(200, 200, 200, 201, 202, 204, 301, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504),
  fc.integer({ min: 200, max: 599 }),
);

function safeJson(from: unknown): string {
  return JSON.stringify(from, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one)) ?? '';
}

/** Checks thousands of answers; gives back which kinds of outcome were met, to see that the check was not vacuous. */
function checkEveryAnswer(
  read: Read,
  understood: readonly object[],
  check: (outcome: MoneyOutOutcome, status: number) => void,
): Set<string> {
  const met = new Set<string>();
  fc.assert(
    fc.property(status, bodies(understood), (code, text) => {
      const outcome = read({ kind: 'answered', status: code, body: Buffer.from(text) });
      expect(outcome.code.length).toBeGreaterThan(0);
      expect(outcome.code.length).toBeLessThanOrEqual(64);
      if (outcome.kind === 'succeeded') {
        expect(outcome.amountMinor).toBeGreaterThanOrEqual(0n);
        expect(code).toBeLessThan(300);
      }
      check(outcome, code);
      met.add(outcome.kind);
    }),
    { numRuns: 1_000 },
  );
  return met;
}

describe('answers from outside', () => {
  it.each(charges)(
    'whatever they are, end a call to %s as one of its outcomes, and never as not found',
    (_name, read, understood) => {
      const met = checkEveryAnswer(read, understood, (outcome, code) => {
        expect(outcome.kind).not.toBe('not_found');
        // 500 is left out: MTN says the caller's errors with it.
        if (code === 408 || code >= 501 || (code >= 300 && code < 400)) expect(outcome.kind).toBe('unknown');
      });
      expect(['unknown', 'not_sent'].filter((kind) => !met.has(kind))).toEqual([]);
    },
  );

  it.each(questions)(
    'whatever they are, end a question to %s as one of its outcomes, and never as duplicate',
    (_name, read, understood) => {
      const met = checkEveryAnswer(read, understood, (outcome, code) => {
        expect(outcome.kind).not.toBe('duplicate');
        if (code >= 501 || code === 408) expect(outcome.kind).toBe('unknown');
      });
      expect(['unknown', 'not_sent', 'declined', 'pending', 'succeeded'].filter((kind) => !met.has(kind))).toEqual([]);
    },
  );

  it.each(lists)('whatever they are, make whole pages of %s or none', (_name, read, whole, line) => {
    const met = new Set<string>();
    const body = fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(spoilt, spoilt)
          .map(([outer, inner]) => safeJson({ ...whole, ...outer, data: [line, { ...line, ...inner }] })),
      },
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(body, (text) => {
        const page: { kind: string; items?: readonly unknown[]; balances?: readonly unknown[]; code?: string } = read({
          kind: 'answered',
          status: 200,
          body: Buffer.from(text),
        });
        met.add(page.kind);
        if (page.kind === 'failed') expect(page.code).toMatch(/^[a-z0-9_]{1,64}$/);
        // Only balances in currencies that we do not book are left out.
        else if (page.items !== undefined && text.includes('"data":[')) expect(page.items.length).toBe(2);
      }),
      { numRuns: 1_000 },
    );
    expect(met.size).toBe(2);
  });

  it('make no balance of anything but an amount', () => {
    fc.assert(
      fc.property(value, value, (availableBalance, currency) => {
        const body = Buffer.from(safeJson({ availableBalance, currency }));
        expect(['balances', 'failed']).toContain(readMtnBalance({ kind: 'answered', status: 200, body }).kind);
      }),
    );
  });
  it.each(questionsOfMoneyOut)(
    'whatever they are, end a question for %s as one of its outcomes, and never as duplicate',
    (_name, read, understood) => {
      const met = checkEveryAnswer(read, understood, (outcome, code) => {
        expect(outcome.kind).not.toBe('duplicate');
        if (code >= 500 || code === 408) expect(outcome.kind).toBe('unknown');
      });
      expect(['unknown', 'not_sent', 'declined', 'pending', 'succeeded'].filter((kind) => !met.has(kind))).toEqual([]);
    },
  );

  it.each(requestsOfMoneyOut)(
    'whatever they are, end %s as one of its outcomes, and never as not found',
    (_name, read, understood) => {
      const met = checkEveryAnswer(read, understood, (outcome, code) => {
        expect(outcome.kind).not.toBe('not_found');
        if (code >= 500 || code === 408 || (code >= 300 && code < 400)) expect(outcome.kind).toBe('unknown');
      });
      expect(['unknown', 'not_sent', 'declined', 'pending', 'succeeded'].filter((kind) => !met.has(kind))).toEqual([]);
    },
  );
});
