import type { IncomingHttpHeaders } from 'node:http';
import type { Call } from '../../gateway.js';
import { exponentOf, minorFromMajor } from '../../money.js';
import type { NewCharge } from '../../transactions.js';
import { asObject, header, text, type Answer, type JsonObject } from '../../wire.js';
import { refuse } from './answers.js';

/** `X-Reference-Id` is a UUID version 4, and nothing else is taken. */
export const REFERENCE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** The one currency each target environment takes. */
const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ['sandbox', 'EUR'],
  ['mtnghana', 'GHS'],
  ['mtnivorycoast', 'XOF'],
  ['mtnbenin', 'XOF'],
  ['mtncameroon', 'XAF'],
  ['mtncongo', 'XAF'],
  ['mtnguineaconakry', 'GNF'],
  ['mtnuganda', 'UGX'],
  ['mtnrwanda', 'RWF'],
  ['mtnzambia', 'ZMW'],
  ['mtnnigeria', 'NGN'],
  ['mtnsouthafrica', 'ZAR'],
  ['mtnswaziland', 'SZL'],
  ['mtnliberia', 'LRD'],
  ['mtnsouthsudan', 'SSP'],
]);

const PARTY_TYPES = new Set(['MSISDN', 'EMAIL', 'PARTY_CODE']);

/** @returns the currency of the request's `X-Target-Environment`, or the refusal. */
export function targetCurrency(headers: IncomingHttpHeaders): string | Answer {
  const currency = CURRENCIES.get(header(headers, 'x-target-environment') ?? '');
  return currency ?? refuse(500, 'NOT_ALLOWED_TARGET_ENVIRONMENT', 'Access to target environment is forbidden.');
}

/** What every order has: the amount, and what is only kept to be told again. */
export interface Order {
  /** Integer minor units by ISO 4217. */
  readonly requestedMinor: number;
  readonly currency: string;
  readonly detail: JsonObject;
}

/** Who pays, or who is paid. */
export interface Party {
  readonly partyIdType: string;
  readonly partyId: string;
}

/** Reads a request to pay with its headers. */
export function readRequestToPay(
  body: JsonObject,
  call: Call,
): Omit<NewCharge, 'account' | 'reference' | 'start'> | Answer {
  const order = readOrder(body, call);
  if ('status' in order) return order;
  const payer = readParty(body, 'payer');
  if ('status' in payer) return payer;
  return {
    ...order,
    channel: 'requesttopay',
    customer: payer.partyIdType === 'MSISDN' ? { phone: payer.partyId } : {},
    detail: { ...order.detail, ...payer },
  };
}

export function readOrder(body: JsonObject, call: Call): Order | Answer {
  const { headers } = call.request;
  const currency = targetCurrency(headers);
  if (typeof currency !== 'string') return currency;
  const callbackUrl = readCallbackUrl(headers, call.account.credentials['callback_host']);
  if (typeof callbackUrl === 'object') return callbackUrl;
  if (text(body, 'currency') !== currency) return refuse(500, 'INVALID_CURRENCY', 'Currency not supported.');
  // A JSON number is malformed: the amount is a string, in major units.
  const amount =
    typeof body['amount'] === 'string' ? minorFromMajor(body['amount'], exponentOf(currency) ?? 0) : undefined;
  if (amount === undefined || amount <= 0) return malformed();
  return {
    requestedMinor: amount,
    currency,
    detail: {
      amount: body['amount'],
      targetEnvironment: header(headers, 'x-target-environment'),
      callbackUrl,
      externalId: text(body, 'externalId'),
      payerMessage: text(body, 'payerMessage'),
      payeeNote: text(body, 'payeeNote'),
    },
  };
}

export function readParty(body: JsonObject, role: 'payer' | 'payee'): Party | Answer {
  const party = asObject(body[role]);
  const partyIdType = text(party, 'partyIdType');
  const partyId = text(party, 'partyId');
  if (partyIdType === undefined || !PARTY_TYPES.has(partyIdType) || partyId === undefined) return malformed();
  // A number in international form without the plus sign.
  if (partyIdType === 'MSISDN' && !/^\d{6,15}$/.test(partyId)) return malformed();
  return { partyIdType, partyId };
}

/** The callback's host must be the registered one, where one is registered; an empty header is malformed. */
function readCallbackUrl(
  headers: IncomingHttpHeaders,
  registeredHost: string | undefined,
): string | undefined | Answer {
  const value = headers['x-callback-url'];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^https?:\/\//.test(value) || !URL.canParse(value)) return malformed();
  if (registeredHost !== undefined && new URL(value).hostname !== registeredHost) {
    return refuse(500, 'INVALID_CALLBACK_URL_HOST', 'Callback URL with different host name than registered.');
  }
  return value;
}

export function malformed(): Answer {
  return { status: 400, body: '' };
}
