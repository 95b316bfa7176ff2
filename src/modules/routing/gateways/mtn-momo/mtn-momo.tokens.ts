/** Access tokens of MTN MoMo (PROVIDERS 3.2): an hour's life, and each product has its own. */
import type { GatewayAccount } from '../gateway-outcome.js';
import { AccessTokens, basicAuthorization, oauthTokenAnswer, type TokenResult } from '../access-tokens.js';
import type { GatewayHttpClient } from '../http-client.js';
import { credentialNames, credentialsFor, type MtnProduct } from './mtn-momo.products.js';

export class MtnTokens {
  private readonly byProduct: Readonly<Record<MtnProduct, AccessTokens>>;

  constructor(http: GatewayHttpClient) {
    this.byProduct = { collection: tokensOf(http, 'collection'), disbursement: tokensOf(http, 'disbursement') };
  }

  /** See {@link AccessTokens.of}. */
  of(account: GatewayAccount, product: MtnProduct, timeoutMs: number): Promise<TokenResult> {
    return this.byProduct[product].of(account, timeoutMs);
  }

  /** See {@link AccessTokens.refused}. */
  refused(account: GatewayAccount, product: MtnProduct, token: string): void {
    this.byProduct[product].refused(account, token);
  }
}

function tokensOf(http: GatewayHttpClient, product: MtnProduct): AccessTokens {
  return new AccessTokens(http, {
    path: `/${product}/token/`,
    answer: oauthTokenAnswer,
    credentials: Object.values(credentialNames[product]),
    headers: (account) => {
      const { user, key, subscription } = credentialsFor(account, product);
      return { authorization: basicAuthorization(user, key), 'ocp-apim-subscription-key': subscription };
    },
  });
}
