/** How Flutterwave v3 is called (PROVIDERS 2.1, 2.2): one host, the secret key as bearer, the version in the path. */
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayHttpClient, HttpResult } from '../http-client.js';
import { joinUrl } from '../join-url.js';

export class FlutterwaveCalls {
  constructor(private readonly http: GatewayHttpClient) {}

  /** The body is text already: its amount is no float of ours, see `withAmount`. */
  async post(account: GatewayAccount, path: string, body: string, timeoutMs: number): Promise<HttpResult> {
    return this.send(account, 'POST', path, timeoutMs, body);
  }

  async get(account: GatewayAccount, path: string, timeoutMs: number): Promise<HttpResult> {
    return this.send(account, 'GET', path, timeoutMs);
  }

  private async send(
    account: GatewayAccount,
    method: 'GET' | 'POST',
    path: string,
    timeoutMs: number,
    body?: string,
  ): Promise<HttpResult> {
    const url = joinUrl(account.baseUrl.replace(/\/v3\/*$/, ''), path);
    if (url === undefined) return { kind: 'not_sent', code: 'invalid_base_url' };
    return this.http.send({
      accountId: account.id,
      lane: method === 'POST' ? 'charge' : 'question',
      method,
      url,
      headers: {
        authorization: `Bearer ${account.credentials['secret_key'] ?? ''}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body }),
      timeoutMs,
    });
  }
}
