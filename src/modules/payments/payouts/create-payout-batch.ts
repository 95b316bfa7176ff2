/**
 * Takes many payouts whole or not at all: all are stored, with the batch and its key, in one commit; or the answer says which rows
 * are at fault, and nothing is.
 */
import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { IdempotencyKeys } from '../../../kernel/idempotency/idempotency-keys.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import type { KeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { AnswerOnce, type Claimed, type ClaimMaker, type KeyedRequest } from '../answer-once.js';
import type { CreatePayoutBatchDto } from './create-payout.dto.js';
import { amountsOf, freshTallies, toBatchProgress, type PayoutBatch } from './payout-batch.js';
import { findBatch, insertBatch, insertPayouts, ownerOf, tallyBatch } from './payout-batches.store.js';
import type { NewPayout } from './payouts.store.js';
import { preparePayout } from './prepare-payout.js';
import { duplicateReference, MAX_ERRORS, readRows, type Row } from './read-rows.js';

export interface BatchRequest extends KeyedRequest {
  readonly body: CreatePayoutBatchDto;
}

@Injectable()
export class CreatePayoutBatch {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly once: AnswerOnce,
    private readonly keys: IdempotencyKeys,
  ) {
    this.database = databases.of('payments');
  }

  /**
   * @throws {DomainError} `request.invalid` with a pointer for each fault of a row, `payout_batch.duplicate_reference`, and the
   *   `idempotency.*` codes.
   */
  async execute(request: BatchRequest): Promise<KeyedAnswer> {
    // Nobody waits for ten thousand payouts: the answer is at once, and progress is there to be read.
    return this.once.execute(
      { ...request, waitMs: 0 },
      {
        route: 'POST /v1/payout_batches',
        body: request.body,
        claim: (claimOf) => this.claim(request, claimOf),
        settled: async (id) => {
          const batch = await findBatch(this.database, id);
          if (batch === undefined) throw new Error('an idempotency key names a batch that does not exist');
          return { final: false, resource: toBatchProgress(batch, await tallyBatch(this.database, id)) };
        },
      },
    );
  }

  private async claim(request: BatchRequest, claimOf: ClaimMaker): Promise<Claimed> {
    const { rows, errors } = await readRows(request.body.payouts);
    if (errors.length > 0) throw new DomainError('request.invalid', { errors });
    const total = rows.reduce((sum, { body }) => sum + BigInt(body.amount), 0n);
    // Ten thousand of the largest amounts come to more than JSON can tell exactly.
    if (total > BigInt(Number.MAX_SAFE_INTEGER))
      throw new DomainError('request.invalid', { errors: [{ pointer: '/payouts', code: 'sum_too_large' }] });
    const { batch, payouts } = prepare(request, rows);
    return this.database.transaction((tx) => this.store(tx, request, claimOf, batch, payouts));
  }

  private async store(
    tx: Tx,
    { key, correlationId }: BatchRequest,
    claimOf: ClaimMaker,
    batch: PayoutBatch,
    payouts: readonly NewPayout[],
  ): Promise<Claimed> {
    const claim = claimOf(batch.id, { final: false, resource: toBatchProgress(batch, freshTallies(batch)) });
    const fence = await this.keys.claim(tx, claim, batch.id);
    if (fence === undefined) {
      const known = await this.keys.find(tx, { ...claim.scope, key });
      if (known === undefined) throw new Error('a key that was there is gone');
      return { kind: 'key_exists', key: known };
    }
    if (!(await insertBatch(tx, batch, correlationId))) {
      const owner = await ownerOf(tx, batch);
      throw new DomainError('payout_batch.duplicate_reference', {
        members: owner === undefined ? {} : { payout_batch_id: encodeId('payoutBatch', owner) },
      });
    }
    const taken = await insertPayouts(tx, batch, payouts);
    if (taken.size > 0) throw new DomainError('request.invalid', { errors: faultsOf(payouts, taken) });
    return { kind: 'claimed', fence };
  }
}

function prepare(
  request: BatchRequest,
  rows: readonly Row[],
): { readonly batch: PayoutBatch; readonly payouts: readonly NewPayout[] } {
  const { merchantId, livemode } = request.merchant;
  const id = newUuid();
  const createdAt = new Date();
  const payouts = rows.map(({ body, destination }) => preparePayout(request, body, destination, id, createdAt));
  const amounts = amountsOf(payouts.map(({ payout }) => payout));
  const { reference } = request.body;
  return { batch: { id, merchantId, livemode, reference, count: payouts.length, amounts, createdAt }, payouts };
}

function faultsOf(payouts: readonly NewPayout[], taken: ReadonlySet<string>): ReturnType<typeof duplicateReference>[] {
  return payouts
    .flatMap(({ payout }, index) => (taken.has(payout.id) ? [index] : []))
    .slice(0, MAX_ERRORS)
    .map((index) => duplicateReference(`/payouts/${index}`, 'it already belongs to a payout'));
}
