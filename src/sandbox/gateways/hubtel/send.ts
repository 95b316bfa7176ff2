import type { Call, Reply } from '../../gateway.js';
import type { Movement, Movements } from '../../movements.js';
import { asObject, json, parseJson, text, type JsonObject } from '../../wire.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import type { Office } from '../world.js';
import { cedis, CURRENCY } from './amounts.js';
import { CODES, invalid, refuse, TROUBLE } from './answers.js';
import { post } from './callback.js';
import { readMobileMoney } from './mobile-money-request.js';

/** Here the callback's address is spelled with three capitals at its end. */
const FIELDS = { msisdn: 'RecipientMsisdn', name: 'RecipientName', callbackUrl: 'PrimaryCallbackURL' };

/** Only the first of these words is known. */
const STATUS_WORDS = {
  succeeded: 'success',
  waiting: 'pending',
  pending: 'pending',
  failed: 'failed',
  returned: 'failed',
} as const;

export interface SendOffice extends Office {
  readonly payouts: Movements;
}

/** `POST /api/merchants/:deposit/send/mobilemoney`: out of the prepaid deposit, which collections do not fill. */
export function sendMobileMoney({ payouts, moneyOut, gateway }: SendOffice, call: Call): Reply {
  const { account, params, struck } = call;
  if (params[0] !== account.credentials['prepaid_deposit_id']) {
    return { answer: refuse(403, CODES.notPermitted, 'The account may not send from this prepaid deposit') };
  }
  const body = asObject(parseJson(call.request.body));
  if (body === undefined) return { answer: TROUBLE.malformedBody };
  const request = readMobileMoney(body, FIELDS);
  if ('status' in request) return { answer: request };
  const { msisdn, name, channel, amountMinor, callbackUrl, description, clientReference } = request;
  if (payouts.has(account.name, clientReference)) {
    return { answer: invalid('ClientReference has been used before') };
  }
  const opened = moneyOut.open(
    gateway(),
    {
      account,
      kind: 'payout',
      reference: clientReference,
      requestedMinor: amountMinor,
      currency: CURRENCY,
      phone: msisdn,
      start: 'sent',
      detail: { callbackUrl, description, channel, name },
    },
    struck,
  );
  if (typeof opened === 'string') {
    return { answer: refuse(400, CODES.balanceTooLow, 'The prepaid deposit does not hold enough') };
  }
  const answer = json(200, { ResponseCode: CODES.pending, Message: 'Transaction pending', Data: sendData(opened) });
  return { answer, opened };
}

/** `GET /api/merchants/:deposit/transactions/status?clientReference=`. */
export function sendStatus({ payouts }: SendOffice, call: Call): Reply {
  const { account, params, request } = call;
  if (params[0] !== account.credentials['prepaid_deposit_id']) {
    return { answer: refuse(403, CODES.notPermitted, 'The account may not ask about this prepaid deposit') };
  }
  const found = payouts.latest(account.name, request.query.get('clientReference') ?? '');
  if (found === undefined) return { answer: refuse(404, CODES.invalid, 'Transaction not found') };
  const data = {
    transactionId: idOf(found),
    clientReference: found.reference,
    externalTransactionId: found.status === 'succeeded' ? String(found.id) : null,
    transactionStatus: STATUS_WORDS[found.status],
    amount: cedis(amountOf(found)),
    fees: 0,
  };
  return { answer: json(200, { ResponseCode: CODES.success, Message: 'Successful', Data: data }) };
}

/** Unsigned, to the address of the request, once it is known how it ended. */
export function sendCallback(payout: Movement): OutgoingWebhook | undefined {
  const { status, declineCode, detail } = payout;
  const url = text(detail, 'callbackUrl');
  if (url === undefined || (status !== 'succeeded' && status !== 'failed')) return undefined;
  const isPaid = status === 'succeeded';
  return post(url, {
    ResponseCode: isPaid ? CODES.success : (declineCode ?? CODES.failed),
    Message: isPaid ? 'success' : 'failed',
    Data: { ...sendData(payout), ExternalTransactionId: isPaid ? String(payout.id) : null },
  });
}

function sendData(payout: Movement): JsonObject {
  return {
    TransactionId: idOf(payout),
    ClientReference: payout.reference,
    Amount: cedis(amountOf(payout)),
    Charges: 0,
    AmountDebited: cedis(amountOf(payout)),
    Description: payout.detail['description'],
    RecipientName: payout.detail['name'] ?? null,
  };
}

function amountOf({ status, movedMinor, requestedMinor }: Movement): number {
  return status === 'succeeded' ? movedMinor : requestedMinor;
}

function idOf({ id }: Movement): string {
  return id.toString(16).padStart(32, '0');
}
