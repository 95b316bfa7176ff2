import { decimalText, exponentOf } from '../../money.js';
import type { Transaction } from '../../transactions.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import type { JsonObject } from '../../wire.js';

const STATUS_WORDS = { invited: 'PENDING', pending: 'PENDING', succeeded: 'SUCCESSFUL', failed: 'FAILED' } as const;

/** The body of the status query and of the callback. The client's own UUID is in neither. */
export function statusBody(transaction: Transaction): JsonObject {
  const { status, currency, detail, declineCode, id } = transaction;
  const paid = status === 'succeeded';
  const asAsked = !paid || transaction.chargedMinor === transaction.requestedMinor;
  return {
    ...(paid ? { financialTransactionId: String(id) } : {}),
    externalId: detail['externalId'],
    // Echoed as it was written, unless another amount was taken.
    amount: asAsked ? detail['amount'] : decimalText(transaction.chargedMinor, exponentOf(currency) ?? 0),
    currency,
    payer: { partyIdType: detail['partyIdType'], partyId: detail['partyId'] },
    payerMessage: detail['payerMessage'],
    payeeNote: detail['payeeNote'],
    status: STATUS_WORDS[status],
    ...(status === 'failed' ? { reason: declineCode } : {}),
  };
}

/** The callback goes to the address the request named, by PUT and without any signature; without an address there is none. */
export function callback(transaction: Transaction): OutgoingWebhook | undefined {
  const url = transaction.detail['callbackUrl'];
  if (typeof url !== 'string' || transaction.status === 'pending') return undefined;
  return {
    method: 'PUT',
    url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(statusBody(transaction)),
  };
}
