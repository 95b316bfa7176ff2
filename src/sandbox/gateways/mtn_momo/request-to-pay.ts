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

/** Reads a request to pay with its headers. */
export function readRequestToPay(
  body: JsonObject,
  call: Call,
): Omit<NewCharge, 'account' | 'reference' | 'start'> | Answer {
  const { headers } = call.request;
  const currency = targetCurrency(headers);
  if (typeof currency !== 'string') return currency;
  const callbackUrl = readCallbackUrl(headers, call.account.credentials['callback_host']);
  if (typeof callbackUrl === 'object') return callbackUrl;
  const payer = asObject(body['payer']);
  const partyIdType = text(payer, 'partyIdType');
  const partyId = text(payer, 'partyId');
  if (partyIdType === undefined || !PARTY_TYPES.has(partyIdType) || partyId === undefined) return malformed();
  // A number in international form without the plus sign.
  if (partyIdType === 'MSISDN' && !/^\d{6,15}$/.test(partyId)) return malformed();
  if (text(body, 'currency') !== currency) return refuse(500, 'INVALID_CURRENCY', 'Currency not supported.');
  // A JSON number is malformed: the amount is a string, in major units.
  const amount =
    typeof body['amount'] === 'string' ? minorFromMajor(body['amount'], exponentOf(currency) ?? 0) : undefined;
  if (amount === undefined || amount <= 0) return malformed();
  return {
    requestedMinor: amount,
    currency,
    channel: 'requesttopay',
    customer: partyIdType === 'MSISDN' ? { phone: partyId } : {},
    detail: {
      amount: body['amount'],
      targetEnvironment: header(headers, 'x-target-environment'),
      callbackUrl,
      partyIdType,
      partyId,
      externalId: text(body, 'externalId'),
      payerMessage: text(body, 'payerMessage'),
      payeeNote: text(body, 'payeeNote'),
    },
  };
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

function malformed(): Answer {
  return { status: 400, body: '' };
}
