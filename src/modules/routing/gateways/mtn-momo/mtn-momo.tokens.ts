/** Access tokens of MTN MoMo's collection product (PROVIDERS 3.2): an hour's life. */
import { AccessTokens, basicAuthorization, oauthTokenAnswer } from '../access-tokens.js';
import type { GatewayHttpClient } from '../http-client.js';

export class MtnTokens extends AccessTokens {
  constructor(http: GatewayHttpClient) {
    super(http, {
      path: '/collection/token/',
      answer: oauthTokenAnswer,
      credentials: ['api_user', 'api_key', 'subscription_key'],
      headers: ({ credentials }) => ({
        authorization: basicAuthorization(credentials['api_user'], credentials['api_key']),
        'ocp-apim-subscription-key': credentials['subscription_key'] ?? '',
      }),
    });
  }
}
