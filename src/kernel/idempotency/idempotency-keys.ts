/**
 * The second tier: rows in PostgreSQL. A module claims keys in the statement that makes its change (see payments.store.ts);
 * what is common to all is here: judging a key that exists, completing a leased one, taking over from a holder that died.
 */
import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors/domain-error.js';
import { statement, type Queryable } from '../database/tx.js';
import type { CompletedResponse, KeyScope } from './idempotency-cache.js';

/** A key's row as a claiming statement returns it. */
export interface KeyRow {
  readonly fingerprint: Buffer;
  readonly resourceId: string;
  readonly status: number | null;
  readonly body: string | null;
  readonly fence: bigint;
  readonly leaseExpired: boolean;
}

export type KeyState =
  | { readonly kind: 'completed'; readonly response: CompletedResponse }
  /** Its holder died before it had an answer: whoever takes it over with this fence answers in its place. */
  | { readonly kind: 'orphaned'; readonly resourceId: string; readonly fence: bigint };

const completeStatement = statement(
  'idempotency.complete',
  `UPDATE idempotency.key SET status = $5, body = $6, locked_until = NULL
    WHERE merchant_id = $1 AND livemode = $2 AND key = $3 AND fence = $4 AND status IS NULL RETURNING 1`,
);

const takeOverStatement = statement(
  'idempotency.take_over',
  `UPDATE idempotency.key SET fence = fence + 1, locked_until = now() + make_interval(secs => $5)
    WHERE merchant_id = $1 AND livemode = $2 AND key = $3 AND fence = $4 AND status IS NULL AND locked_until < now() RETURNING fence`,
);

@Injectable()
export class IdempotencyKeys {
  /**
   * What an existing key means for a request with this fingerprint.
   * @throws {DomainError} `idempotency.key_reused` for another request, `idempotency.key_in_use` while its holder may still answer.
   */
  judge(row: KeyRow, fingerprint: Buffer): KeyState {
    assertSameRequest(row.fingerprint, fingerprint);
    if (row.status !== null && row.body !== null) {
      return { kind: 'completed', response: { fingerprint: row.fingerprint, status: row.status, body: row.body } };
    }
    if (!row.leaseExpired) throw new DomainError('idempotency.key_in_use', { retryAfterSeconds: 1 });
    return { kind: 'orphaned', resourceId: row.resourceId, fence: row.fence };
  }

  /**
   * Writes the answer of a leased key. False when the lease was lost: somebody else answers, and this answer must not be sent
   * as the key's answer.
   */
  async complete(db: Queryable, scope: KeyScope, fence: bigint, response: CompletedResponse): Promise<boolean> {
    const rows = await db.query(completeStatement, [
      scope.merchantId,
      scope.livemode,
      scope.key,
      fence,
      response.status,
      response.body,
    ]);
    return rows.length === 1;
  }

  /**
   * Takes an orphaned key over. Of several who try, one gets the new fence.
   * @throws {DomainError} `idempotency.key_in_use` for the others.
   */
  async takeOver(db: Queryable, scope: KeyScope, fence: bigint, leaseSeconds: number): Promise<bigint> {
    const rows = await db.query<{ fence: bigint }>(takeOverStatement, [
      scope.merchantId,
      scope.livemode,
      scope.key,
      fence,
      leaseSeconds,
    ]);
    const taken = rows[0];
    if (taken === undefined) throw new DomainError('idempotency.key_in_use', { retryAfterSeconds: 1 });
    return taken.fence;
  }
}

/** @throws {DomainError} `idempotency.key_reused` */
export function assertSameRequest(known: Buffer, given: Buffer): void {
  if (!known.equals(given)) throw new DomainError('idempotency.key_reused');
}
