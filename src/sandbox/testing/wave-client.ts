import { randomUUID } from 'node:crypto';
import { DEFAULT_CREDENTIALS } from '../accounts.js';
import type { Sandbox } from '../sandbox.js';
import { asObject } from '../wire.js';
import { call, dig, post, type GatewayClient, type Heard } from './clients.js';

export const WAVE_AUTH = { authorization: `Bearer ${DEFAULT_CREDENTIALS.wave.api_key}` };

export function sessionOrder(fields: Readonly<Record<string, unknown>>): unknown {
  return {
    amount: '5000',
    currency: 'XOF',
    success_url: 'https://shop.example/paid',
    error_url: 'https://shop.example/failed',
    ...fields,
  };
}

/** @returns the sessions that share this reference. */
export async function wavesSessions(base: string, reference: string): Promise<unknown[]> {
  const { json } = await call(`${base}/v1/checkout/sessions/search?client_reference=${reference}`, {
    headers: WAVE_AUTH,
  });
  return Array.isArray(json['result']) ? json['result'] : [];
}

export function waveClient(sandbox: Sandbox): GatewayClient {
  const base = sandbox.gateways['wave'] ?? '';
  return {
    name: 'wave',
    reference: () => randomUUID(),
    charge: (reference, phone, signal) => {
      const restriction = phone === undefined ? {} : { restrict_payer_mobile: `+${phone}` };
      const order = sessionOrder({ client_reference: reference, ...restriction });
      return post(`${base}/v1/checkout/sessions`, order, WAVE_AUTH, signal);
    },
    verify: (reference): Promise<Heard> =>
      call(`${base}/v1/checkout/sessions/search?client_reference=${reference}`, { headers: WAVE_AUTH }),
    outcome: async (reference) => {
      const session = asObject((await wavesSessions(base, reference))[0]);
      return { state: stateOf(session), amountMinor: Number(session?.['amount']) };
    },
  };
}

/** The API has no word for a failed try, as the session stays open: the last error tells. */
function stateOf(session: unknown): string {
  if (session === undefined) return 'missing';
  if (dig(session, 'payment_status') === 'succeeded') return 'succeeded';
  return dig(session, 'last_payment_error') === null ? 'pending' : 'failed';
}
