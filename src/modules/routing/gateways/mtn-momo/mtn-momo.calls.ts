/** How MTN MoMo is called (PROVIDERS 3.2): with a token and a subscription key of the product, and the target environment. */
import type { AccessTokens } from '../access-tokens.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayHttpClient } from '../http-client.js';
import { callWithToken, type Called, type JsonCall } from '../json-calls.js';
import { credentialsFor, type MtnProduct } from './mtn-momo.products.js';
import { mtnTokens } from './mtn-momo.tokens.js';

export class MtnCalls {
  private readonly tokens: Readonly<Record<MtnProduct, AccessTokens>>;

  constructor(private readonly http: GatewayHttpClient) {
    this.tokens = mtnTokens(http);
  }

  call(account: GatewayAccount, product: MtnProduct, call: JsonCall): Promise<Called> {
    const headers = {
      'ocp-apim-subscription-key': credentialsFor(account, product).subscription,
      'x-target-environment': account.credentials['target_environment'] ?? '',
      ...call.headers,
    };
    return callWithToken(this.http, this.tokens[product], account, { ...call, headers });
  }
}

/** An empty or refused callback address costs the whole request (PROVIDERS 3.14), so it is only sent where it can be right: production takes https alone. */
export function callbackHeader(account: GatewayAccount, callbackUrl: string): Record<string, string> {
  const canBeRight = account.livemode ? callbackUrl.startsWith('https://') : /^https?:\/\//.test(callbackUrl);
  return canBeRight ? { 'x-callback-url': callbackUrl } : {};
}
