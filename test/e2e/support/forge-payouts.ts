/** Claims that a payout arrived, and of another amount, as who knows its reference could send them: what a gateway signs is signed with its own key. */
import { createHmac, randomInt } from 'node:crypto';

import { decodeId } from '../../../src/kernel/ids/ids.js';
import { DEFAULT_CREDENTIALS } from '../../../src/sandbox/accounts.js';
import type { AttemptResource } from './payments.js';
import type { System } from './system.js';

interface Claim {
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Each claim is one of its own: the same twice would be one webhook delivered twice. */
const anyId = (): number => randomInt(100_000_000, 999_999_999);

const claims: Readonly<Record<string, (reference: string) => Claim>> = {
  paystack: (reference) => {
    const data = { id: anyId(), reference, status: 'success', amount: 99_999_900, currency: 'GHS' };
    const body = JSON.stringify({ event: 'transfer.success', data });
    const key = DEFAULT_CREDENTIALS.paystack['secret_key'] ?? '';
    return {
      method: 'POST',
      headers: { 'x-paystack-signature': createHmac('sha512', key).update(body).digest('hex') },
      body,
    };
  },
  flutterwave: (reference) => ({
    method: 'POST',
    headers: { 'verif-hash': DEFAULT_CREDENTIALS.flutterwave['secret_hash'] ?? '' },
    body: JSON.stringify({
      event: 'transfer.completed',
      data: { id: anyId(), reference, status: 'SUCCESSFUL', amount: 999_999, currency: 'XOF' },
    }),
  }),
  mtn_momo: (externalId) => ({
    method: 'PUT',
    headers: {},
    body: JSON.stringify({
      externalId,
      financialTransactionId: String(anyId()),
      amount: '999999',
      currency: 'GHS',
      payee: { partyIdType: 'MSISDN', partyId: '233241234567' },
      status: 'SUCCESSFUL',
    }),
  }),
  hubtel: (ClientReference) => ({
    method: 'POST',
    headers: {},
    body: JSON.stringify({
      ResponseCode: '0000',
      Data: { ClientReference, TransactionId: String(anyId()), AmountDebited: 9_999.99, RecipientName: 'Eve' },
    }),
  }),
};

/** @returns whether there is a claim that this gateway's way of telling could be forged with */
export async function claimPaid(system: System, { gateway, id }: AttemptResource): Promise<boolean> {
  const claim = claims[gateway]?.(decodeId('attempt', id)?.replaceAll('-', '') ?? '');
  if (claim === undefined) return false;
  const answer = await fetch(`${system.programOf('routing').url}/webhooks/${gateway}/main`, {
    method: claim.method,
    headers: { 'content-type': 'application/json', ...claim.headers },
    body: claim.body,
  });
  expect(answer.status).toBe(200);
  return true;
}
