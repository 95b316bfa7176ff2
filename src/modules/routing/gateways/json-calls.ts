/** Calls with JSON, and those that need a token first. */
import type { AccessTokens } from './access-tokens.js';
import type { GatewayAccount, GatewayOutcome } from './gateway-outcome.js';
import type { GatewayHttpClient, HttpAnswer, HttpCall, HttpResult } from './http-client.js';
import { joinUrl } from './join-url.js';
import { withoutAnswer } from './outcomes.js';

export interface JsonCall {
  readonly method: 'GET' | 'POST';
  /** Instead of the account's own address, for gateways with several hosts. */
  readonly base?: string;
  readonly path: string;
  /** The charges' lane for whatever moves money, the questions' for the rest, unless said otherwise. */
  readonly lane?: HttpCall['lane'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/** The gateway's answer, or what a call without one means. */
export type Called =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'outcome'; readonly outcome: GatewayOutcome };

export async function sendJson(http: GatewayHttpClient, account: GatewayAccount, call: JsonCall): Promise<HttpResult> {
  const url = joinUrl(call.base ?? account.baseUrl, call.path);
  if (url === undefined) return { kind: 'not_sent', code: 'invalid_base_url' };
  return http.send({
    accountId: account.id,
    lane: call.lane ?? (call.method === 'POST' ? 'charge' : 'question'),
    method: call.method,
    url,
    headers: {
      accept: 'application/json',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...call.headers,
    },
    ...(call.body === undefined ? {} : { body: call.body }),
    timeoutMs: Math.max(1, call.timeoutMs),
  });
}

/** The same, where a call without an answer is an outcome already. */
export async function callJson(http: GatewayHttpClient, account: GatewayAccount, call: JsonCall): Promise<Called> {
  const result = await sendJson(http, account, call);
  return result.kind === 'answered'
    ? { kind: 'answer', answer: result }
    : { kind: 'outcome', outcome: withoutAnswer(result) };
}

/** A 401 means that nothing was done: the call is repeated once with a fresh token, as tokens can be revoked before their time. */
export async function callWithToken(
  http: GatewayHttpClient,
  tokens: AccessTokens,
  account: GatewayAccount,
  call: JsonCall,
): Promise<Called> {
  const left = timeLeft(call.timeoutMs);
  for (let isRepeat = false; ; isRepeat = true) {
    const token = await tokens.of(account, left());
    if (token.kind === 'none') return { kind: 'outcome', outcome: token.outcome };
    const headers = { ...call.headers, authorization: `Bearer ${token.token}` };
    const called = await callJson(http, account, { ...call, headers, timeoutMs: left() });
    if (called.kind === 'outcome' || called.answer.status !== 401) return called;
    tokens.refused(account, token.token);
    if (isRepeat) return called;
  }
}

/** What the call ended as: what `read` makes of its answer, or the outcome of having none. */
export function readCalled<Outcome>(
  called: Called,
  read: (answer: HttpAnswer) => Outcome | GatewayOutcome,
): Outcome | GatewayOutcome {
  return called.kind === 'outcome' ? called.outcome : read(called.answer);
}

/** A clock for what takes several calls: how many ms of `timeoutMs` are left, at least one. */
export function timeLeft(timeoutMs: number): () => number {
  const deadline = performance.now() + timeoutMs;
  return () => Math.max(1, deadline - performance.now());
}
