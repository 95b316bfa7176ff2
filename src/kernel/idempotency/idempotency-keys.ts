/**
 * The second tier: rows in PostgreSQL. A module claims keys in the commit that makes its change (many at once as in claims.ts, or one in a transaction);
 * what is common to all is here: judging a key that exists, completing a leased one, taking over from a holder that died.
 */
import { Injectable } from '@nestjs/common';
import { DomainError } from '../errors/domain-error.js';
import { statement, type Queryable, type Tx } from '../database/tx.js';
import { knownKey, KNOWN_KEY_COLUMNS, type KeyClaim, type KeyRow, type KnownKeyColumns } from './claims.js';
import type { CompletedResponse, KeyScope } from './idempotency-cache.js';

export type KeyState =
  | { readonly kind: 'completed'; readonly response: CompletedResponse }
  /** Its holder died before it had an answer: whoever takes it over with this fence answers in its place. */
  | { readonly kind: 'orphaned'; readonly resourceId: string; readonly fence: bigint };

const findStatement = statement(
  'idempotency.find',
  `SELECT ${KNOWN_KEY_COLUMNS} FROM idempotency.key k WHERE k.merchant_id = $1 AND k.livemode = $2 AND k.key = $3`,
);

const claimStatement = statement(
  'idempotency.claim',
  `INSERT INTO idempotency.key AS k (merchant_id, livemode, key, route, fingerprint, resource_id, status, body, locked_until)
   VALUES ($1, $2, $3, $4, $5, $6, $7::smallint, $8, CASE WHEN $7::smallint IS NULL THEN now() + make_interval(secs => $9) END)
   ON CONFLICT DO NOTHING RETURNING fence`,
);

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
  /** The key as it stands; undefined when nobody has claimed it. */
  async find(db: Queryable, scope: KeyScope): Promise<KeyRow | undefined> {
    const [row] = await db.query<KnownKeyColumns>(findStatement, [scope.merchantId, scope.livemode, scope.key]);
    return row === undefined ? undefined : knownKey(row);
  }

  /**
   * Claims one key in the transaction that does what its request asks for; waits for others who are claiming it.
   * @returns the fence, or undefined when it was claimed already: then nothing has been written
   */
  async claim(tx: Tx, claim: KeyClaim, resourceId: string): Promise<bigint | undefined> {
    const { scope, route, fingerprint, response, leaseSeconds } = claim;
    const [row] = await tx.query<{ fence: bigint }>(claimStatement, [
      scope.merchantId,
      scope.livemode,
      scope.key,
      route,
      fingerprint,
      resourceId,
      response?.status ?? null,
      response?.body ?? null,
      leaseSeconds,
    ]);
    return row?.fence;
  }

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
