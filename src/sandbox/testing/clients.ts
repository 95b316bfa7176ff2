import { randomUUID } from 'node:crypto';
import { DEFAULT_CREDENTIALS } from '../accounts.js';
import type { Sandbox } from '../sandbox.js';
import { asObject, parseJson, type JsonObject } from '../wire.js';

/** An answer with its body read; `json` is empty where the body is no object. */
export interface Heard {
  readonly status: number;
  readonly body: string;
  readonly json: JsonObject;
}

export async function call(url: string, init: RequestInit = {}): Promise<Heard> {
  const response = await fetch(url, init);
  const body = await response.text();
  return { status: response.status, body, json: asObject(parseJson(body)) ?? {} };
}

/** Walks into a JSON body: `dig(body, 'data', 'status')`. */
export function dig(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const step of path) current = asObject(current)?.[step];
  return current;
}

export function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Heard> {
  return call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** One way to speak with every gateway, for what they all do. Charges are 5,000 minor units. */
export interface GatewayClient {
  readonly name: 'paystack' | 'flutterwave' | 'mtn_momo' | 'monnify' | 'wave' | 'hubtel' | 'orange_money';
  /** A new reference in the gateway's own alphabet. */
  reference(): string;
  charge(reference: string, phone?: string, signal?: AbortSignal): Promise<Heard>;
  verify(reference: string): Promise<Heard>;
  /** The payment's state and amount in minor units, by the gateway's answer to `verify`. */
  outcome(reference: string): Promise<{ state: string; amountMinor: number }>;
}

export const AMOUNT_MINOR = 5_000;
const PHONE = '233241234567';

export const PAYSTACK_AUTH = { authorization: `Bearer ${DEFAULT_CREDENTIALS.paystack.secret_key}` };
export const FLUTTERWAVE_AUTH = { authorization: `Bearer ${DEFAULT_CREDENTIALS.flutterwave.secret_key}` };

export function paystackClient(sandbox: Sandbox): GatewayClient {
  const base = sandbox.gateways['paystack'] ?? '';
  const verify = (reference: string): Promise<Heard> =>
    call(`${base}/transaction/verify/${reference}`, { headers: PAYSTACK_AUTH });
  return {
    name: 'paystack',
    reference: () => randomUUID(),
    charge: (reference, phone = PHONE, signal?) =>
      post(
        `${base}/charge`,
        { email: 'a@b.co', amount: AMOUNT_MINOR, currency: 'GHS', reference, mobile_money: { phone, provider: 'mtn' } },
        PAYSTACK_AUTH,
        signal,
      ),
    verify,
    outcome: async (reference) => {
      const { json } = await verify(reference);
      const states: Record<string, string> = { success: 'succeeded', failed: 'failed', pending: 'pending' };
      return {
        state: states[String(dig(json, 'data', 'status'))] ?? 'missing',
        amountMinor: Number(dig(json, 'data', 'amount')),
      };
    },
  };
}

export function flutterwaveClient(sandbox: Sandbox): GatewayClient {
  const base = sandbox.gateways['flutterwave'] ?? '';
  const verify = (reference: string): Promise<Heard> =>
    call(`${base}/v3/transactions/verify_by_reference?tx_ref=${reference}`, { headers: FLUTTERWAVE_AUTH });
  return {
    name: 'flutterwave',
    reference: () => randomUUID(),
    charge: (reference, phone = PHONE, signal?) =>
      post(
        `${base}/v3/charges?type=mobile_money_ghana`,
        { email: 'a@b.co', amount: 50, currency: 'GHS', tx_ref: reference, phone_number: phone, network: 'MTN' },
        FLUTTERWAVE_AUTH,
        signal,
      ),
    verify,
    outcome: async (reference) => {
      const { json } = await verify(reference);
      const states: Record<string, string> = { successful: 'succeeded', failed: 'failed', pending: 'pending' };
      return {
        state: states[String(dig(json, 'data', 'status'))] ?? 'missing',
        amountMinor: Number(dig(json, 'data', 'amount')) * 100,
      };
    },
  };
}

/** @param callbackUrl - where the callback of each charge goes, with the reference appended as a path */
export async function momoClient(sandbox: Sandbox, callbackUrl?: string): Promise<GatewayClient> {
  const base = sandbox.gateways['mtn_momo'] ?? '';
  const headers = {
    ...(await momoToken(base)),
    'x-target-environment': 'mtnghana',
  };
  const verify = (reference: string): Promise<Heard> =>
    call(`${base}/collection/v1_0/requesttopay/${reference}`, { headers });
  return {
    name: 'mtn_momo',
    reference: () => randomUUID(),
    charge: (reference, phone = PHONE, signal?) =>
      post(
        `${base}/collection/v1_0/requesttopay`,
        {
          amount: '50',
          currency: 'GHS',
          externalId: reference,
          payer: { partyIdType: 'MSISDN', partyId: phone },
          payerMessage: 'm',
          payeeNote: 'n',
        },
        {
          ...headers,
          'x-reference-id': reference,
          ...(callbackUrl === undefined ? {} : { 'x-callback-url': `${callbackUrl}/${reference}` }),
        },
        signal,
      ),
    verify,
    outcome: async (reference) => {
      const { json } = await verify(reference);
      const states: Record<string, string> = { SUCCESSFUL: 'succeeded', FAILED: 'failed', PENDING: 'pending' };
      return { state: states[String(json['status'])] ?? 'missing', amountMinor: Number(json['amount']) * 100 };
    },
  };
}

/** @returns the headers that carry a fresh token of the account `main` for one of MTN's products. */
export async function momoToken(
  base: string,
  product: 'collection' | 'disbursement' = 'collection',
): Promise<Record<string, string>> {
  const own = DEFAULT_CREDENTIALS.mtn_momo;
  const [user, key, subscriptionKey] =
    product === 'collection'
      ? [own.api_user, own.api_key, own.subscription_key]
      : [own.disbursement_api_user, own.disbursement_api_key, own.disbursement_subscription_key];
  const basic = Buffer.from(`${user}:${key}`).toString('base64');
  const subscription = { 'ocp-apim-subscription-key': subscriptionKey };
  const { json } = await post(`${base}/${product}/token/`, {}, { authorization: `Basic ${basic}`, ...subscription });
  return { authorization: `Bearer ${String(json['access_token'])}`, ...subscription };
}

/** The control API. */
export function control(sandbox: Sandbox): {
  fault(order: JsonObject): Promise<Heard>;
  /** Of one gateway, or of all. */
  clearFaults(gateway?: string): Promise<Heard>;
  faults(): Promise<JsonObject[]>;
  ledger(reference: string): Promise<JsonObject[]>;
  post(path: string, body: unknown): Promise<Heard>;
  get(path: string): Promise<Heard>;
  remove(path: string): Promise<Heard>;
} {
  const url = sandbox.controlUrl;
  const list = async (path: string): Promise<JsonObject[]> => {
    const { json } = await call(`${url}${path}`);
    return json['data'] as JsonObject[];
  };
  return {
    fault: (order) => post(`${url}/_faults`, order),
    clearFaults: (gateway) =>
      call(`${url}/_faults${gateway === undefined ? '' : `?gateway=${gateway}`}`, { method: 'DELETE' }),
    faults: () => list('/_faults'),
    ledger: (reference) => list(`/_ledger?reference=${reference}`),
    post: (path, body) => post(`${url}${path}`, body),
    get: (path) => call(`${url}${path}`),
    remove: (path) => call(`${url}${path}`, { method: 'DELETE' }),
  };
}
