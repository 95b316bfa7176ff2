import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { GatewayAccount, GatewayAdapter, WebhookRequest, WebhookVerdict } from './gateway-adapter.js';
import { createGateways } from './index.js';
import { verifyWaveWebhook } from './wave/wave.webhook.js';

const KEY = 'test_secret';
/** The known answers of PROVIDERS 15: key `test_secret`, body `{"event":"x"}`. */
const VECTOR_BODY = '{"event":"x"}';
const PAYSTACK_VECTOR =
  '66b6497465ced20eff5bebc9e568bb5995e72dcacab42bb3598d21102adaeb91d1e214ffd93fbaa8887bd064d2bbcaf0ab651899767482d9305c170fcb4eb797';
const FLUTTERWAVE_VECTOR = 'Le1OhnfEk7Ga1Ybtg/C8Pf8kk9EdJWVqpnvDZkqyaec=';
/** At 1700000000 seconds. */
const WAVE_VECTOR = '71c7c30e68f23cdbd0a24a32585581122223a9afefad08d58f249c1116e3d475';
const WAVE_TIME_MS = 1_700_000_000_000;
const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';
const REFUND = '0193f5c2a1b27c3d8e4f5a6b7c8d9e10';

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
  livemode = false,
): WebhookVerdict {
  const account = accountOf(gateway, credentials, livemode);
  return adapterOf(gateway).verifyWebhook(account, { method: 'POST', headers, rawBody: Buffer.from(body) });
}

function accountOf(gateway: string, credentials?: Record<string, string>, livemode = false): GatewayAccount {
  return {
    id: 'a',
    gateway,
    name: 'main',
    livemode,
    baseUrl: 'https://x.example',
    credentials: credentials ?? { secret_key: KEY, webhook_secret_hash: KEY, webhook_secret: KEY },
  };
}

