import { minorFromMajor } from '../../money.js';
import type { Customer } from '../../transactions.js';
import { asObject, text, type Answer, type JsonObject } from '../../wire.js';
import { refuse } from './answers.js';

const KOBO = 2;

/** The ways to pay that a merchant may name; without any, both are offered. */
const METHODS = ['CARD', 'ACCOUNT_TRANSFER'];

/** What opens a transaction; how it will be paid is not decided yet. */
export interface InitTransaction {
  readonly paymentReference: string;
  /** Kobo. */
  readonly amountMinor: number;
  readonly customer: Customer;
  readonly description: string | undefined;
  readonly redirectUrl: string | undefined;
  readonly methods: readonly string[];
  readonly metaData: JsonObject | undefined;
}

export function readInitTransaction(body: JsonObject, contractCode: string): InitTransaction | Answer {
  const amountMinor = minorFromMajor(body['amount'], KOBO);
  if (amountMinor === undefined || amountMinor <= 0) return refuse(400, 'Amount must be greater than zero');
  if (text(body, 'currencyCode') !== 'NGN') return refuse(400, 'Currency not supported');
  const paymentReference = text(body, 'paymentReference');
  if (paymentReference === undefined) return refuse(400, 'Payment reference is required');
  const email = text(body, 'customerEmail');
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email)) return refuse(400, 'Customer email is not valid');
  if (text(body, 'contractCode') !== contractCode) return refuse(404, 'Could not find specified contract');
  const methods = readMethods(body['paymentMethods']);
  if (methods === undefined) return refuse(400, 'Payment method is not supported');
  const metaData = asObject(body['metaData']);
  const name = text(body, 'customerName');
  // The request has no field for a phone number; it is looked for where merchants put what has no field.
  const phone = text(metaData, 'phone') ?? text(body, 'customerPhone');
  return {
    paymentReference,
    amountMinor,
    customer: { email, ...(name === undefined ? {} : { name }), ...(phone === undefined ? {} : { phone }) },
    description: text(body, 'paymentDescription'),
    redirectUrl: text(body, 'redirectUrl'),
    methods,
    metaData,
  };
}

function readMethods(value: unknown): readonly string[] | undefined {
  if (value === undefined) return METHODS;
  if (!Array.isArray(value)) return undefined;
  // Monnify's own client library sends an empty list where the merchant names none.
  if (value.length === 0) return METHODS;
  return value.every((method) => METHODS.includes(String(method))) ? value.map(String) : undefined;
}
