import { randomBytes } from 'node:crypto';
import { DEFAULT_CREDENTIALS } from '../accounts.js';
import type { Sandbox } from '../sandbox.js';
import { call, post, type GatewayClient, type Heard } from './clients.js';

const { client_id, client_secret, merchant_key } = DEFAULT_CREDENTIALS.orange_money;

export function orangeLogin(base: string, id: string = client_id, secret: string = client_secret): Promise<Heard> {
  return call(`${base}/oauth/v3/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
}

/** @returns the headers that carry a fresh token of the account `main`. */
export async function orangeToken(base: string): Promise<Record<string, string>> {
  return { authorization: `Bearer ${String((await orangeLogin(base)).json['access_token'])}` };
}

export function webPaymentOrder(order_id: string, fields: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    merchant_key,
    currency: 'XOF',
    order_id,
    amount: 5_000,
    return_url: 'https://shop.example/paid',
    cancel_url: 'https://shop.example/failed',
    notif_url: 'https://shop.example/notif',
    lang: 'fr',
    reference: 'Shop',
    ...fields,
  };
}

/**
 * Whoever never read the answer to the creation has no token and cannot ask: then the state is `missing`.
 *
 * @param notifUrl - where the notice of each payment goes, with the order appended as a path
 */
export async function orangeClient(sandbox: Sandbox, notifUrl: string): Promise<GatewayClient> {
  const base = `${sandbox.gateways['orange_money'] ?? ''}/orange-money-webpay/ci/v1`;
  const auth = await orangeToken(sandbox.gateways['orange_money'] ?? '');
  const tokens = new Map<string, string>();
  const verify = (order_id: string): Promise<Heard> =>
    post(`${base}/transactionstatus`, { order_id, amount: 5_000, pay_token: tokens.get(order_id) ?? '' }, auth);
  return {
    name: 'orange_money',
    reference: () => randomBytes(15).toString('hex'),
    charge: async (reference, phone, signal) => {
      const payer = phone === undefined ? {} : { reference: phone };
      const order = webPaymentOrder(reference, { notif_url: `${notifUrl}/${reference}`, ...payer });
      const begun = await post(`${base}/webpayment`, order, auth, signal);
      tokens.set(reference, String(begun.json['pay_token']));
      return begun;
    },
    verify,
    outcome: async (reference) => {
      const states: Record<string, string> = {
        SUCCESS: 'succeeded',
        FAILED: 'failed',
        EXPIRED: 'failed',
        INITIATED: 'pending',
        PENDING: 'pending',
      };
      const state = states[String((await verify(reference)).json['status'])] ?? 'missing';
      // No answer of Orange has an amount.
      return { state, amountMinor: Number.NaN };
    },
  };
}
