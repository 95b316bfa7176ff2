/** The page for a customer who comes back from a gateway's. What they bring along proves nothing: the gateway is asked. */
import type { ChargeRequest, GatewayAccount } from './gateway-adapter.js';

/** What the merchant named for this payment, else for the account (`return_url`); undefined where they named none. */
export function chosenReturnPage(account: GatewayAccount, request: ChargeRequest): string | undefined {
  return request.returnUrl ?? account.credentials['return_url'];
}

/** For gateways that must have one: {@link chosenReturnPage}, else the webhook's address, which thanks whoever opens it in a browser. */
export function returnPage(account: GatewayAccount, request: ChargeRequest): string {
  return chosenReturnPage(account, request) ?? request.callbackUrl;
}
