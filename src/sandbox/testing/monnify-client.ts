import { randomUUID } from 'node:crypto';
import { DEFAULT_CREDENTIALS } from '../accounts.js';
import type { Sandbox } from '../sandbox.js';
import { call, dig, post, type GatewayClient, type Heard } from './clients.js';

const { api_key, secret_key, contract_code } = DEFAULT_CREDENTIALS.monnify;

export function monnifyLogin(base: string, apiKey: string = api_key, secretKey: string = secret_key): Promise<Heard> {
  const basic = Buffer.from(`${apiKey}:${secretKey}`).toString('base64');
  return post(`${base}/api/v1/auth/login`, {}, { authorization: `Basic ${basic}` });
}

/** @returns the headers that carry a fresh token of the account `main`. */
export async function monnifyToken(base: string): Promise<Record<string, string>> {
  const { json } = await monnifyLogin(base);
  return { authorization: `Bearer ${String(dig(json, 'responseBody', 'accessToken'))}` };
}

export function initBody(paymentReference: string, fields: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    amount: 50,
    customerName: 'Ada',
    customerEmail: 'a@b.co',
    paymentReference,
    paymentDescription: 'Order',
    currencyCode: 'NGN',
    contractCode: contract_code,
    redirectUrl: 'https://shop.example/back',
    ...fields,
  };
}

/** A charge is two calls: the transaction, and the account to pay into. What is returned is the first answer. */
export async function monnifyClient(sandbox: Sandbox): Promise<GatewayClient> {
  const base = sandbox.gateways['monnify'] ?? '';
  const auth = await monnifyToken(base);
  const merchant = `${base}/api/v1/merchant`;
  const verify = (reference: string): Promise<Heard> =>
    call(`${base}/api/v2/merchant/transactions/query?paymentReference=${reference}`, { headers: auth });
  return {
    name: 'monnify',
    reference: () => randomUUID(),
    charge: async (reference, phone, signal) => {
      const body = initBody(reference, phone === undefined ? {} : { metaData: { phone } });
      const begun = await post(`${merchant}/transactions/init-transaction`, body, auth, signal);
      const transactionReference = dig(begun.json, 'responseBody', 'transactionReference');
      if (transactionReference !== undefined) {
        await post(`${merchant}/bank-transfer/init-payment`, { transactionReference }, auth, signal);
      }
      return begun;
    },
    verify,
    outcome: async (reference) => {
      const { json } = await verify(reference);
      const status = String(dig(json, 'responseBody', 'paymentStatus'));
      return {
        state: STATES[status] ?? 'missing',
        amountMinor: Math.round(Number(dig(json, 'responseBody', 'amountPaid')) * 100),
      };
    },
  };
}

const STATES: Readonly<Record<string, string>> = {
  PENDING: 'pending',
  PAID: 'succeeded',
  UNDERPAID: 'succeeded',
  OVERPAID: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'failed',
  EXPIRED: 'failed',
};
