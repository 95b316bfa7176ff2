/** Access tokens of MTN MoMo (PROVIDERS 3.2): an hour's life, per product; one cache for all calls of an account to one of them. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import type { GatewayHttpClient } from '../http-client.js';
import { joinUrl } from '../join-url.js';
import { notSent, parseJson, withoutAnswer } from '../outcomes.js';
import { credentialsFor, type MtnProduct } from './mtn-momo.products.js';

/** A token answers in well under a second; a slow one must not eat the time of the charge that waits for it. */
const TOKEN_TIMEOUT_MS = 10_000;
/** Tokens are renewed when this share of their life is over, so that none expires between our check and MTN's. */
const USED_SHARE_OF_LIFE = 0.9;
/** Tokens kept. Far above the accounts that one process serves. */
const MAX_TOKENS = 1_000;

const tokenAnswer = z.object({
  access_token: z
    .string()
    .min(1)
    .max(8_192)
    .regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().int().positive().max(86_400),
});

export type TokenResult =
  { readonly kind: 'token'; readonly token: string } | { readonly kind: 'none'; readonly outcome: GatewayOutcome };

export class MtnTokens {
  private readonly tokens = new LRUCache<string, string>({ max: MAX_TOKENS });
  /** Requests on their way: callers that come meanwhile wait for the same one. */
  private readonly running = new Map<string, Promise<TokenResult>>();

  constructor(private readonly http: GatewayHttpClient) {}

  /** A token, or the outcome of a call that cannot be made without one: it is never `unknown`, since the call itself was not made. */
  async of(account: GatewayAccount, product: MtnProduct, timeoutMs: number): Promise<TokenResult> {
    const key = keyOf(account, product);
    const token = this.tokens.get(key);
    if (token !== undefined) return { kind: 'token', token };
    let fetching = this.running.get(key);
    if (fetching === undefined) {
      fetching = this.fetch(account, product, key).finally(() => this.running.delete(key));
      this.running.set(key, fetching);
    }
    return within(fetching, timeoutMs);
  }

  /** Forgets a token that MTN refused, unless it was replaced meanwhile. */
  refused(account: GatewayAccount, product: MtnProduct, token: string): void {
    const key = keyOf(account, product);
    if (this.tokens.peek(key) === token) this.tokens.delete(key);
  }

  private async fetch(account: GatewayAccount, product: MtnProduct, key: string): Promise<TokenResult> {
    const url = joinUrl(account.baseUrl, `/${product}/token/`);
    if (url === undefined) return none(notSent('invalid_base_url', 'merchant'));
    const { user, key: apiKey, subscription } = credentialsFor(account, product);
    const result = await this.http.send({
      accountId: account.id,
      // Charges and questions alike wait for it.
      lane: 'question',
      method: 'POST',
      url,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${apiKey}`).toString('base64')}`,
        'ocp-apim-subscription-key': subscription,
        accept: 'application/json',
      },
      timeoutMs: TOKEN_TIMEOUT_MS,
    });
    if (result.kind === 'unknown') return none(notSent(`token_${result.code}`, 'gateway'));
    if (result.kind === 'not_sent') return none(withoutAnswer(result));
    const parsed = result.status === 200 ? tokenAnswer.safeParse(parseJson(result.body)) : undefined;
    if (parsed?.success !== true) {
      const isOurs = result.status === 401 || result.status === 403;
      return none(notSent(`token_http_${result.status}`, isOurs ? 'merchant' : 'gateway'));
    }
    const { access_token: token, expires_in: lifeSeconds } = parsed.data;
    this.tokens.set(key, token, { ttl: lifeSeconds * 1_000 * USED_SHARE_OF_LIFE });
    return { kind: 'token', token };
  }
}

function none(outcome: GatewayOutcome): TokenResult {
  return { kind: 'none', outcome };
}

/** Changed credentials get a token of their own at once. Hashed, so that no secret lies about as a key. */
function keyOf(account: GatewayAccount, product: MtnProduct): string {
  const { user, key, subscription } = credentialsFor(account, product);
  return `${account.id} ${product} ${createHash('sha256')
    .update(JSON.stringify([account.baseUrl, user, key, subscription]))
    .digest('hex')}`;
}

async function within(fetching: Promise<TokenResult>, timeoutMs: number): Promise<TokenResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<TokenResult>((resolve) => {
    timer = setTimeout(() => resolve(none(notSent('token_timeout', 'gateway'))), timeoutMs);
  });
  try {
    return await Promise.race([fetching, late]);
  } finally {
    clearTimeout(timer);
  }
}
