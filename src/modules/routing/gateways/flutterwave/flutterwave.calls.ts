/** How Flutterwave v3 is called (PROVIDERS 2.1, 2.2): one host, the secret key as bearer, the version in the path. */
import type { GatewayHttpClient } from '../http-client.js';
import { SecretKeyCalls } from '../secret-key-calls.js';

export class FlutterwaveCalls extends SecretKeyCalls {
  constructor(http: GatewayHttpClient) {
    // A base address is taken with and without the version.
    super(http, ({ baseUrl }) => baseUrl.replace(/\/v3\/*$/, ''));
  }
}
