/**
 * Access tokens of gateways that one logs in to: one cache for all calls of an account, renewed before their life is over, and one
 * login at a time.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { GatewayAccount, GatewayOutcome } from './gateway-outcome.js';
import type { GatewayHttpClient } from './http-client.js';
import { joinUrl } from './join-url.js';
import { notSent, parseJson, withoutAnswer } from './outcomes.js';

/** A token answers in well under a second; a slow one must not eat the time of the charge that waits for it. */
const TOKEN_TIMEOUT_MS = 10_000;
/** Tokens are renewed when this share of their life is over, so that none expires between our check and the gateway's. */
const USED_SHARE_OF_LIFE = 0.9;
/** No token is kept longer, in seconds, however long it would live (Orange's: 90 days): a login a day costs nothing. */
const MAX_KEPT_SECONDS = 86_400;
/** What we believe a gateway about a token's life, in seconds: more than the 90 days that occur is a mistake. */
const MAX_LIFE_SECONDS = 31_622_400;
/** Tokens kept. Far above the accounts that one process serves. */
const MAX_TOKENS = 1_000;

/** A token goes into a header: printable ASCII only. */
export const tokenText = z
  .string()
  .min(1)
  .max(8_192)
  .regex(/^[\x21-\x7e]+$/);
export const tokenLifeSeconds = z.coerce.number().int().positive().max(MAX_LIFE_SECONDS);

/** RFC 6749's answer, which most gateways give. */
export const oauthTokenAnswer = z
  .object({ access_token: tokenText, expires_in: tokenLifeSeconds })
  .transform(({ access_token, expires_in }) => ({ token: access_token, lifeSeconds: expires_in }));

/** Where and how one gateway logs in. */
export interface Login {
  readonly path: string;
  readonly answer: z.ZodType<{ readonly token: string; readonly lifeSeconds: number }>;
  /** Credentials that the token depends on: when one changes, a new token is fetched at once. */
  readonly credentials: readonly string[];
  headers(account: GatewayAccount): Readonly<Record<string, string>>;
  readonly body?: string;
}

export type TokenResult =
  { readonly kind: 'token'; readonly token: string } | { readonly kind: 'none'; readonly outcome: GatewayOutcome };

export class AccessTokens {
  private readonly tokens = new LRUCache<string, string>({ max: MAX_TOKENS });
  /** Requests on their way: callers that come meanwhile wait for the same one. */
  private readonly running = new Map<string, Promise<TokenResult>>();

  constructor(
    private readonly http: GatewayHttpClient,
    private readonly login: Login,
  ) {}

  /** A token, or the outcome of a call that cannot be made without one: it is never `unknown`, since the call itself was not made. */
  async of(account: GatewayAccount, timeoutMs: number): Promise<TokenResult> {
    const key = this.keyOf(account);
    const token = this.tokens.get(key);
    if (token !== undefined) return { kind: 'token', token };
    let fetching = this.running.get(key);
    if (fetching === undefined) {
      fetching = this.fetch(account, key).finally(() => this.running.delete(key));
      this.running.set(key, fetching);
    }
    return within(fetching, timeoutMs);
  }

  /** Forgets a token that the gateway refused, unless it was replaced meanwhile. */
  refused(account: GatewayAccount, token: string): void {
    const key = this.keyOf(account);
    if (this.tokens.peek(key) === token) this.tokens.delete(key);
  }

  private async fetch(account: GatewayAccount, key: string): Promise<TokenResult> {
    const url = joinUrl(account.baseUrl, this.login.path);
    if (url === undefined) return none(notSent('invalid_base_url', 'merchant'));
    const result = await this.http.send({
      accountId: account.id,
      // Charges and questions alike wait for it.
      lane: 'question',
      method: 'POST',
      url,
      headers: { accept: 'application/json', ...this.login.headers(account) },
      ...(this.login.body === undefined ? {} : { body: this.login.body }),
      timeoutMs: TOKEN_TIMEOUT_MS,
    });
    if (result.kind === 'unknown') return none(notSent(`token_${result.code}`, 'gateway'));
    if (result.kind === 'not_sent') return none(withoutAnswer(result));
    const parsed = result.status === 200 ? this.login.answer.safeParse(parseJson(result.body)) : undefined;
    if (parsed?.success !== true) {
      const isOurs = result.status === 401 || result.status === 403;
      return none(notSent(`token_http_${result.status}`, isOurs ? 'merchant' : 'gateway'));
    }
    const { token, lifeSeconds } = parsed.data;
    const keptSeconds = Math.min(lifeSeconds, MAX_KEPT_SECONDS);
    this.tokens.set(key, token, { ttl: keptSeconds * 1_000 * USED_SHARE_OF_LIFE });
    return { kind: 'token', token };
  }

  /** Hashed, so that no secret lies about as a key. */
  private keyOf(account: GatewayAccount): string {
    const secrets = this.login.credentials.map((name) => account.credentials[name]);
    const hash = createHash('sha256').update(JSON.stringify([account.baseUrl, ...secrets]));
    return `${account.id} ${hash.digest('hex')}`;
  }
}

/** The header of HTTP Basic authentication. */
export function basicAuthorization(user: string | undefined, password: string | undefined): string {
  return `Basic ${Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64')}`;
}

function none(outcome: GatewayOutcome): TokenResult {
  return { kind: 'none', outcome };
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
