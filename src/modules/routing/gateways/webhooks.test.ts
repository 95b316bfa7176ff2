import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { GatewayAccount, GatewayAdapter, WebhookRequest, WebhookVerdict } from './gateway-adapter.js';
import { createGateways } from './index.js';

const KEY = 'test_secret';
/** The known answers of PROVIDERS 15: key `test_secret`, body `{"event":"x"}`. */
const VECTOR_BODY = '{"event":"x"}';
const PAYSTACK_VECTOR =
  '66b6497465ced20eff5bebc9e568bb5995e72dcacab42bb3598d21102adaeb91d1e214ffd93fbaa8887bd064d2bbcaf0ab651899767482d9305c170fcb4eb797';
const FLUTTERWAVE_VECTOR = 'Le1OhnfEk7Ga1Ybtg/C8Pf8kk9EdJWVqpnvDZkqyaec=';
const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

const { adapters } = createGateways();

function adapterOf(gateway: string): GatewayAdapter {
  const adapter = adapters.get(gateway);
  if (adapter === undefined) throw new Error(gateway);
  return adapter;
}

function verify(
  gateway: string,
  headers: WebhookRequest['headers'],
  body: string | Buffer,
  credentials?: Record<string, string>,
): WebhookVerdict {
  const account: GatewayAccount = {
    id: 'a',
    gateway,
    name: 'main',
    livemode: false,
    baseUrl: 'https://x.example',
    credentials: credentials ?? { secret_key: KEY, webhook_secret_hash: KEY },
  };
  return adapterOf(gateway).verifyWebhook(account, { method: 'POST', headers, rawBody: Buffer.from(body) });
}

const paystack = (body: object): WebhookVerdict => {
  const text = JSON.stringify(body);
  return verify('paystack', { 'x-paystack-signature': createHmac('sha512', KEY).update(text).digest('hex') }, text);
};
const flutterwave = (body: object): WebhookVerdict =>
  verify('flutterwave', { 'verif-hash': KEY }, JSON.stringify(body));

describe('webhook signatures', () => {
  it('agree with the known answers', () => {
    expect(verify('paystack', { 'x-paystack-signature': PAYSTACK_VECTOR }, VECTOR_BODY)).toEqual({
      grade: 'authenticated',
      hint: null,
    });
    expect(verify('flutterwave', { 'flutterwave-signature': FLUTTERWAVE_VECTOR }, VECTOR_BODY)).toEqual({
      grade: 'authenticated',
      hint: null,
    });
    expect(verify('flutterwave', { 'verif-hash': KEY }, VECTOR_BODY)).toEqual({
      grade: 'weakly_authenticated',
      hint: null,
    });
  });

  it.each([
    ['paystack', { 'x-paystack-signature': PAYSTACK_VECTOR }],
    ['flutterwave', { 'flutterwave-signature': FLUTTERWAVE_VECTOR }],
    ['flutterwave', { 'flutterwave-signature': FLUTTERWAVE_VECTOR, 'verif-hash': KEY }],
  ])('of %s protect every byte of the body', (gateway, headers) => {
    for (const body of ['{"event":"y"}', '{"event": "x"}', `${VECTOR_BODY}\n`, '']) {
      expect(verify(gateway, headers, body)).toEqual({ grade: 'rejected' });
    }
  });

  it.each([
    ['paystack', { 'x-paystack-signature': PAYSTACK_VECTOR }],
    ['flutterwave', { 'flutterwave-signature': FLUTTERWAVE_VECTOR }],
    ['flutterwave', { 'verif-hash': KEY }],
  ])('of %s are refused under another secret, or when ours is missing', (gateway, headers) => {
    expect(verify(gateway, headers, VECTOR_BODY, { secret_key: 'other', webhook_secret_hash: 'other' })).toEqual({
      grade: 'rejected',
    });
    expect(verify(gateway, headers, VECTOR_BODY, {})).toEqual({ grade: 'rejected' });
    expect(
      verify(gateway, { 'verif-hash': '', 'x-paystack-signature': '' }, VECTOR_BODY, {
        secret_key: '',
        webhook_secret_hash: '',
      }),
    ).toEqual({ grade: 'rejected' });
  });

  it.each(['paystack', 'flutterwave'])('of %s must be there, once', (gateway) => {
    expect(verify(gateway, {}, VECTOR_BODY)).toEqual({ grade: 'rejected' });
    const twice = {
      'x-paystack-signature': [PAYSTACK_VECTOR, 'x'],
      'flutterwave-signature': [FLUTTERWAVE_VECTOR, 'x'],
      'verif-hash': [KEY, 'x'],
    };
    expect(verify(gateway, twice, VECTOR_BODY)).toEqual({ grade: 'rejected' });
  });

  it('of MTN do not exist', () => {
    expect(verify('mtn_momo', {}, 'garbage')).toEqual({ grade: 'unauthenticated', hint: null });
  });

  it.each(['paystack', 'flutterwave', 'mtn_momo'])('never throw, whatever %s is said to send', (gateway) => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.dictionary(fc.constantFrom('x-paystack-signature', 'flutterwave-signature', 'verif-hash'), fc.string()),
        (body, headers) => {
          const verdict = verify(gateway, headers, body);
          expect(['authenticated', 'weakly_authenticated', 'unauthenticated', 'rejected']).toContain(verdict.grade);
        },
      ),
    );
  });
});

