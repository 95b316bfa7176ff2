import { randomBytes } from 'node:crypto';
import { accountNumber } from '../../account-number.js';
import type { Customer, NewCharge } from '../../transactions.js';
import { asObject, parseJson, text, type Answer, type JsonObject } from '../../wire.js';
import { refuse } from './answers.js';
import { minorOf, readSubunits } from './subunits.js';

/** The least amount per currency, in Paystack's own subunit (always a hundredth, XOF too). These are all the currencies it takes. */
const MINIMUM: ReadonlyMap<string, number> = new Map([
  ['NGN', 5_000],
  ['USD', 200],
  ['GHS', 10],
  ['ZAR', 100],
  ['KES', 300],
  ['XOF', 100],
]);

/** The most per transaction: 10,000,000 in major units. */
const MAXIMUM = 1_000_000_000;

export const CURRENCIES: readonly string[] = [...MINIMUM.keys()];

/** Pay-with-transfer starts at NGN 100. */
const TRANSFER_MINIMUM = 10_000;

const REFERENCE = /^[A-Za-z0-9.=-]+$/;

const MOBILE_MONEY_CURRENCIES = new Set(['GHS', 'KES', 'XOF']);
const MOBILE_MONEY_PROVIDERS = new Set(['mtn', 'vod', 'tgo', 'atl', 'mpesa', 'orange', 'wave', 'airtel']);
const USSD_TYPES = new Set(['737', '919', '822', '966']);
const INSTRUMENTS = ['mobile_money', 'bank_transfer', 'ussd', 'bank', 'eft', 'qr', 'authorization_code'];

/** What a bank asks its customer for, by the last four digits of their account; every other account: the OTP. */
const STEP_BY_ENDING: Readonly<Record<string, string>> = {
  '9911': 'pin',
  '9912': 'phone',
  '9913': 'birthday',
  '9914': 'address',
};

/** What a wallet's customer is asked for instead of being asked on the handset, by the last four digits of their number. `9915`: two things. */
const WALLET_STEPS: Readonly<Record<string, readonly string[]>> = {
  '9910': ['otp'],
  '9911': ['pin'],
  '9912': ['phone'],
  '9913': ['birthday'],
  '9915': ['pin', 'otp'],
};

