/** What Wave is sent for a charge (PROVIDERS 8.3): a session, which the customer opens in the app or scans. */
import { exponentOf, toDecimal } from '../../../../kernel/money/money.js';
import { msisdn } from '../customers.js';
import type { ChargeRequest, GatewayAccount } from '../gateway-adapter.js';
import { returnPage } from '../return-page.js';

/** Undefined when Wave cannot take this method. */
export function waveSession(account: GatewayAccount, request: ChargeRequest): string | undefined {
  const { method, currency } = request;
  if (method.type !== 'mobile_money') return undefined;
  // Where the customer is sent afterwards. Wave takes https only; what they bring back proves nothing.
  const wanted = returnPage(account, request);
  const returnUrl = wanted.startsWith('https:') ? wanted : request.callbackUrl;
  return JSON.stringify({
    amount: toDecimal(request.amountMinor, exponentOf(currency)),
    currency,
    client_reference: request.reference,
    success_url: returnUrl,
    error_url: returnUrl,
    // The payment names a wallet: nobody else's can pay it by mistake.
    restrict_payer_mobile: `+${msisdn(method.phone)}`,
  });
}
