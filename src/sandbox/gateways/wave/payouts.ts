import type { Account } from '../../accounts.js';
import type { Call, Reply } from '../../gateway.js';
import type { Movement, NewMovement } from '../../movements.js';
import { asObject, json, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import { invalid, refuse, TROUBLE } from './answers.js';
import { amountText, readAmount } from './amounts.js';
import type { PayoutOffice } from './money-out.js';
import { payoutBody, payoutOf } from './payout-bodies.js';
import { walletCurrency } from './session-request.js';

/** How long a payout can be taken back; from memory. Milliseconds. */
const REVERSAL_MS = 3 * 86_400_000;

const MOBILE = /^\+[1-9]\d{6,14}$/;

/** `POST /v1/payout`. The same key and body are answered as they were the first time, whatever has become of the payout since. */
export function createPayout(office: PayoutOffice, call: Call): Reply {
  return office.keys.once(call, (key) => {
    const body = asObject(parseJson(call.request.body));
    if (body === undefined) return { answer: TROUBLE.malformedBody };
    const order = readPayout(body, call.account, key);
    if ('status' in order) return { answer: order };
    const payout = openPayout(office, order, call);
    return { answer: json(200, payoutBody(payout)), opened: payout, payout };
  });
}

/** Opens a payout. What the wallet does not hold is taken in as well, and fails afterwards. */
export function openPayout({ moneyOut, gateway }: PayoutOffice, order: NewMovement, { struck }: Call): Movement {
  const opened = moneyOut.open(gateway(), order, struck);
  if (typeof opened !== 'string') return opened;
  const failing = moneyOut.open(gateway(), { ...order, failsWith: 'insufficient-funds' }, struck);
  if (typeof failing === 'string') throw new Error('a payout that will fail takes nothing and cannot be too large');
  return failing;
}

/** @param otherwise - the reference of a payout for which the client gave none */
export function readPayout(body: JsonObject, account: Account, otherwise: string): NewMovement | Answer {
  const currency = walletCurrency(account);
  if (text(body, 'currency') !== currency) return invalid('currency', `the currency of this wallet is ${currency}`);
  const requestedMinor = readAmount(body['receive_amount'], currency);
  if (requestedMinor === undefined) {
    return invalid('receive_amount', `must be a string with a positive amount in ${currency}`);
  }
  const phone = text(body, 'mobile');
  if (phone === undefined || !MOBILE.test(phone)) return invalid('mobile', 'must be a phone number in E.164 form');
  const clientReference = text(body, 'client_reference');
  return {
    account,
    kind: 'payout',
    reference: clientReference ?? otherwise,
    requestedMinor,
    currency,
    phone,
    start: 'sent',
    detail: {
      clientReference,
      name: text(body, 'name'),
      nationalId: text(body, 'national_id'),
      paymentReason: text(body, 'payment_reason'),
    },
  };
}

/** `GET /v1/payout/:id`. */
export function readOnePayout({ payouts }: PayoutOffice, call: Call): Reply {
  const found = payoutOf(payouts, call.account.name, call.params[0] ?? '');
  return { answer: found === undefined ? noSuchPayout() : json(200, payoutBody(found)) };
}

/** `GET /v1/payouts/search?client_reference=`: a list here too. */
export function searchPayouts({ payouts }: PayoutOffice, call: Call): Reply {
  const reference = call.request.query.get('client_reference');
  if (reference === null || reference === '') {
    return { answer: refuse(422, 'request-validation-error', 'client_reference is required') };
  }
  const found = payouts
    .of(call.account.name, reference)
    .filter(({ detail }) => detail['clientReference'] === reference);
  return { answer: json(200, { result: found.map(payoutBody) }) };
}

/** `POST /v1/payout/:id/reverse`: the money comes back, within the time for it. */
export function reversePayout({ payouts, moneyOut, gateway }: PayoutOffice, call: Call): Reply {
  const found = payoutOf(payouts, call.account.name, call.params[0] ?? '');
  if (found === undefined) return { answer: noSuchPayout() };
  if (Date.now() > found.createdAt + REVERSAL_MS) {
    return { answer: refuse(422, 'payout-reversal-time-limit-exceeded', 'The payout is too old to be reversed') };
  }
  if (!moneyOut.giveBack(gateway(), found)) {
    return { answer: refuse(409, 'payout-not-reversible', 'Only a payout that succeeded can be reversed') };
  }
  return { answer: { status: 200, body: '' } };
}

/** `GET /v1/balance`. */
export function readBalance({ floats, gateway }: PayoutOffice, call: Call): Reply {
  const currency = walletCurrency(call.account);
  const { available } = floats.of(gateway(), call.account.name, currency);
  return { answer: json(200, { amount: amountText(available, currency), currency }) };
}

function noSuchPayout(): Answer {
  return refuse(404, 'payout-not-found', 'Payout not found');
}
