/** What Flutterwave v3 is sent, per method (PROVIDERS 2.3). */
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import { countryOf, emailOf, msisdn } from '../customers.js';
import type { ChargeRequest, GatewayAccount } from '../gateway-adapter.js';
import { returnPage } from '../return-page.js';

/** Our network names to Flutterwave's, for transfers to wallets: the Ghanaian ones are published, those for francs from memory. */
const networks: Readonly<Partial<Record<Currency, Readonly<Record<string, string>>>>> = {
  GHS: { mtn: 'MTN', telecel: 'VODAFONE', airteltigo: 'TIGO' },
  XOF: { mtn: 'MTN', orange: 'ORANGE', moov: 'MOOV', wave: 'WAVE', free: 'FREE' },
  XAF: { mtn: 'MTN', orange: 'ORANGE' },
};

export const FLUTTERWAVE_NETWORKS: Readonly<Partial<Record<Currency, readonly string[]>>> = Object.fromEntries(
  Object.entries(networks).map(([currency, names]) => [currency, Object.keys(names)]),
);

/**
 * Those that are called otherwise in a charge: Flutterwave's own client library (flutterwave-node-v3 1.4.1) lets no others pass.
 * It has neither Moov nor Free, for which the names above stay; the field is optional for francs.
 */
const chargedAs: Readonly<Record<string, string>> = { orange: 'ORANGEMONEY', airteltigo: 'AIRTELTIGO' };

/** Flutterwave's name of one of our networks, for a transfer; undefined for one that it does not have. */
export function networkName(currency: Currency, network: string): string | undefined {
  const names = networks[currency];
  return names !== undefined && Object.hasOwn(names, network) ? names[network] : undefined;
}

/** Banks by the number of their USSD code, which our API uses, to their CBN codes, which Flutterwave wants: GTBank, UBA, Sterling, Zenith. */
const bankCodes: ReadonlyMap<string, string> = new Map([
  ['737', '058'],
  ['919', '033'],
  ['822', '232'],
  ['966', '057'],
]);

/** Country of the merchant of record where the customer's phone does not tell it. */
const homeOf: Readonly<Partial<Record<Currency, string>>> = { NGN: 'NG', GHS: 'GH', XOF: 'CI', XAF: 'CM' };

export interface FlutterwaveRequest {
  readonly path: string;
  readonly body: string;
  /** The answer is a link to a page, not a transaction. */
  readonly hostedPage: boolean;
}

/** Undefined when Flutterwave cannot take this method. */
export function flutterwaveRequest(account: GatewayAccount, request: ChargeRequest): FlutterwaveRequest | undefined {
  const { method, currency } = request;
  const amount = toDecimal(request.amountMinor, exponentOf(currency));
  const phone = method.type === 'mobile_money' ? method.phone : request.customer.phone;
  const common = {
    tx_ref: request.reference,
    currency,
    email: emailOf(request),
    ...(phone === undefined ? {} : { phone_number: msisdn(phone) }),
    ...(request.customer.name === undefined ? {} : { fullname: request.customer.name }),
    ...(request.description === null ? {} : { narration: request.description }),
  };
  const country = (phone === undefined ? undefined : countryOf(phone)) ?? homeOf[currency];
  switch (method.type) {
    case 'mobile_money': {
      const network = networkName(currency, method.network);
      if (network === undefined) return undefined;
      const type = currency === 'GHS' ? 'mobile_money_ghana' : 'mobile_money_franco';
      return charge(`/v3/charges?type=${type}`, amount, {
        ...common,
        network: chargedAs[method.network] ?? network,
        country,
      });
    }
    case 'card': {
      if (method.token !== undefined)
        return charge('/v3/tokenized-charges', amount, { ...common, token: method.token, country });
      return { ...charge('/v3/payments', amount, hostedPage(account, request)), hostedPage: true };
    }
    case 'bank_transfer':
      return charge('/v3/charges?type=bank_transfer', amount, common);
    case 'ussd':
      break;
  }
  const bank = bankCodes.get(method.bank);
  return bank === undefined ? undefined : charge('/v3/charges?type=ussd', amount, { ...common, account_bank: bank });
}

function hostedPage(account: GatewayAccount, request: ChargeRequest): Readonly<Record<string, unknown>> {
  const { phone, name } = request.customer;
  return {
    tx_ref: request.reference,
    currency: request.currency,
    redirect_url: returnPage(account, request),
    payment_options: 'card',
    customer: {
      email: emailOf(request),
      ...(phone === undefined ? {} : { phonenumber: msisdn(phone) }),
      ...(name === undefined ? {} : { name }),
    },
    ...(request.description === null ? {} : { customizations: { title: request.description } }),
  };
}

function charge(path: string, amount: string, fields: Readonly<Record<string, unknown>>): FlutterwaveRequest {
  return { path, body: withAmount(amount, fields), hostedPage: false };
}

/** JSON with the amount as a number whose digits are exactly those of the decimal: it is never a float on the way. */
export function withAmount(decimal: string, fields: Readonly<Record<string, unknown>>): string {
  const rest = JSON.stringify(fields).slice(1);
  return rest === '}' ? `{"amount":${decimal}}` : `{"amount":${decimal},${rest}`;
}
