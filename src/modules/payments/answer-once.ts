/**
 * What all requests that move money have in common: the answer to a key is given once and then repeated byte for byte. The fast cache is
 * asked first; then whoever asks claims the key in the commit that does what is asked; and where the key was known already, its
 * answer is repeated, or given in the place of a holder that died while it waited.
 */
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { readWait } from '../../kernel/http/prefer.js';
import type { KeyClaim, KeyRow } from '../../kernel/idempotency/claims.js';
import { IdempotencyCache, type CompletedResponse, type KeyScope } from '../../kernel/idempotency/idempotency-cache.js';
import { readIdempotencyKey, requestFingerprint } from '../../kernel/idempotency/idempotency-key.js';
import { assertSameRequest, IdempotencyKeys } from '../../kernel/idempotency/idempotency-keys.js';
import { sendKeyedAnswer, type KeyedAnswer } from '../../kernel/idempotency/keyed-answer.js';

/** A caller who waits holds the key's lease for the wait and this much longer, to write the answer down. */
const LEASE_SLACK_SECONDS = 10;
const ACCEPTED = 202;
const CREATED = 201;

/** A request with a key, whatever it asks for. */
export interface KeyedRequest {
  readonly merchant: MerchantPrincipal;
  readonly key: string;
  /** 0: answer at once. */
  readonly waitMs: number;
  /** Called when all is done but the waiting. */
  readonly onWait: () => void;
  readonly correlationId: string;
  readonly traceparent: string | undefined;
}

/** What a thing looks like, and whether that is the end of it. */
export interface Rendered {
  readonly final: boolean;
  readonly resource: Record<string, unknown>;
}

export type Claimed =
  { readonly kind: 'claimed'; readonly fence: bigint } | { readonly kind: 'key_exists'; readonly key: KeyRow };

/** What is done for a request, where its key is new. */
export interface KeyedWork {
  /** Method and path, for example `POST /v1/payments`. */
  readonly route: string;
  readonly body: unknown;
  /** Does it, and claims in the same commit the key that `claim` makes of what will be there. */
  claim(claim: ClaimMaker): Promise<Claimed>;
  /** How it is now; or, for at most `waitMs`, how it is once it is settled. */
  settled(resourceId: string, waitMs: number): Promise<Rendered>;
}

/** Says what is to be written under the key for something that will be there once the commit is through. */
export type ClaimMaker = (resourceId: string, rendered: Rendered) => KeyClaim;

/** The parts of a request over HTTP. */
export function keyedRequest(request: FastifyRequest, merchant: MerchantPrincipal): KeyedRequest {
  const traceparent = request.headers['traceparent'];
  return {
    merchant,
    key: readIdempotencyKey(request.headers),
    waitMs: readWait(request.headers.prefer) * 1_000,
    onWait: () => request.ticket?.park(),
    correlationId: request.id,
    traceparent: typeof traceparent === 'string' && traceparent.length <= 100 ? traceparent : undefined,
  };
}

export async function sendAnswer(reply: FastifyReply, request: KeyedRequest, answer: KeyedAnswer): Promise<void> {
  if (request.waitMs > 0) reply.header('preference-applied', `wait=${request.waitMs / 1_000}`);
  await sendKeyedAnswer(reply, answer);
}

@Injectable()
export class AnswerOnce {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly cache: IdempotencyCache,
    private readonly keys: IdempotencyKeys,
  ) {
    this.database = databases.of('payments');
  }

  /** @throws {DomainError} what the work throws, and the `idempotency.*` codes. */
  async execute(request: KeyedRequest, work: KeyedWork): Promise<KeyedAnswer> {
    const scope: KeyScope = {
      merchantId: request.merchant.merchantId,
      livemode: request.merchant.livemode,
      key: request.key,
    };
    const fingerprint = requestFingerprint(work.route, work.body);
    const remembered = await this.cache.get(scope);
    if (remembered !== undefined) {
      assertSameRequest(remembered.fingerprint, fingerprint);
      return replay(remembered);
    }
    const leaseSeconds = request.waitMs / 1_000 + LEASE_SLACK_SECONDS;
    let made: { readonly resourceId: string; readonly response: CompletedResponse } | undefined;
    const result = await work.claim((resourceId, rendered) => {
      made = { resourceId, response: { fingerprint, ...answerOf(rendered) } };
      const response = request.waitMs > 0 ? undefined : made.response;
      return { scope, route: work.route, fingerprint, response, leaseSeconds };
    });
    const turn = { request, work, scope, fingerprint, leaseSeconds };
    if (result.kind === 'key_exists') return this.answerExisting(turn, result.key);
    if (made === undefined) throw new Error('a key was claimed without an answer');
    if (request.waitMs > 0) return this.answerWhenSettled(turn, made.resourceId, result.fence, false);
    this.cache.put(scope, made.response);
    return { status: made.response.status, body: made.response.body, replayed: false };
  }

  private async answerExisting(turn: Turn, row: KeyRow): Promise<KeyedAnswer> {
    const state = this.keys.judge(row, turn.fingerprint);
    if (state.kind === 'completed') {
      this.cache.put(turn.scope, state.response);
      return replay(state.response);
    }
    // Whoever accepted it died while waiting. What was asked for exists; only the answer is missing.
    const fence = await this.keys.takeOver(this.database, turn.scope, state.fence, turn.leaseSeconds);
    return this.answerWhenSettled(turn, state.resourceId, fence, true);
  }

  private async answerWhenSettled(
    { request, work, scope, fingerprint }: Turn,
    resourceId: string,
    fence: bigint,
    replayed: boolean,
  ): Promise<KeyedAnswer> {
    if (request.waitMs > 0) request.onWait();
    const rendered = await work.settled(resourceId, request.waitMs);
    const response: CompletedResponse = { fingerprint, ...answerOf(rendered) };
    crashPoint('payments.before_key_answer');
    if (!(await this.keys.complete(this.database, scope, fence, response)))
      throw new DomainError('idempotency.key_in_use', { retryAfterSeconds: 1 });
    crashPoint('payments.after_key_answer');
    this.cache.put(scope, response);
    return { status: response.status, body: response.body, replayed };
  }
}

/** One request on its way to its answer. */
interface Turn {
  readonly request: KeyedRequest;
  readonly work: KeyedWork;
  readonly scope: KeyScope;
  readonly fingerprint: Buffer;
  readonly leaseSeconds: number;
}

function answerOf({ final, resource }: Rendered): { status: number; body: string } {
  return { status: final ? CREATED : ACCEPTED, body: JSON.stringify(resource) };
}

function replay(response: CompletedResponse): KeyedAnswer {
  return { status: response.status, body: response.body, replayed: true };
}
