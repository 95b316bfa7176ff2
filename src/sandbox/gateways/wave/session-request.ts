import type { Account } from '../../accounts.js';
import { text, type Answer, type JsonObject } from '../../wire.js';
import { invalid } from './answers.js';
import { readAmount, USUAL_CURRENCY } from './amounts.js';

/** Longer references are refused; that there is a limit is known, the number is from memory. */
const MAX_REFERENCE = 255;

const E164 = /^\+[1-9]\d{6,14}$/;

export interface SessionRequest {
  /** Integer minor units by ISO 4217. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly successUrl: string;
  readonly errorUrl: string;
  readonly clientReference: string | undefined;
  readonly restrictPayerMobile: string | undefined;
  readonly aggregatedMerchantId: string | undefined;
}

export function readSession(body: JsonObject, account: Account): SessionRequest | Answer {
  const currency = walletCurrency(account);
  if (text(body, 'currency') !== currency) return invalid('currency', `the currency of this wallet is ${currency}`);
  const amountMinor = readAmount(body['amount'], currency);
  if (amountMinor === undefined) {
    return invalid('amount', `must be a string with a positive amount in ${currency}`);
  }
  const successUrl = secureUrl(body, 'success_url');
  if (successUrl === undefined) return invalid('success_url', 'must be an https address');
  const errorUrl = secureUrl(body, 'error_url');
  if (errorUrl === undefined) return invalid('error_url', 'must be an https address');
  const clientReference = text(body, 'client_reference');
  if ((clientReference?.length ?? 0) > MAX_REFERENCE) {
    return invalid('client_reference', `must have at most ${MAX_REFERENCE} characters`);
  }
  const restrictPayerMobile = text(body, 'restrict_payer_mobile');
  if (restrictPayerMobile !== undefined && !E164.test(restrictPayerMobile)) {
    return invalid('restrict_payer_mobile', 'must be a phone number in E.164 form');
  }
  const aggregatedMerchantId = text(body, 'aggregated_merchant_id');
  return {
    amountMinor,
    currency,
    successUrl,
    errorUrl,
    clientReference,
    restrictPayerMobile,
    aggregatedMerchantId,
  };
}

/** A key belongs to one wallet, and a wallet has one currency. */
export function walletCurrency(account: Account): string {
  return account.credentials['currency'] ?? USUAL_CURRENCY;
}

function secureUrl(body: JsonObject, field: string): string | undefined {
  const value = text(body, field);
  return value !== undefined && value.startsWith('https://') && URL.canParse(value) ? value : undefined;
}
