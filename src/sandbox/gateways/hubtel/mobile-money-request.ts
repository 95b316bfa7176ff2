import { text, type Answer, type JsonObject } from '../../wire.js';
import { readAmount } from './amounts.js';
import { invalid } from './answers.js';

const CHANNELS = new Set(['mtn-gh', 'vodafone-gh', 'tigo-gh']);

/** In international form without a plus sign. */
const MSISDN = /^233\d{9}$/;

const CLIENT_REFERENCE = /^[A-Za-z0-9]{1,36}$/;

/** What receiving and sending mobile money have in common. */
export interface MobileMoneyRequest {
  readonly msisdn: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly channel: string;
  /** Pesewas. */
  readonly amountMinor: number;
  readonly callbackUrl: string;
  readonly description: string;
  readonly clientReference: string;
}

/** The two products name the other side differently, and spell the address of the callback differently. */
export interface FieldNames {
  readonly msisdn: string;
  readonly name: string;
  readonly callbackUrl: string;
}

export function readMobileMoney(body: JsonObject, names: FieldNames): MobileMoneyRequest | Answer {
  const msisdn = text(body, names.msisdn);
  if (msisdn === undefined || !MSISDN.test(msisdn))
    return invalid(`${names.msisdn} must be a number like 233249111411`);
  const channel = text(body, 'Channel');
  if (channel === undefined || !CHANNELS.has(channel)) {
    return invalid(`Channel must be one of ${[...CHANNELS].join(', ')}`);
  }
  const amountMinor = readAmount(body['Amount']);
  if (amountMinor === undefined) return invalid('Amount must be a positive number with at most 2 decimals');
  const callbackUrl = webAddress(body, names.callbackUrl);
  if (callbackUrl === undefined) return invalid(`${names.callbackUrl} must be an http or https address`);
  const description = text(body, 'Description');
  if (description === undefined) return invalid('Description is required');
  const clientReference = readClientReference(body['ClientReference']);
  if (typeof clientReference !== 'string') return clientReference;
  const name = text(body, names.name);
  const email = text(body, 'CustomerEmail');
  return { msisdn, name, email, channel, amountMinor, callbackUrl, description, clientReference };
}

export function readClientReference(value: unknown): string | Answer {
  return typeof value === 'string' && CLIENT_REFERENCE.test(value)
    ? value
    : invalid('ClientReference must be 1 to 36 letters and digits');
}

export function webAddress(body: JsonObject, field: string): string | undefined {
  const value = text(body, field);
  return value !== undefined && /^https?:\/\//.test(value) && URL.canParse(value) ? value : undefined;
}