/** What every request that creates a charge has. */
export interface ChargeRequest {
  readonly body: JsonObject;
  readonly reference: string;
  /** Integer minor units by ISO 4217. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly customer: Customer;
  readonly metadata: unknown;
  readonly callbackUrl: string | undefined;
}

export function readCharge(body: JsonObject): ChargeRequest | Answer {
  const email = text(body, 'email');
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email))
    return invalid('Invalid Email Address Passed', 'invalid_email_address');
  const currency = body['currency'] === undefined ? 'NGN' : text(body, 'currency');
  const minimum = MINIMUM.get(currency ?? '');
  if (currency === undefined || minimum === undefined) {
    return invalid('Currency not supported by merchant', 'unsupported_currency');
  }
  const subunits = readSubunits(body['amount']);
  if (subunits === undefined) return invalid('Invalid Amount Sent', 'invalid_params');
  if (subunits < minimum) return invalid(`Amount is below the minimum of ${minimum} for ${currency}`, 'invalid_amount');
  if (subunits > MAXIMUM) return invalid('Amount is above the maximum for a transaction', 'invalid_amount');
  const given = body['reference'];
  if (given !== undefined && (typeof given !== 'string' || !REFERENCE.test(given))) {
    return invalid('Only letters, digits, "-", "." and "=" are allowed in a reference', 'invalid_params');
  }
  const phone = phoneOf(body);
  return {
    body,
    reference: given ?? `T${randomBytes(8).toString('hex')}`,
    amountMinor: minorOf(subunits, currency),
    currency,
    customer: { email, ...(phone === undefined ? {} : { phone }) },
    metadata: body['metadata'],
    callbackUrl: text(body, 'callback_url'),
  };
}

/** @returns how to charge the one instrument the request must name. */
export function readInstrument(request: ChargeRequest): Pick<NewCharge, 'channel' | 'start' | 'detail'> | Answer {
  const { body, currency } = request;
  const named = INSTRUMENTS.filter((field) => body[field] !== undefined);
  const name = named[0];
  if (named.length !== 1 || name === undefined) {
    return invalid(`Charge exactly one of ${INSTRUMENTS.join(', ')}`, 'invalid_params');
  }
  switch (name) {
    case 'mobile_money':
      return mobileMoney(asObject(body['mobile_money']), currency);
    case 'bank_transfer':
      if (asObject(body['bank_transfer']) === undefined)
        return invalid('bank_transfer must be an object', 'invalid_params');
      if (currency !== 'NGN')
        return invalid('Pay with transfer is not available for this currency', 'unsupported_currency');
      if (request.amountMinor < TRANSFER_MINIMUM)
        return invalid('Pay with transfer starts at NGN 100', 'invalid_amount');
      return { channel: 'bank_transfer', start: 'asked', detail: { step: 'transfer', accountNumber: accountNumber() } };
    case 'ussd':
      return ussd(text(asObject(body['ussd']), 'type'), currency);
    case 'bank':
      return bank(asObject(body['bank']));
    case 'authorization_code':
      if (text(body, 'authorization_code') === undefined)
        return invalid('Authorization code is required', 'missing_params');
      return { channel: 'card', start: 'instant', detail: {} };
    case 'eft':
      if (currency !== 'ZAR') return invalid('EFT is not available for this currency', 'unsupported_currency');
      return { channel: 'eft', start: 'invited', detail: { step: 'page' } };
    default:
      return invalid(`The sandbox does not offer ${name}`, 'invalid_params');
  }
}

function mobileMoney(
  instrument: JsonObject | undefined,
  currency: string,
): Pick<NewCharge, 'channel' | 'start' | 'detail'> | Answer {
  if (!MOBILE_MONEY_CURRENCIES.has(currency))
    return invalid('Mobile money is not available for this currency', 'unsupported_currency');
  const provider = text(instrument, 'provider');
  if (provider === undefined || !MOBILE_MONEY_PROVIDERS.has(provider.toLowerCase())) {
    return invalid('Invalid mobile money provider', 'invalid_params');
  }
  const phone = text(instrument, 'phone') ?? '';
  if (!/^\+?\d{6,15}$/.test(phone)) return invalid('Invalid phone number', 'invalid_params');
  const [step, ...nextSteps] = WALLET_STEPS[phone.slice(-4)] ?? [];
  if (step !== undefined) return { channel: 'mobile_money', start: 'invited', detail: { step, nextSteps } };
  return { channel: 'mobile_money', start: 'asked', detail: { step: 'handset', provider: provider.toLowerCase() } };
}

function ussd(type: string | undefined, currency: string): Pick<NewCharge, 'channel' | 'start' | 'detail'> | Answer {
  if (currency !== 'NGN') return invalid('USSD is not available for this currency', 'unsupported_currency');
  if (type === undefined || !USSD_TYPES.has(type)) return invalid('Invalid USSD type', 'invalid_params');
  return { channel: 'ussd', start: 'asked', detail: { step: 'dial', type } };
}

function bank(instrument: JsonObject | undefined): Pick<NewCharge, 'channel' | 'start' | 'detail'> | Answer {
  if (text(instrument, 'code') === undefined || !/^\d{6,15}$/.test(text(instrument, 'account_number') ?? '')) {
    return invalid('Bank code and account number are required', 'missing_params');
  }
  const step = STEP_BY_ENDING[text(instrument, 'account_number')?.slice(-4) ?? ''] ?? 'otp';
  return { channel: 'bank', start: 'invited', detail: { step } };
}

/** Wherever the client put the customer's phone: the instrument, the request, or its metadata. */
function phoneOf(body: JsonObject): string | undefined {
  const metadata = body['metadata'];
  const parsed = asObject(typeof metadata === 'string' ? parseJson(metadata) : metadata);
  return (
    text(asObject(body['mobile_money']), 'phone') ??
    text(body, 'phone') ??
    text(asObject(body['customer']), 'phone') ??
    text(parsed, 'phone')
  );
}

function invalid(message: string, code: string): Answer {
  return refuse(400, message, 'validation_error', code);
}
