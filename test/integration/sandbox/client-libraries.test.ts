/**
 * The gateways' own client libraries drive the sandbox: what they send and expect is a third reading of each gateway's
 * documentation, beside the sandbox's and the adapter's. None of them knows that it does not speak with its gateway.
 */
import { randomUUID } from 'node:crypto';

import { eventually } from '../../support/eventually.js';
import { startSandboxProgram, type SandboxProgram } from '../../support/program.js';
import { startWebhookReceiver, type Delivery, type WebhookReceiver } from '../../support/webhook-receiver.js';
import { startClientLibrary, type ClientLibrary, type ClientLibraryOptions } from './clients/client-library.js';

let sandbox: SandboxProgram;
let merchant: WebhookReceiver;
let client: ClientLibrary;

beforeAll(async () => {
  merchant = await startWebhookReceiver();
  sandbox = await startSandboxProgram({ programUrl: new URL(merchant.url).origin });
});

afterAll(async () => {
  await sandbox.stop();
  await merchant.close();
});

function address(gateway: string): string {
  const found = sandbox.gateways[gateway];
  if (found === undefined) throw new Error(`The sandbox has no ${gateway}`);
  return found;
}

/** Opens the library before the tests of a block, and closes it after them. */
function withLibrary(options: () => ClientLibraryOptions): void {
  beforeAll(async () => {
    client = await startClientLibrary(options());
  });
  afterAll(() => client.close());
}

/** A reference that every gateway's alphabet has room for. */
const newReference = (): string => randomUUID().replaceAll('-', '');

/** The webhook of `gateway` whose body names `reference` and `event`. */
function told(gateway: string, reference: string, event: string): Promise<Delivery> {
  return eventually(() => {
    const found = merchant.deliveries.find(
      ({ path, body }) => path === `/webhooks/${gateway}/main` && body.includes(reference) && body.includes(event),
    );
    expect(found).toBeDefined();
    return found as Delivery;
  });
}

/** What the sandbox's books say of a reference. */
async function moved(reference: string): Promise<{ kind: string; amount: number; currency: string }[]> {
  const lines = await sandbox.ledger(reference);
  return lines.map(({ kind, amount, currency }) => ({ kind, amount, currency }));
}