function wave(
  header: string | string[],
  body = VECTOR_BODY,
  nowMs = WAVE_TIME_MS,
  credentials?: Record<string, string>,
): WebhookVerdict {
  const request = { method: 'POST', headers: { 'wave-signature': header }, rawBody: Buffer.from(body) };
  return verifyWaveWebhook(accountOf('wave', credentials), request, nowMs);
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
    // Monnify's scheme is Paystack's.
    expect(verify('monnify', { 'monnify-signature': PAYSTACK_VECTOR }, VECTOR_BODY)).toEqual({
      grade: 'authenticated',
      hint: null,
    });
    expect(wave(`t=1700000000,v1=${WAVE_VECTOR}`)).toEqual({ grade: 'authenticated', hint: null });
    expect(verify('wave', { authorization: `Bearer ${KEY}` }, VECTOR_BODY)).toEqual({
      grade: 'weakly_authenticated',
      hint: null,
    });
  });

  it.each([
    ['paystack', { 'x-paystack-signature': PAYSTACK_VECTOR }],
    ['flutterwave', { 'flutterwave-signature': FLUTTERWAVE_VECTOR }],
    ['flutterwave', { 'flutterwave-signature': FLUTTERWAVE_VECTOR, 'verif-hash': KEY }],
    ['monnify', { 'monnify-signature': PAYSTACK_VECTOR }],
  ])('of %s protect every byte of the body', (gateway, headers) => {
    for (const body of ['{"event":"y"}', '{"event": "x"}', `${VECTOR_BODY}\n`, '']) {
      expect(verify(gateway, headers, body)).toEqual({ grade: 'rejected' });
    }
  });

  it.each([
    ['paystack', { 'x-paystack-signature': PAYSTACK_VECTOR }],
    ['flutterwave', { 'flutterwave-signature': FLUTTERWAVE_VECTOR }],
    ['flutterwave', { 'verif-hash': KEY }],
    ['monnify', { 'monnify-signature': PAYSTACK_VECTOR }],
    ['wave', { authorization: `Bearer ${KEY}` }],
  ])('of %s are refused under another secret, or when ours is missing', (gateway, headers) => {
    const other = { secret_key: 'other', webhook_secret_hash: 'other', webhook_secret: 'other' };
    expect(verify(gateway, headers, VECTOR_BODY, other)).toEqual({ grade: 'rejected' });
    expect(verify(gateway, headers, VECTOR_BODY, {})).toEqual({ grade: 'rejected' });
    expect(
      verify(
        gateway,
        { 'verif-hash': '', 'x-paystack-signature': '', 'monnify-signature': '', authorization: 'Bearer ' },
        VECTOR_BODY,
        { secret_key: '', webhook_secret_hash: '', webhook_secret: '' },
      ),
    ).toEqual({ grade: 'rejected' });
  });

  it.each(['paystack', 'flutterwave', 'monnify', 'wave'])('of %s must be there, once', (gateway) => {
    expect(verify(gateway, {}, VECTOR_BODY, undefined, true)).toEqual({ grade: 'rejected' });
    const twice = {
      'monnify-signature': [PAYSTACK_VECTOR, 'x'],
      authorization: [`Bearer ${KEY}`, 'x'],
      'x-paystack-signature': [PAYSTACK_VECTOR, 'x'],
      'flutterwave-signature': [FLUTTERWAVE_VECTOR, 'x'],
      'verif-hash': [KEY, 'x'],
    };
    expect(verify(gateway, twice, VECTOR_BODY)).toEqual({ grade: 'rejected' });
  });

  it.each(['mtn_momo', 'hubtel', 'orange_money'])('of %s do not exist', (gateway) => {
    expect(verify(gateway, {}, 'garbage')).toEqual({ grade: 'unauthenticated', hint: null });
  });

  it('of Monnify are not sent by its sandbox: none is no proof in test mode, a wrong one is forged there as well', () => {
    expect(verify('monnify', {}, VECTOR_BODY)).toEqual({ grade: 'unauthenticated', hint: null });
    expect(verify('monnify', {}, VECTOR_BODY, undefined, true)).toEqual({ grade: 'rejected' });
    expect(verify('monnify', { 'monnify-signature': '' }, VECTOR_BODY)).toEqual({ grade: 'rejected' });
    expect(verify('monnify', { 'monnify-signature': 'x' }, VECTOR_BODY)).toEqual({ grade: 'rejected' });
  });

  it('of Wave protect every byte of the body, and the time', () => {
    for (const body of ['{"event":"y"}', '{"event": "x"}', `${VECTOR_BODY}\n`, '']) {
      expect(wave(`t=1700000000,v1=${WAVE_VECTOR}`, body)).toEqual({ grade: 'rejected' });
    }
    expect(wave(`t=1700000001,v1=${WAVE_VECTOR}`)).toEqual({ grade: 'rejected' });
    expect(wave(`t=1700000000,v1=${WAVE_VECTOR}`, VECTOR_BODY, WAVE_TIME_MS, { webhook_secret: 'other' })).toEqual({
      grade: 'rejected',
    });
    expect(wave(`t=1700000000,v1=${WAVE_VECTOR}`, VECTOR_BODY, WAVE_TIME_MS, {})).toEqual({ grade: 'rejected' });
  });

  it('of Wave are good for five minutes', () => {
    const header = `t=1700000000,v1=${WAVE_VECTOR}`;
    for (const offset of [-300_000, 0, 300_000]) {
      expect(wave(header, VECTOR_BODY, WAVE_TIME_MS + offset).grade).toBe('authenticated');
    }
    for (const offset of [-300_001, 300_001]) {
      expect(wave(header, VECTOR_BODY, WAVE_TIME_MS + offset)).toEqual({ grade: 'rejected' });
    }
    expect(verify('wave', { 'wave-signature': header }, VECTOR_BODY)).toEqual({ grade: 'rejected' });
  });

  it.each([
    [`t=1700000000,v1=${'0'.repeat(64)},v1=${WAVE_VECTOR}`, 'authenticated'],
    [`t=1700000000, v1=${WAVE_VECTOR}`, 'authenticated'],
    [`v1=${WAVE_VECTOR}`, 'rejected'],
    [`t=1700000000`, 'rejected'],
    [`t=1700000000,v0=${WAVE_VECTOR}`, 'rejected'],
    [`t=1700000000,t=1700000000,v1=${WAVE_VECTOR}`, 'rejected'],
    [`t=,v1=${WAVE_VECTOR}`, 'rejected'],
    [`t=1700000000,v1=`, 'rejected'],
    [[`t=1700000000,v1=${WAVE_VECTOR}`, 'x'], 'rejected'],
  ])('of Wave may be several while a secret is replaced: %j', (header, grade) => {
    expect(wave(header).grade).toBe(grade);
  });

  it('of Wave are not made up for by the shared secret', () => {
    const headers = { 'wave-signature': 'wrong', authorization: `Bearer ${KEY}` };
    expect(verify('wave', headers, VECTOR_BODY)).toEqual({ grade: 'rejected' });
  });

  it.each(['paystack', 'flutterwave', 'mtn_momo', 'monnify', 'hubtel', 'orange_money', 'wave'])(
    'never throw, whatever %s is said to send',
    (gateway) => {
      fc.assert(
        fc.property(
          fc.oneof(fc.string(), fc.json()),
          fc.dictionary(
            fc.constantFrom(
              'x-paystack-signature',
              'flutterwave-signature',
              'verif-hash',
              'monnify-signature',
              'wave-signature',
              'authorization',
            ),
            fc.string(),
          ),
          (body, headers) => {
            const verdict = verify(gateway, headers, body);
            expect(['authenticated', 'weakly_authenticated', 'unauthenticated', 'rejected']).toContain(verdict.grade);
          },
        ),
      );
    },
  );
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
      'a refund, which is told by the charge that it is of',
      {
        event: 'refund.pending',
        data: { id: '123456', status: 'pending', transaction_reference: REFERENCE, refund_reference: 'TRF_7jn17' },
      },
      {
        about: 'refund',
        handles: { id: '123456', refund_reference: 'TRF_7jn17', charge_reference: REFERENCE },
        dedupeKey: 'refund.pending:123456:pending',
        eventType: 'refund.pending',
      },
    ],
    [
      "a refund, by our reference in the merchant's note",
      {
        event: 'refund.processed',
        data: {
          id: 7,
          status: 'processed',
          transaction_reference: REFERENCE,
          refund_reference: null,
          amount: '10000',
          merchant_note: REFUND,
          customer_note: `For order ${'f'.repeat(32)}`,
        },
      },
      {
        about: 'refund',
        reference: REFUND,
        handles: { id: '7', charge_reference: REFERENCE },
        dedupeKey: 'refund.processed:7:processed',
        eventType: 'refund.processed.success',
      },
    ],
    [
      'a transfer',
      {
        event: 'transfer.success',
        data: { id: 9, integration: { id: 1 }, transfer_code: 'TRF_1', reference: REFERENCE, status: 'success' },
      },
      {
        about: 'payout',
        reference: REFERENCE,
        handles: { id: '9', transfer_code: 'TRF_1' },
        dedupeKey: 'transfer.success:9:success',
        eventType: 'transfer.success',
      },
    ],
    [
      "a transfer of somebody else's",
      { event: 'transfer.reversed', data: { transfer_code: 'TRF_2', reference: 'acv_9ee55786', status: 'reversed' } },
      {
        about: 'payout',
        handles: { transfer_code: 'TRF_2' },
        dedupeKey: 'transfer.reversed:TRF_2:reversed',
        eventType: 'transfer.reversed',
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

  it('of Paystack tell two refunds of one charge apart, and repeats of one not', () => {
    const keyOf = (amount: string): string | undefined => {
      const data = { status: 'processed', transaction_reference: REFERENCE, refund_reference: null, amount };
      const verdict = paystack({ event: 'refund.processed', data });
      return verdict.grade === 'authenticated' ? verdict.hint?.dedupeKey : undefined;
    };
    expect(keyOf('10000')).toBe(keyOf('10000'));
    expect(keyOf('10000')).not.toBe(keyOf('5000'));
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
      { event: 'transfer.completed', data: { id: 33286, fullname: 'A B', reference: REFERENCE, status: 'SUCCESSFUL' } },
      {
        about: 'payout',
        reference: REFERENCE,
        handles: { id: '33286' },
        dedupeKey: 'transfer.completed:33286:SUCCESSFUL',
        eventType: 'transfer.completed.successful',
      },
    ],
    [
      'a transfer that ended badly, by the same event',
      { event: 'transfer.completed', 'event.type': 'Transfer', data: { id: 7, reference: 'x', status: 'FAILED' } },
      {
        about: 'payout',
        handles: { id: '7' },
        dedupeKey: 'transfer.completed:7:FAILED',
        eventType: 'transfer.completed.failed',
      },
    ],
    [
      'a transfer in the old shape',
      { 'event.type': 'Transfer', transfer: { id: 7, reference: REFERENCE, status: 'SUCCESSFUL' } },
      {
        about: 'payout',
        reference: REFERENCE,
        handles: { id: '7' },
        dedupeKey: 'Transfer:7:SUCCESSFUL',
        eventType: 'Transfer.successful',
      },
    ],
    [
      "a refund, whose id is no transaction's",
      { event: 'refund.completed', data: { id: 7, tx_id: 5, status: 'completed-momo', comments: REFUND } },
      {
        about: 'refund',
        reference: REFUND,
        handles: { id: '7', charge_id: '5' },
        dedupeKey: 'refund.completed:7:completed-momo',
        eventType: 'refund.completed.successful',
      },
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

  it.each([
    [
      'a transfer, which has a payee',
      { externalId: REFERENCE, payee: { partyIdType: 'MSISDN', partyId: '233241234567' } },
      { about: 'payout', dedupeKey: `transfer:${REFERENCE}:SUCCESSFUL:9`, eventType: 'transfer.successful' },
    ],
    [
      'a refund, by the mark of its external id',
      { externalId: `rf-${REFERENCE}`, payee: { partyIdType: 'MSISDN', partyId: '233241234567' } },
      { about: 'refund', dedupeKey: `refund:rf-${REFERENCE}:SUCCESSFUL:9`, eventType: 'refund.successful' },
    ],
  ])('of MTN: %s', (_name, body, hint) => {
    const whole = { status: 'SUCCESSFUL', financialTransactionId: '9', amount: '5', currency: 'GHS', ...body };
    expect(verify('mtn_momo', {}, JSON.stringify(whole))).toEqual({
      grade: 'unauthenticated',
      hint: { reference: REFERENCE, handles: { financial_transaction_id: '9' }, ...hint },
    });
  });

  it.each([
    [
      'a charge',
      'SUCCESSFUL_TRANSACTION',
      { transactionReference: 'MNFY|1|2', paymentReference: REFERENCE, paymentStatus: 'PAID', amountPaid: 1500 },
      {
        reference: REFERENCE,
        handles: { transaction_reference: 'MNFY|1|2' },
        dedupeKey: `SUCCESSFUL_TRANSACTION:${REFERENCE}:PAID`,
      },
    ],
    [
      'money that was sent back',
      'REJECTED_PAYMENT',
      { paymentReference: REFERENCE, created_on: 'x', paymentSourceInformation: {} },
      { reference: REFERENCE, handles: {}, dedupeKey: `REJECTED_PAYMENT:${REFERENCE}:` },
    ],
    [
      'a refund, by its own reference',
      'FAILED_REFUND',
      { transactionReference: 'MNFY|1|2', refundReference: REFERENCE, refundStatus: 'FAILED' },
      {
        about: 'refund',
        reference: REFERENCE,
        handles: { transaction_reference: 'MNFY|1|2' },
        dedupeKey: `FAILED_REFUND:${REFERENCE}:FAILED`,
      },
    ],
    [
      'a payout',
      'REVERSED_DISBURSEMENT',
      { reference: REFERENCE, status: 'REVERSED', amount: 10 },
      { about: 'payout', reference: REFERENCE, handles: {}, dedupeKey: `REVERSED_DISBURSEMENT:${REFERENCE}:REVERSED` },
    ],
    [
      'a settlement',
      'SETTLEMENT',
      { settlementReference: 'S1', amount: '10', transactions: [] },
      { about: 'settlement', handles: { settlement_reference: 'S1' }, dedupeKey: 'SETTLEMENT:S1:' },
    ],
  ])('of Monnify: %s', (_name, eventType, eventData, hint) => {
    const body = JSON.stringify({ eventType, eventData });
    const headers = { 'monnify-signature': createHmac('sha512', KEY).update(body).digest('hex') };
    expect(verify('monnify', headers, body)).toEqual({ grade: 'authenticated', hint: { ...hint, eventType } });
  });

  it("of Monnify: nothing of what is no payment's, refund's or payout's", () => {
    const body = JSON.stringify({ eventType: 'LOW_BALANCE_ALERT', eventData: { reference: REFERENCE } });
    expect(verify('monnify', {}, body)).toEqual({ grade: 'unauthenticated', hint: null });
  });

  it.each([
    ['a payment', 'checkout.session.completed', 'succeeded', 'checkout.session.completed.success'],
    ['a failed try', 'checkout.session.payment_failed', 'processing', 'checkout.session.payment_failed.processing'],
  ])('of Wave: %s, by the id of its event', (_name, type, payment_status, eventType) => {
    const data = { id: 'cos-1', client_reference: REFERENCE, payment_status, transaction_id: null };
    const body = JSON.stringify({ id: 'EV_1', type, data });
    expect(verify('wave', { authorization: `Bearer ${KEY}` }, body)).toEqual({
      grade: 'weakly_authenticated',
      hint: { reference: REFERENCE, handles: { session_id: 'cos-1' }, dedupeKey: `${type}:EV_1:`, eventType },
    });
  });

  it('of Wave: nothing of money that did not come through a session of ours', () => {
    const body = JSON.stringify({ id: 'EV_1', type: 'merchant.payment_received', data: { id: 'T_1' } });
    expect(verify('wave', { authorization: `Bearer ${KEY}` }, body)).toMatchObject({ hint: null });
  });

  it.each([
    [
      'a payment',
      { ResponseCode: '0000', Data: { ClientReference: REFERENCE, TransactionId: '7f', ExternalTransactionId: '9' } },
      {
        reference: REFERENCE,
        handles: { transaction_id: '7f', external_transaction_id: '9' },
        dedupeKey: `receive_money:${REFERENCE}:0000:7f`,
        eventType: 'receive_money.success',
      },
    ],
    [
      'a failure',
      { ResponseCode: '2001', Message: 'x', Data: { ClientReference: REFERENCE } },
      {
        reference: REFERENCE,
        handles: {},
        dedupeKey: `receive_money:${REFERENCE}:2001:`,
        eventType: 'receive_money.2001',
      },
    ],
    [
      'a checkout',
      { ResponseCode: '0000', Status: 'Success', Data: { CheckoutId: 'c1', ClientReference: REFERENCE } },
      {
        reference: REFERENCE,
        handles: { checkout_id: 'c1' },
        dedupeKey: `checkout:${REFERENCE}:0000:c1`,
        eventType: 'checkout.success',
      },
    ],
    [
      'a payout',
      { ResponseCode: '0000', Data: { ClientReference: REFERENCE, TransactionId: '7f', RecipientName: 'A' } },
      {
        about: 'payout',
        reference: REFERENCE,
        handles: { transaction_id: '7f' },
        dedupeKey: `send_money:${REFERENCE}:0000:7f`,
        eventType: 'send_money.success',
      },
    ],
  ])('of Hubtel: %s', (_name, body, hint) => {
    expect(verify('hubtel', {}, JSON.stringify(body))).toEqual({ grade: 'unauthenticated', hint });
  });

  it('of Orange: found by the token that only the two of us know, which is no part of the key', () => {
    const body = { status: 'SUCCESS', notif_token: 'dd497', txnid: 'MP1' };
    const verdict = verify('orange_money', {}, JSON.stringify(body));
    expect(verdict).toEqual({
      grade: 'unauthenticated',
      hint: {
        handles: { notif_token: 'dd497', txnid: 'MP1' },
        dedupeKey: expect.stringMatching(/^webpayment:[0-9a-f]{64}:SUCCESS:MP1$/) as string,
        eventType: 'webpayment.success',
      },
    });
  });

  it('have keys of bounded length', () => {
    const verdict = verify('mtn_momo', {}, JSON.stringify({ externalId: 'x'.repeat(10_000), status: 'y' }));
    expect(verdict.grade === 'unauthenticated' && verdict.hint?.dedupeKey).toHaveLength(64);
  });
});
