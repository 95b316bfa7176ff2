/** What Orange is sent (PROVIDERS 7.1, 7.3, 7.4): the path has the country in it, and its own sandbox a currency of its own. */
import type { Currency } from '../../../../kernel/money/money.js';
import { jsonWithDecimals } from '../amounts.js';
import type { ChargeRequest, GatewayAccount } from '../gateway-adapter.js';
import { returnPage } from '../return-page.js';
import { asOrderId } from './orange-money.references.js';

/** The country of Orange's own sandbox. */
const SANDBOX_COUNTRY = 'dev';
/** What the sandbox counts in, whatever the country is to be. */
const SANDBOX_CURRENCY = 'OUV';
/** Shown on the payment page; longer texts are refused (from memory). */
const MAX_REFERENCE_LENGTH = 30;

/** The one currency of each of Orange's countries: a wallet in Guinea takes no CFA francs. */
const currencyOfCountry: ReadonlyMap<string, Currency> = new Map<string, Currency>([
  ['ci', 'XOF'],
  ['sn', 'XOF'],
  ['ml', 'XOF'],
  ['bf', 'XOF'],
  ['cm', 'XAF'],
  ['gn', 'GNF'],
]);

/** Why an account cannot take a currency; undefined if it can. */
export function refusedCurrency(account: GatewayAccount, currency: Currency): string | undefined {
  const country = countryOf(account);
  // The sandbox says "paid" to anybody.
  if (country === SANDBOX_COUNTRY) return account.livemode ? 'sandbox_country' : undefined;
  const taken = currencyOfCountry.get(country);
  return taken !== undefined && taken !== currency ? 'unsupported_currency' : undefined;
}

export function orangePath(account: GatewayAccount, call: 'webpayment' | 'transactionstatus'): string {
  return `/orange-money-webpay/${encodeURIComponent(countryOf(account))}/v1/${call}`;
}

export function webPayment(account: GatewayAccount, request: ChargeRequest): string {
  const returnUrl = returnPage(account, request);
  return jsonWithDecimals(
    // Francs have no smaller unit.
    { amount: request.amountMinor.toString() },
    {
      merchant_key: account.credentials['merchant_key'] ?? '',
      currency: countryOf(account) === SANDBOX_COUNTRY ? SANDBOX_CURRENCY : request.currency,
      order_id: asOrderId(request.reference),
      return_url: returnUrl,
      cancel_url: returnUrl,
      notif_url: request.callbackUrl,
      lang: 'fr',
      reference: (request.description ?? account.name).slice(0, MAX_REFERENCE_LENGTH),
    },
  );
}

/** All three have to match what was asked at first. */
export function transactionStatus(reference: string, amountMinor: bigint, payToken: string): string {
  return jsonWithDecimals({ amount: amountMinor.toString() }, { order_id: asOrderId(reference), pay_token: payToken });
}

function countryOf(account: GatewayAccount): string {
  return (account.credentials['country'] ?? '').toLowerCase();
}
