/**
 * The answer to a key is given once and then repeated byte for byte. Everything a merchant asks of its own books is done in one
 * transaction: the key is claimed in it with the answer, so that either both are there or neither is, and nobody ever waits for an answer.
 */
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { SQL_STATE } from '../../kernel/database/sql-state.js';
import type { Tx } from '../../kernel/database/tx.js';
import { codeOf } from '../../kernel/errors/describe.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { IdempotencyCache, type CompletedResponse } from '../../kernel/idempotency/idempotency-cache.js';
import { readIdempotencyKey, requestFingerprint } from '../../kernel/idempotency/idempotency-key.js';
import { assertSameRequest, IdempotencyKeys } from '../../kernel/idempotency/idempotency-keys.js';
import type { KeyedAnswer } from '../../kernel/idempotency/keyed-answer.js';

const CREATED = 201;
/** Two that name what the other one makes get in each other's way once, not for ever. */
const MAX_TRIES = 5;

export interface KeyedRequest {
  readonly merchant: MerchantPrincipal;
  readonly key: string;
  /** Method and path, for example `POST /v1/ledger/transfers`. */
  readonly route: string;
  readonly body: unknown;
}

export interface Made {
  readonly resourceId: string;
  readonly resource: object;
}

export function keyedRequest(
  request: FastifyRequest,
  merchant: MerchantPrincipal,
  route: string,
  body: unknown,
): KeyedRequest {
  return { merchant, key: readIdempotencyKey(request.headers), route, body };
}

/** Somebody else has claimed the key meanwhile: what was done for it here is rolled back. */
class KeyTaken extends Error {}

@Injectable()
export class KeyedAnswers {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly cache: IdempotencyCache,
    private readonly keys: IdempotencyKeys,
  ) {
    this.database = databases.of('ledger');
  }

  /**
   * @param work does it; what it throws uses up no key
   * @throws {DomainError} what the work throws, and the `idempotency.*` codes
   */
  async execute(request: KeyedRequest, work: (tx: Tx) => Promise<Made>): Promise<KeyedAnswer> {
    const { merchant, key, route, body } = request;
    const scope = { merchantId: merchant.merchantId, livemode: merchant.livemode, key };
    const fingerprint = requestFingerprint(route, body);
    const remembered = await this.cache.get(scope);
    if (remembered !== undefined) {
      assertSameRequest(remembered.fingerprint, fingerprint);
      return { ...remembered, replayed: true };
    }
    for (let tries = 1; ; tries += 1) {
      const known = await this.keys.find(this.database, scope);
      if (known !== undefined) {
        const state = this.keys.judge(known, fingerprint);
        if (state.kind !== 'completed') throw new DomainError('idempotency.key_in_use', { retryAfterSeconds: 1 });
        this.cache.put(scope, state.response);
        return { ...state.response, replayed: true };
      }
      try {
        const response = await this.database.transaction(async (tx) => {
          const { resourceId, resource } = await work(tx);
          const made: CompletedResponse = { fingerprint, status: CREATED, body: JSON.stringify(resource) };
          const claim = { scope, route, fingerprint, response: made, leaseSeconds: 0 };
          if ((await this.keys.claim(tx, claim, resourceId)) === undefined) throw new KeyTaken();
          return made;
        });
        this.cache.put(scope, response);
        return { ...response, replayed: false };
      } catch (error) {
        const isRace = error instanceof KeyTaken || codeOf(error) === SQL_STATE.serializationFailure;
        if (!isRace || tries === MAX_TRIES) throw error;
      }
    }
  }
}
