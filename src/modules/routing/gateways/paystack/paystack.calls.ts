/** How Paystack is called (PROVIDERS 1.1, 1.2): one host, the secret key as bearer. */
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayHttpClient, HttpResult } from '../http-client.js';
import { joinUrl } from '../join-url.js';

export class PaystackCalls {
  constructor(private readonly http: GatewayHttpClient) {}

  async post(account: GatewayAccount, path: string, body: object, timeoutMs: number): Promise<HttpResult> {
    return this.send(account, 'POST', path, timeoutMs, JSON.stringify(body));
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
    const url = joinUrl(account.baseUrl, path);
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