describe('webhook hints', () => {
  it.each([
    [
      'a charge',
      { event: 'charge.success', data: { id: 302961, reference: REFERENCE, status: 'success' } },
      {
        reference: REFERENCE,
        handles: { id: '302961' },
        dedupeKey: 'charge.success:302961:success',
        eventType: 'charge.success',
      },
    ],
    [
      'a refund, by the payment that it is of',
      {
        event: 'refund.processed',
        data: { status: 'processed', transaction_reference: REFERENCE, refund_reference: null, amount: '10000' },
      },
      {
        reference: REFERENCE,
        handles: {},
        dedupeKey: `refund.processed:${REFERENCE}:processed`,
        eventType: 'refund.processed',
      },
    ],
    [
      'a dispute, by the payment inside',
      { event: 'charge.dispute.create', data: { id: 5, status: 'awaiting', transaction: { reference: REFERENCE } } },
      {
        reference: REFERENCE,
        handles: {},
        dedupeKey: 'charge.dispute.create:5:awaiting',
        eventType: 'charge.dispute.create',
      },
    ],
    [
      "somebody else's reference",
      { event: 'charge.success', data: { id: 1, reference: 'ord_1', status: 'success' } },
      { handles: { id: '1' }, dedupeKey: 'charge.success:1:success', eventType: 'charge.success' },
    ],
    [
      'an id beyond exact integers',
      { event: 'charge.success', data: { id: 2 ** 60, reference: REFERENCE } },
      { reference: REFERENCE, handles: {}, dedupeKey: `charge.success:${REFERENCE}:`, eventType: 'charge.success' },
    ],
  ])('of Paystack: %s', (_name, body, hint) => {
    expect(paystack(body)).toEqual({ grade: 'authenticated', hint });
  });

  it.each([
    [
      'a charge that ended, well or badly',
      { event: 'charge.completed', data: { id: 285959875, tx_ref: REFERENCE, flw_ref: 'FLW1', status: 'failed' } },
      {
        reference: REFERENCE,
        handles: { id: '285959875', flw_ref: 'FLW1' },
        dedupeKey: 'charge.completed:285959875:failed',
        eventType: 'charge.completed.failed',
      },
    ],
    [
      "a transfer, whose id is no transaction's",
      { event: 'transfer.completed', data: { id: 33286, reference: 'x', status: 'SUCCESSFUL' } },
      { handles: {}, dedupeKey: 'transfer.completed:33286:SUCCESSFUL', eventType: 'transfer.completed.successful' },
    ],
    [
      'the old shape',
      { 'event.type': 'CARD_TRANSACTION', id: '12', txRef: REFERENCE, flwRef: 'F', status: 'successful' },
      {
        reference: REFERENCE,
        handles: { id: '12', flw_ref: 'F' },
        dedupeKey: 'CARD_TRANSACTION:12:successful',
        eventType: 'CARD_TRANSACTION.successful',
      },
    ],
  ])('of Flutterwave: %s', (_name, body, hint) => {
    expect(flutterwave(body)).toEqual({ grade: 'weakly_authenticated', hint });
  });

  it('of MTN: found by our own external id', () => {
    const body = {
      externalId: REFERENCE,
      status: 'SUCCESSFUL',
      financialTransactionId: '9',
      amount: '5',
      currency: 'GHS',
    };
    expect(verify('mtn_momo', {}, JSON.stringify(body))).toEqual({
      grade: 'unauthenticated',
      hint: {
        reference: REFERENCE,
        handles: { financial_transaction_id: '9' },
        dedupeKey: `requesttopay:${REFERENCE}:SUCCESSFUL:9`,
        eventType: 'requesttopay.successful',
      },
    });
  });

  it('have keys of bounded length', () => {
    const verdict = verify('mtn_momo', {}, JSON.stringify({ externalId: 'x'.repeat(10_000), status: 'y' }));
    expect(verdict.grade === 'unauthenticated' && verdict.hint?.dedupeKey).toHaveLength(64);
  });
});
