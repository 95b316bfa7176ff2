import { randomUUID } from 'node:crypto';
import { DEFAULT_CREDENTIALS } from '../accounts.js';
import type { Sandbox } from '../sandbox.js';
import { call, dig, post, type GatewayClient, type Heard } from './clients.js';

const { api_id, api_key } = DEFAULT_CREDENTIALS.hubtel;

export const HUBTEL_AUTH = hubtelAuth(api_id, api_key);
export const POS = DEFAULT_CREDENTIALS.hubtel.pos_sales_id;

export function hubtelAuth(id: string, key: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}` };
}

export function receiveOrder(ClientReference: string, fields: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    CustomerName: 'Ama',
    CustomerMsisdn: '233241234567',
    CustomerEmail: 'a@b.co',
    Channel: 'mtn-gh',
    Amount: 50,
    PrimaryCallbackUrl: 'https://shop.example/callback',
    Description: 'Order',
    ClientReference,
    ...fields,
  };
}

/** @param callbackUrl - where the callback of each charge goes */
export function hubtelClient(sandbox: Sandbox, callbackUrl: string): GatewayClient {
  const base = sandbox.gateways['hubtel'] ?? '';
  const verify = (reference: string): Promise<Heard> =>
    call(`${base}/transactions/${POS}/status?clientReference=${reference}`, { headers: HUBTEL_AUTH });
  return {
    name: 'hubtel',
    reference: () => randomUUID().replaceAll('-', ''),
    charge: (reference, phone, signal) => {
      const payer = phone === undefined ? {} : { CustomerMsisdn: phone };
      const order = receiveOrder(reference, { PrimaryCallbackUrl: callbackUrl, ...payer });
      return post(`${base}/merchantaccount/merchants/${POS}/receive/mobilemoney`, order, HUBTEL_AUTH, signal);
    },
    verify,
    outcome: async (reference) => {
      const { json } = await verify(reference);
      // "Unpaid" is said of who has not paid yet and of who never will.
      const states: Record<string, string> = { Paid: 'succeeded', Unpaid: 'pending' };
      return {
        state: states[String(dig(json, 'data', 'status'))] ?? 'missing',
        amountMinor: Math.round(Number(dig(json, 'data', 'amount')) * 100),
      };
    },
  };
}
