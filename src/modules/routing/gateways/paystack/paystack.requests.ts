/** What Paystack is sent, per method (PROVIDERS 1.3). */
import { emailOf, msisdn } from '../customers.js';
import type { ChargeRequest, GatewayAccount } from '../gateway-adapter.js';
import type { Currency } from '../../../../kernel/money/money.js';
import { chosenReturnPage } from '../return-page.js';
import { toSubunits } from './paystack.amounts.js';

/** How long a customer may pay into the account shown: an hour covers an interbank transfer that hangs, and frees the account the same day. */
const ACCOUNT_LIFETIME_MS = 3_600_000;

/**
 * Our network names to Paystack's provider codes. `mtn`, `vod` and `atl` are in the published API description; `orange` and
 * `wave` in Côte d'Ivoire are from memory of its list of channels: if wrong, Paystack refuses the request and nothing is charged.
 */
const providers: Readonly<Partial<Record<Currency, Readonly<Record<string, string>>>>> = {
  GHS: { mtn: 'mtn', telecel: 'vod', airteltigo: 'atl' },
  XOF: { mtn: 'mtn', orange: 'orange', wave: 'wave' },
};

/** The banks whose USSD codes Paystack takes, by the code's number (PROVIDERS 1.3). */
const ussdTypes = new Set(['737', '919', '822', '966']);

export const PAYSTACK_NETWORKS: Readonly<Partial<Record<Currency, readonly string[]>>> = {
  GHS: Object.keys(providers.GHS ?? {}),
  XOF: Object.keys(providers.XOF ?? {}),
};

export interface PaystackRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The answer is a link to a page, not a transaction. */
  readonly hostedPage: boolean;
}

/** Undefined when Paystack cannot take this method. */
export function paystackRequest(account: GatewayAccount, request: ChargeRequest): PaystackRequest | undefined {
  const { method, currency } = request;
  const common = {
    email: emailOf(request),
    amount: toSubunits(request.amountMinor, currency),
    currency,
    reference: request.reference,
    ...(request.description === null ? {} : { metadata: { description: request.description } }),
  };
  switch (method.type) {
    case 'mobile_money': {
      const provider = providers[currency]?.[method.network];
      if (provider === undefined) return undefined;
      return charge({ ...common, mobile_money: { phone: phoneFor(currency, method.phone), provider } });
    }
    case 'card':
      if (method.token === undefined) {
        // Without one, Paystack takes the page that its dashboard names.
        const page = chosenReturnPage(account, request);
        const body = { ...common, channels: ['card'], ...(page === undefined ? {} : { callback_url: page }) };
        return { path: '/transaction/initialize', body, hostedPage: true };
      }
      return {
        path: '/transaction/charge_authorization',
        body: { ...common, authorization_code: method.token },
        hostedPage: false,
      };
    case 'bank_transfer':
      return charge({
        ...common,
        bank_transfer: { account_expires_at: new Date(Date.now() + ACCOUNT_LIFETIME_MS).toISOString() },
      });
    case 'ussd':
      break;
  }
  return ussdTypes.has(method.bank) ? charge({ ...common, ussd: { type: method.bank } }) : undefined;
}

function charge(body: Readonly<Record<string, unknown>>): PaystackRequest {
  return { path: '/charge', body, hostedPage: false };
}

/** Paystack's Ghanaian samples are national numbers with their leading zero (`0551234987`); elsewhere the international form is safe. */
function phoneFor(currency: Currency, phone: string): string {
  const digits = msisdn(phone);
  return currency === 'GHS' && digits.startsWith('233') ? `0${digits.slice(3)}` : `+${digits}`;
}
