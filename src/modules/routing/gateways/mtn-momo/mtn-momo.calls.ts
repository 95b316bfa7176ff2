/** How MTN MoMo is called (PROVIDERS 3.2): with a token and a subscription key of the product, and the target environment. */
import { deadlineIn, timeLeft } from '../deadlines.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import type { GatewayHttpClient, HttpAnswer } from '../http-client.js';
import { joinUrl } from '../join-url.js';
import { notSent, withoutAnswer } from '../outcomes.js';
import { credentialsFor, type MtnProduct } from './mtn-momo.products.js';
import { MtnTokens } from './mtn-momo.tokens.js';

export interface MtnRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Called =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'outcome'; readonly outcome: GatewayOutcome };

export class MtnCalls {
  private readonly tokens: MtnTokens;

  constructor(private readonly http: GatewayHttpClient) {
    this.tokens = new MtnTokens(http);
  }

  /** One call with a token. A 401 means that nothing was done: it is repeated once with a fresh token, as tokens can be revoked before their time. */
  async call(account: GatewayAccount, product: MtnProduct, timeoutMs: number, request: MtnRequest): Promise<Called> {
    const url = joinUrl(account.baseUrl, request.path);
    if (url === undefined) return { kind: 'outcome', outcome: notSent('invalid_base_url', 'merchant') };
    const deadline = deadlineIn(timeoutMs);
    for (let isRepeat = false; ; isRepeat = true) {
      const token = await this.tokens.of(account, product, timeLeft(deadline));
      if (token.kind === 'none') return { kind: 'outcome', outcome: token.outcome };
      const result = await this.http.send({
        accountId: account.id,
        lane: request.method === 'POST' ? 'charge' : 'question',
        method: request.method,
        url,
        headers: {
          authorization: `Bearer ${token.token}`,
          'ocp-apim-subscription-key': credentialsFor(account, product).subscription,
          'x-target-environment': account.credentials['target_environment'] ?? '',
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        timeoutMs: timeLeft(deadline),
      });
      if (result.kind !== 'answered') return { kind: 'outcome', outcome: withoutAnswer(result) };
      if (result.status !== 401) return { kind: 'answer', answer: result };
      this.tokens.refused(account, product, token.token);
      if (isRepeat) return { kind: 'answer', answer: result };
    }
  }
}

/** An empty or refused callback address costs the whole request (PROVIDERS 3.14), so it is only sent where it can be right: production takes https alone. */
export function callbackHeader(account: GatewayAccount, callbackUrl: string): Record<string, string> {
  const canBeRight = account.livemode ? callbackUrl.startsWith('https://') : /^https?:\/\//.test(callbackUrl);
  return canBeRight ? { 'x-callback-url': callbackUrl } : {};
}
