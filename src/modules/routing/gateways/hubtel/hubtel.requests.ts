/** What Hubtel is sent for a charge (PROVIDERS 6.3): a prompt on a handset, or a page on which a card is entered. */
import { exponentOf, toDecimal } from '../../../../kernel/money/money.js';
import { jsonWithDecimals } from '../amounts.js';
import { msisdn } from '../customers.js';
import type { ChargeRequest, GatewayAccount } from '../gateway-adapter.js';
import { returnPage } from '../return-page.js';
import { hubtelHost, pathPart } from './hubtel.calls.js';

/** Our network names to Hubtel's channels; Vodafone is Telecel now, and Tigo AirtelTigo. A map, since names come from outside. */
export const HUBTEL_CHANNELS: ReadonlyMap<string, string> = new Map([
  ['mtn', 'mtn-gh'],
  ['telecel', 'vodafone-gh'],
  ['airteltigo', 'tigo-gh'],
]);

export interface HubtelRequest {
  readonly base: string;
  readonly path: string;
  readonly body: string;
  /** The answer is a link to a page. */
  readonly hostedPage: boolean;
}

/** Undefined when Hubtel cannot take this method. */
export function hubtelRequest(account: GatewayAccount, request: ChargeRequest): HubtelRequest | undefined {
  const { method } = request;
  // A saved card's token is another gateway's.
  if (method.type === 'card') return method.token === undefined ? checkout(account, request) : undefined;
  if (method.type !== 'mobile_money') return undefined;
  const channel = HUBTEL_CHANNELS.get(method.network);
  if (channel === undefined) return undefined;
  const { email, name } = request.customer;
  return {
    base: account.baseUrl,
    path: `/merchantaccount/merchants/${pathPart(account, 'pos_sales_id')}/receive/mobilemoney`,
    body: jsonWithDecimals(
      { Amount: amountOf(request) },
      {
        CustomerName: name ?? 'Customer',
        CustomerMsisdn: msisdn(method.phone),
        ...(email === undefined ? {} : { CustomerEmail: email }),
        Channel: channel,
        PrimaryCallbackUrl: request.callbackUrl,
        Description: request.description ?? 'Payment',
        ClientReference: request.reference,
      },
    ),
    hostedPage: false,
  };
}

/** The fields of this call are from memory (PROVIDERS 6.3): if one is wrong, the request is refused and nothing is charged. */
function checkout(account: GatewayAccount, request: ChargeRequest): HubtelRequest {
  const returnUrl = returnPage(account, request);
  return {
    base: hubtelHost(account, 'checkout_base_url'),
    path: '/items/initiate',
    body: jsonWithDecimals(
      { totalAmount: amountOf(request) },
      {
        description: request.description ?? 'Payment',
        callbackUrl: request.callbackUrl,
        returnUrl,
        cancellationUrl: returnUrl,
        merchantAccountNumber: account.credentials['pos_sales_id'] ?? '',
        clientReference: request.reference,
      },
    ),
    hostedPage: true,
  };
}

function amountOf(request: ChargeRequest): string {
  return toDecimal(request.amountMinor, exponentOf(request.currency));
}
