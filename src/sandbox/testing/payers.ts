import { randomUUID } from 'node:crypto';
import type { Sandbox } from '../sandbox.js';
import { AMOUNT_MINOR, call, dig, FLUTTERWAVE_AUTH, momoToken, PAYSTACK_AUTH, post, type Heard } from './clients.js';

/** One way to pay out through every gateway: 50.00 GHS to mobile money. */
export interface Payer {
  payout(reference: string, phone?: string, signal?: AbortSignal): Promise<Heard>;
  /** How the payout stands, in the gateway's own word made lower case; "missing" where it knows none. */
  state(reference: string): Promise<string>;
}

const PHONE = '233241234567';

export function paystackPayer(sandbox: Sandbox): Payer {
  const base = sandbox.gateways['paystack'] ?? '';
  return {
    payout: async (reference, phone = PHONE, signal?) => {
      const to = { type: 'mobile_money', name: 'Ama', account_number: phone, bank_code: 'MTN', currency: 'GHS' };
      const { json } = await post(`${base}/transferrecipient`, to, PAYSTACK_AUTH);
      const recipient = dig(json, 'data', 'recipient_code');
      const body = { source: 'balance', amount: AMOUNT_MINOR, currency: 'GHS', recipient, reference };
      return post(`${base}/transfer`, body, PAYSTACK_AUTH, signal);
    },
    state: async (reference) => {
      const { json } = await call(`${base}/transfer/verify/${reference}`, { headers: PAYSTACK_AUTH });
      return stateOf(dig(json, 'data', 'status'));
    },
  };
}

export function flutterwavePayer(sandbox: Sandbox): Payer {
  const base = `${sandbox.gateways['flutterwave'] ?? ''}/v3/transfers`;
  return {
    payout: (reference, phone = PHONE, signal?) => {
      const body = { account_bank: 'MTN', account_number: phone, amount: 50, currency: 'GHS', reference };
      return post(base, body, FLUTTERWAVE_AUTH, signal);
    },
    state: async (reference) => {
      const { json } = await call(`${base}?reference=${reference}`, { headers: FLUTTERWAVE_AUTH });
      return stateOf(dig((json['data'] as unknown[])[0], 'status'));
    },
  };
}

/** @param callbackUrl - where the callback of each payout goes, with the reference appended as a path */
export async function momoPayer(sandbox: Sandbox, callbackUrl: string): Promise<Payer> {
  const base = sandbox.gateways['mtn_momo'] ?? '';
  const headers = { ...(await momoToken(base, 'disbursement')), 'x-target-environment': 'mtnghana' };
  return {
    payout: (reference, phone = PHONE, signal?) => {
      const body = { amount: '50', currency: 'GHS', externalId: 'x', payee: { partyIdType: 'MSISDN', partyId: phone } };
      const own = { 'x-reference-id': reference, 'x-callback-url': `${callbackUrl}/${reference}` };
      return post(`${base}/disbursement/v1_0/transfer`, body, { ...headers, ...own }, signal);
    },
    state: async (reference) => {
      const { json } = await call(`${base}/disbursement/v1_0/transfer/${reference}`, { headers });
      return stateOf(json['status']);
    },
  };
}

export function newReference(): string {
  return randomUUID();
}

function stateOf(word: unknown): string {
  const lower = typeof word === 'string' ? word.toLowerCase() : 'missing';
  if (lower === 'new') return 'pending';
  return lower.startsWith('success') ? 'success' : lower;
}
