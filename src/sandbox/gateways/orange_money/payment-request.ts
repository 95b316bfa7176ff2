import type { Account } from '../../accounts.js';
import { text, type Answer, type JsonObject } from '../../wire.js';
import { CODES, invalidField, refuse } from './answers.js';
import { readAmount, type Country } from './countries.js';

/** From memory. */
const MAX_ORDER_ID = 30;

const REQUIRED = ['merchant_key', 'currency', 'order_id', 'return_url', 'cancel_url', 'notif_url'];

export interface PaymentRequest {
  readonly orderId: string;
  /** Integer minor units by ISO 4217. */
  readonly amountMinor: number;
  readonly returnUrl: string;
  readonly cancelUrl: string;
  readonly notifUrl: string;
  /** What the customer is shown as the payee. */
  readonly reference: string | undefined;
}

export function readPayment(body: JsonObject, country: Country, account: Account): PaymentRequest | Answer {
  const missing = REQUIRED.find((field) => text(body, field) === undefined);
  if (missing !== undefined) return refuse(400, CODES.missingField, 'Missing body field', `${missing} is required`);
  if (text(body, 'merchant_key') !== account.credentials['merchant_key']) {
    return invalidField('merchant_key', 'is not the one of this account');
  }
  if (text(body, 'currency') !== country.currency) return invalidField('currency', `must be ${country.currency}`);
  const amountMinor = readAmount(body['amount'], country);
  if (amountMinor === undefined) return invalidField('amount', 'must be a positive whole number');
  const orderId = text(body, 'order_id') ?? '';
  if (orderId.length > MAX_ORDER_ID) return invalidField('order_id', `must have at most ${MAX_ORDER_ID} characters`);
  const [returnUrl = '', cancelUrl = '', notifUrl = ''] = ['return_url', 'cancel_url', 'notif_url'].map(
    (field) => text(body, field) ?? '',
  );
  const strange = [returnUrl, cancelUrl, notifUrl].find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url));
  if (strange !== undefined) return invalidField(strange, 'is not an http or https address');
  return { orderId, amountMinor, returnUrl, cancelUrl, notifUrl, reference: text(body, 'reference') };
}
