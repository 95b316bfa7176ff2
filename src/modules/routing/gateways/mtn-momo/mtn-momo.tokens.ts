/** Access tokens of MTN MoMo (PROVIDERS 3.2): an hour's life, and each product has its own. */
import { AccessTokens, basicAuthorization, oauthTokenAnswer } from '../access-tokens.js';
import type { GatewayHttpClient } from '../http-client.js';
import { credentialNames, credentialsFor, type MtnProduct } from './mtn-momo.products.js';

export function mtnTokens(http: GatewayHttpClient): Readonly<Record<MtnProduct, AccessTokens>> {
  return { collection: tokensOf(http, 'collection'), disbursement: tokensOf(http, 'disbursement') };
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
