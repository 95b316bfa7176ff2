/** Calls to gateways that have one host and take the account's secret key as bearer: Paystack, Flutterwave. */
import type { GatewayAccount } from './gateway-outcome.js';
import type { GatewayHttpClient, HttpResult } from './http-client.js';
import { sendJson, type JsonCall } from './json-calls.js';

export class SecretKeyCalls {
  constructor(
    private readonly http: GatewayHttpClient,
    private readonly base: (account: GatewayAccount) => string = ({ baseUrl }) => baseUrl,
  ) {}

  /** A body that is text already goes out as it is: its amount may be no float of ours. */
  post(account: GatewayAccount, path: string, body: object | string, timeoutMs: number): Promise<HttpResult> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.send(account, { method: 'POST', path, body: text, timeoutMs });
  }

  get(account: GatewayAccount, path: string, timeoutMs: number): Promise<HttpResult> {
    return this.send(account, { method: 'GET', path, timeoutMs });
  }

  /** A page of the gateway's books, which may be long, and must not be in the way of questions. */
  getBooks(account: GatewayAccount, path: string, timeoutMs: number): Promise<HttpResult> {
    return this.send(account, { method: 'GET', lane: 'books', path, timeoutMs });
  }

  private send(account: GatewayAccount, call: JsonCall): Promise<HttpResult> {
    const authorization = `Bearer ${account.credentials['secret_key'] ?? ''}`;
    return sendJson(this.http, account, { ...call, base: this.base(account), headers: { authorization } });
  }
}
