import fc from 'fast-check';
import { readFlutterwaveAnswer, readHostedPage as readFlutterwavePage } from './flutterwave/flutterwave.answers.js';
import type { GatewayOutcome } from './gateway-adapter.js';
import type { HttpAnswer } from './http-client.js';
import { readCreated, readRequestToPay } from './mtn-momo/mtn-momo.answers.js';
import { readHostedPage as readPaystackPage, readPaystackAnswer } from './paystack/paystack.answers.js';

type Read = (answer: HttpAnswer) => GatewayOutcome;

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

const charges: readonly Reader[] = [
  ['paystack', (answer) => readPaystackAnswer(answer, 'charge', 'XOF'), paystack],
  ['paystack page', (answer) => readPaystackPage(answer, 'XOF'), paystackPage],
  ['flutterwave', (answer) => readFlutterwaveAnswer(answer, 'charge', 'XOF'), flutterwave],
  ['flutterwave page', (answer) => readFlutterwavePage(answer, 'XOF'), flutterwavePage],
  ['mtn_momo', readCreated, [{}]],
];
const questions: readonly Reader[] = [
  ['paystack', (answer) => readPaystackAnswer(answer, 'status', 'XOF'), paystack],
  ['flutterwave', (answer) => readFlutterwaveAnswer(answer, 'status', 'XOF'), flutterwave],
  ['mtn_momo', (answer) => readRequestToPay(answer, 'XOF'), mtn],
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
        const data = 'data' in whole && typeof whole.data === 'object' ? { data: { ...whole.data, ...inner } } : {};
        return safeJson({ ...whole, ...outer, ...data });
      }),
    },
    fc.tuple(object, fc.oneof(object, value)).map(([outer, data]) => safeJson({ ...outer, data })),
    object.map(safeJson),
    fc.json(),
    fc.string(),
  );
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
  check: (outcome: GatewayOutcome, status: number) => void,
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
    { numRuns: 1_500 },
  );
  return met;
}

describe('answers from outside', () => {
  it.each(charges)(
    'whatever they are, end a charge of %s as one of its outcomes, and never as not found',
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
});