interface PaystackAnswer {
  readonly status: boolean;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

describe('@paystack/paystack-sdk', () => {
  withLibrary(() => ({
    library: '@paystack/paystack-sdk',
    settings: { secretKey: 'sk_test_sandbox_paystack' },
    hosts: { 'api.paystack.co': address('paystack') },
  }));

  const charge = async (reference: string): Promise<void> => {
    // It has no field for a currency, and an account's own is the naira: a bank account then, not a wallet.
    const opened = await client.call<PaystackAnswer>('charge.create', {
      email: 'ama@example.com',
      amount: 5_000,
      reference,
      bank: { code: '057', account_number: '0000000000' },
    });
    expect(opened).toMatchObject({ status: true, data: { reference, status: 'send_otp' } });
    const submitted = await client.call<PaystackAnswer>('charge.submitOtp', { otp: '123456', reference });
    expect(submitted.status).toBe(true);
    await eventually(async () => {
      const verified = await client.call<PaystackAnswer>('transaction.verify', { reference });
      expect(verified.data).toMatchObject({ status: 'success', amount: 5_000, currency: 'NGN', reference });
    });
  };

  it('charges a bank account, verifies, and is told', async () => {
    const reference = newReference();
    await charge(reference);
    await told('paystack', reference, 'charge.success');
    expect(await moved(reference)).toEqual([{ kind: 'charge', amount: 5_000, currency: 'NGN' }]);
    const again = await client.call<PaystackAnswer>('charge.check', { reference });
    expect(again.data).toMatchObject({ status: 'success' });
  });

  it('opens a page to pay on, and is refused a reference that was used', async () => {
    const asked = { email: 'ama@example.com', amount: 12_000, reference: newReference() };
    const opened = await client.call<PaystackAnswer>('transaction.initialize', asked);
    expect(opened.data).toMatchObject({
      reference: asked.reference,
      authorization_url: expect.stringContaining('http'),
    });
    const repeated = await client.call<PaystackAnswer>('transaction.initialize', asked);
    expect(repeated).toMatchObject({ status: false, message: 'Duplicate Transaction Reference' });
  });

  it('gives back a part, and finds it again', async () => {
    const reference = newReference();
    await charge(reference);
    const refund = { transaction: reference, amount: 2_000, merchant_note: `note-${reference}` };
    const opened = await client.call<PaystackAnswer>('refund.create', refund);
    expect(opened).toMatchObject({ status: true, data: { status: 'pending', amount: 2_000 } });
    await told('paystack', reference, 'refund.processed');
    const found = await client.call<PaystackAnswer>('refund.fetch', { id: opened.data['id'] });
    expect(found.data).toMatchObject({ status: 'processed', amount: 2_000 });
  });

  it('pays out to a receiver it made known', async () => {
    const receiver = { type: 'nuban', name: 'Ama', account_number: '0000000000', bank_code: '057', currency: 'NGN' };
    const known = await client.call<PaystackAnswer>('transferrecipient.create', receiver);
    const reference = newReference();
    const recipient = known.data['recipient_code'];
    const transfer = { source: 'balance', amount: 3_000, recipient, reference, reason: 'Winnings' };
    const opened = await client.call<PaystackAnswer>('transfer.initiate', transfer);
    expect(opened).toMatchObject({ status: true, data: { reference, transfer_code: expect.stringContaining('TRF_') } });
    await told('paystack', reference, 'transfer.success');
    const verified = await client.call<PaystackAnswer>('transfer.verify', { reference });
    expect(verified.data).toMatchObject({ status: 'success', amount: 3_000, reference });
    expect(await moved(reference)).toEqual([{ kind: 'payout', amount: 3_000, currency: 'NGN' }]);
  });

  it('reads balances and lists', async () => {
    const balance = await client.call<{ data: { currency: string }[] }>('balance.fetch');
    expect(balance.data.map(({ currency }) => currency)).toContain('NGN');
    const listed = await client.call<{ data: unknown[] }>('transaction.list', { perPage: 5, page: 1 });
    expect(listed.data.length).toBeGreaterThan(0);
  });

  it('finds what was settled, and what is in it', async () => {
    const reference = newReference();
    await charge(reference);
    await fetch(`${sandbox.controlUrl}/_settlements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ gateway: 'paystack' }),
    });
    const settled = await client.call<{ data: { id: number }[] }>('settlement.fetch', {});
    const inside = await client.call<{ data: { reference: string }[] }>('settlement.transaction', {
      id: settled.data[0]?.id,
    });
    expect(inside.data.map((found) => found.reference)).toContain(reference);
  });

  it('speaks with nobody but its gateway', () => {
    expect(client.refused).toEqual([]);
  });
});

/** This library answers with a pair: the HTTP status and the body. */
type MonnifyAnswer = [number, { requestSuccessful: boolean; responseBody: Readonly<Record<string, unknown>> }];

describe('monnify-nodejs-lib', () => {
  withLibrary(() => ({
    library: 'monnify-nodejs-lib',
    settings: { apiKey: 'MK_TEST_SANDBOX', secretKey: 'sandbox-monnify-secret' },
    hosts: { 'sandbox.monnify.com': address('monnify') },
    env: { MONNIFY_ENV: 'SANDBOX' },
  }));

  const token = async (): Promise<string> => {
    const [status, accessToken] = await client.call<[number, string]>('transaction.getToken');
    expect(status).toBe(200);
    return accessToken;
  };

  const pay = async (paymentReference: string): Promise<string> => {
    const [, opened] = await client.call<MonnifyAnswer>('transaction.initTransaction', await token(), {
      amount: 1_500,
      customerName: 'Ama Owusu',
      customerEmail: 'ama@example.com',
      paymentReference,
      paymentDescription: 'An order',
      contractCode: '4934121693',
    });
    expect(opened).toMatchObject({ requestSuccessful: true, responseBody: { paymentReference } });
    const transactionReference = String(opened.responseBody['transactionReference']);
    const [status] = await client.call<MonnifyAnswer>('transaction.payWithBankTransfer', await token(), {
      transactionReference,
    });
    expect(status).toBe(200);
    await eventually(async () => {
      const asked = { transactionReference };
      const [, found] = await client.call<MonnifyAnswer>('transaction.getTransactionStatusv2', await token(), asked);
      expect(found.responseBody).toMatchObject({ paymentStatus: 'PAID', amountPaid: '1500.00', paymentReference });
    });
    return transactionReference;
  };

  it('takes a bank transfer, and holds the signature of what it is told to be good', async () => {
    const reference = newReference();
    await pay(reference);
    expect(await moved(reference)).toEqual([{ kind: 'charge', amount: 150_000, currency: 'NGN' }]);
    const { headers, body } = await told('monnify', reference, 'SUCCESSFUL_TRANSACTION');
    const signature = headers['monnify-signature'];
    const payload = JSON.parse(body) as Record<string, unknown>;
    expect(await client.call<boolean>('transaction.computeTransactionHash', payload, signature)).toBe(true);
    const altered = { ...payload, eventType: 'SUCCESSFUL_REFUND' };
    expect(await client.call<boolean>('transaction.computeTransactionHash', altered, signature)).toBe(false);
  });

  it('finds a payment by our reference, and in the list', async () => {
    const paymentReference = newReference();
    await pay(paymentReference);
    const asked = { paymentReference };
    const [, found] = await client.call<MonnifyAnswer>('transaction.getTransactionStatusv1', await token(), asked);
    expect(found.responseBody).toMatchObject({ paymentReference, paymentStatus: 'PAID' });
    const [, listed] = await client.call<MonnifyAnswer>('transaction.getAllTransactions', await token(), asked);
    expect(listed.responseBody['content']).toEqual([expect.objectContaining({ paymentReference })]);
  });

  it('gives back a part, and finds it again', async () => {
    const transactionReference = await pay(newReference());
    const refundReference = newReference();
    const [, opened] = await client.call<MonnifyAnswer>('refund.initiateRefund', await token(), {
      transactionReference,
      refundReference,
      refundAmount: 500,
      refundReason: 'Returned',
      customerNote: 'Sorry',
    });
    expect(opened).toMatchObject({ requestSuccessful: true, responseBody: { refundReference } });
    await eventually(async () => {
      const asked = { refundReference };
      const [, found] = await client.call<MonnifyAnswer>('refund.getRefundStatus', await token(), asked);
      expect(found.responseBody).toMatchObject({ refundStatus: 'COMPLETED' });
    });
    expect(await moved(refundReference)).toEqual([{ kind: 'refund', amount: 50_000, currency: 'NGN' }]);
  });

  it('pays out of the wallet, and reads its balance', async () => {
    const reference = newReference();
    const [, opened] = await client.call<MonnifyAnswer>('disbursement.initiateSingleTransfer', await token(), {
      amount: 700,
      reference,
      narration: 'Winnings',
      destinationBankCode: '057',
      destinationAccountNumber: '0000000000',
      destinationAccountName: 'Ama Owusu',
      sourceAccountNumber: '3934178936',
    });
    expect(opened).toMatchObject({ requestSuccessful: true, responseBody: { reference } });
    await eventually(async () => {
      const asked = { reference };
      const [, found] = await client.call<MonnifyAnswer>('disbursement.getSingleTransferStatus', await token(), asked);
      expect(found.responseBody).toMatchObject({ status: 'SUCCESS' });
    });
    await told('monnify', reference, 'SUCCESSFUL_DISBURSEMENT');
    expect(await moved(reference)).toEqual([{ kind: 'payout', amount: 70_000, currency: 'NGN' }]);
    const [status] = await client.call<MonnifyAnswer>('wallet.getWalletBalance', await token(), {
      accountNumber: '3934178936',
    });
    expect(status).toBe(200);
  });

  it('speaks with nobody but its gateway', () => {
    expect(client.refused).toEqual([]);
  });
});

describe('mtn-momo', () => {
  withLibrary(() => ({
    library: 'mtn-momo',
    settings: {
      global: { baseUrl: address('mtn_momo'), environment: 'sandbox', callbackHost: '127.0.0.1' },
      collections: {
        primaryKey: 'sandbox-momo-subscription',
        userId: '6a1f6c1e-0000-4000-8000-000000000001',
        userSecret: 'sandbox-momo-key',
      },
      disbursements: {
        primaryKey: 'sandbox-momo-disbursement-subscription',
        userId: '6a1f6c1e-0000-4000-8000-000000000002',
        userSecret: 'sandbox-momo-disbursement-key',
      },
    },
  }));

  const request = (partyId: string) => ({
    amount: '50',
    currency: 'EUR',
    externalId: newReference(),
    payer: { partyIdType: 'MSISDN', partyId },
    payerMessage: 'An order',
    payeeNote: 'An order',
    callbackUrl: `${new URL(merchant.url).origin}/webhooks/mtn_momo/main`,
  });

  it('collects, asks, and is called back', async () => {
    const asked = request('233241234567');
    const reference = await client.call<string>('collections.requestToPay', asked);
    await eventually(async () => {
      const found = await client.call('collections.getTransaction', reference);
      expect(found).toMatchObject({ status: 'SUCCESSFUL', amount: '50', externalId: asked.externalId });
    });
    await told('mtn_momo', asked.externalId, 'SUCCESSFUL');
    expect(await moved(reference)).toEqual([{ kind: 'charge', amount: 5_000, currency: 'EUR' }]);
  });

  it('knows the reason of a payment that the customer refused', async () => {
    const reference = await client.call<string>('collections.requestToPay', request('46733123451'));
    await eventually(() =>
      expect(client.call('collections.getTransaction', reference)).rejects.toThrow(
        expect.objectContaining({ name: 'ApprovalRejectedError' }) as Error,
      ),
    );
  });

  it('sends money, and is refused a reference that was used', async () => {
    const referenceId = randomUUID();
    const transfer = {
      amount: '20',
      currency: 'EUR',
      externalId: newReference(),
      payee: { partyIdType: 'MSISDN', partyId: '233241234567' },
      payerMessage: 'Winnings',
      payeeNote: 'Winnings',
      referenceId,
    };
    await client.call('disbursements.transfer', transfer);
    await eventually(async () => {
      const found = await client.call('disbursements.getTransaction', referenceId);
      expect(found).toMatchObject({ status: 'SUCCESSFUL', amount: '20' });
    });
    expect(await moved(referenceId)).toEqual([{ kind: 'payout', amount: 2_000, currency: 'EUR' }]);
    await expect(client.call('disbursements.transfer', transfer)).rejects.toThrow(/duplicated/i);
  });

  it('reads a balance, and whether somebody has an account', async () => {
    const balance = await client.call('disbursements.getBalance');
    expect(balance).toMatchObject({ currency: 'EUR', availableBalance: expect.any(String) });
    expect(await client.call<boolean>('disbursements.isPayerActive', '233241234567')).toBe(true);
  });

  it('speaks with nobody but its gateway', () => {
    expect(client.refused).toEqual([]);
  });
});

/**
 * Not among our dependencies: it reports to its makers whenever it is opened (a name, the version, each call's path), and
 * brings a linter with it. By hand: see the sandbox's README.
 */
const FLUTTERWAVE = process.env['FLUTTERWAVE_CLIENT_FOLDER'];

(FLUTTERWAVE === undefined ? describe.skip : describe)('flutterwave-node-v3', () => {
  withLibrary(() => ({
    library: 'flutterwave-node-v3',
    folder: FLUTTERWAVE ?? '',
    settings: {
      publicKey: 'FLWPUBK_TEST-sandbox',
      secretKey: 'FLWSECK_TEST-sandbox',
      baseUrl: `${address('flutterwave')}/`,
    },
    env: { FLW_SDK_STATE_PATH: '/dev/null' },
  }));

  interface FlutterwaveAnswer {
    readonly status: string;
    readonly message: string;
    readonly data: Readonly<Record<string, unknown>>;
  }

  const charge = async (txRef: string): Promise<string> => {
    const opened = await client.call<FlutterwaveAnswer>('MobileMoney.franco_phone', {
      amount: 1_500,
      currency: 'XOF',
      country: 'CI',
      email: 'ama@example.com',
      tx_ref: txRef,
      phone_number: '2250701234567',
      network: 'MTN',
    });
    expect(opened).toMatchObject({ status: 'success', data: { tx_ref: txRef, status: 'pending' } });
    await eventually(async () => {
      const found = await client.call<FlutterwaveAnswer>('Transaction.verify_by_tx', { tx_ref: txRef });
      expect(found.data).toMatchObject({ status: 'successful', amount: 1_500, currency: 'XOF', tx_ref: txRef });
    });
    return String(opened.data['id']);
  };

  it('charges a wallet, verifies both ways, and is told', async () => {
    const reference = newReference();
    const id = await charge(reference);
    const found = await client.call<FlutterwaveAnswer>('Transaction.verify', { id });
    expect(found.data).toMatchObject({ status: 'successful', tx_ref: reference });
    const { headers } = await told('flutterwave', reference, 'charge.completed');
    expect(headers['verif-hash']).toBe('sandbox-flutterwave-hash');
    expect(await moved(reference)).toEqual([{ kind: 'charge', amount: 1_500, currency: 'XOF' }]);
  });

  it('charges in Ghana, where the answer has no transaction', async () => {
    const reference = newReference();
    const opened = await client.call<{ meta: { authorization: { mode: string } } }>('MobileMoney.ghana', {
      amount: 15,
      currency: 'GHS',
      email: 'ama@example.com',
      tx_ref: reference,
      phone_number: '0241234567',
      network: 'MTN',
    });
    expect(opened.meta.authorization.mode).toBe('redirect');
    await told('flutterwave', reference, 'charge.completed');
  });

  it('gives back a part', async () => {
    const id = await charge(newReference());
    const opened = await client.call<FlutterwaveAnswer>('Transaction.refund', { id, amount: 500 });
    expect(opened).toMatchObject({ status: 'success', data: { amount_refunded: 500 } });
  });

  it('pays out, finds it, and reads the balance', async () => {
    const reference = newReference();
    const opened = await client.call<FlutterwaveAnswer>('Transfer.initiate', {
      account_bank: '044',
      account_number: '0690000040',
      amount: 200,
      currency: 'NGN',
      narration: 'Winnings',
      reference,
    });
    expect(opened).toMatchObject({ status: 'success', data: { reference, status: 'NEW' } });
    await told('flutterwave', reference, 'transfer.completed');
    const id = String(opened.data['id']);
    const found = await client.call<FlutterwaveAnswer>('Transfer.get_a_transfer', { id });
    expect(found.data).toMatchObject({ status: 'SUCCESSFUL', reference });
    const balance = await client.call<FlutterwaveAnswer>('Misc.bal_currency', { currency: 'NGN' });
    expect(balance.data).toMatchObject({ currency: 'NGN' });
    expect(await moved(reference)).toEqual([{ kind: 'payout', amount: 20_000, currency: 'NGN' }]);
  });

  it('is kept from reporting to its makers', async () => {
    await eventually(() => expect(client.refused).toContain('signozservice-prod.f4b-flutterwave.com'));
  });
});
