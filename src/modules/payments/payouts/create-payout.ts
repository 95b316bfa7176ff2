/** Takes a payout once, however often it is sent; in one commit with whatever else is being accepted at that moment. */
import { Injectable } from '@nestjs/common';
import { Batcher } from '../../../kernel/batching/batcher.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { isDataError } from '../../../kernel/database/sql-state.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { Metrics } from '../../../kernel/observability/metrics.js';
import type { KeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { AnswerOnce, type Claimed, type ClaimMaker, type KeyedRequest } from '../answer-once.js';
import { isConcluded } from '../disbursement.js';
import { acceptPayouts, type PayoutAcceptance, type PayoutResult } from './accept-payouts.store.js';
import type { CreatePayoutDto } from './create-payout.dto.js';
import { NOT_SUPPORTED, readDestination } from './destination-rules.js';
import { PayoutOutcomes } from './payout-outcomes.js';
import { toPayoutResource, type Payout } from './payout.js';
import { findPayouts } from './payouts.store.js';
import { preparePayout } from './prepare-payout.js';

/** As for payments, for the same reasons. */
const MAX_BATCH = 256;
const CONCURRENCY = 2;
/** Payouts come more slowly than payments: these are some seconds of them. */
const MAX_WAITING = 4_000;

export interface PayoutRequest extends KeyedRequest {
  readonly body: CreatePayoutDto;
}

@Injectable()
export class CreatePayout {
  private readonly batcher: Batcher<PayoutAcceptance, PayoutResult>;
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly once: AnswerOnce,
    private readonly outcomes: PayoutOutcomes,
    metrics: Metrics,
  ) {
    this.database = databases.of('payments');
    const sizes = metrics.batchSize();
    this.batcher = new Batcher({
      name: 'accept payouts',
      maxBatch: MAX_BATCH,
      concurrency: CONCURRENCY,
      maxWaiting: MAX_WAITING,
      flush: (items) => acceptPayouts(this.database, items),
      splitOn: isDataError,
      observe: (size) => sizes.observe({ batcher: 'accept_payouts' }, size),
    });
  }

  /**
   * @throws {DomainError} `request.invalid`, `payout.destination_not_supported`, `payout.duplicate_reference`, and the
   *   `idempotency.*` codes.
   */
  async execute(request: PayoutRequest): Promise<KeyedAnswer> {
    return this.once.execute(request, {
      route: 'POST /v1/payouts',
      body: request.body,
      claim: (claimOf) => this.claim(request, claimOf),
      settled: async (id, waitMs) => {
        const settled = waitMs > 0 ? await this.outcomes.wait(id, waitMs) : undefined;
        return render(settled ?? (await this.load(id)));
      },
    });
  }

  private async claim(request: PayoutRequest, claimOf: ClaimMaker): Promise<Claimed> {
    const { body } = request;
    const { destination, errors } = readDestination(body.destination, body.currency, '/destination');
    if (errors !== undefined) {
      const supported = errors.every(({ code }) => code !== NOT_SUPPORTED);
      throw new DomainError(supported ? 'request.invalid' : 'payout.destination_not_supported', { errors });
    }
    const made = preparePayout(request, body, destination, null, new Date());
    const result = await this.batcher.submit({ ...claimOf(made.payout.id, render(made.payout)), ...made });
    if (result.kind === 'reference_exists') {
      throw new DomainError('payout.duplicate_reference', {
        members: { payout_id: encodeId('payout', result.payoutId) },
      });
    }
    return result;
  }

  private async load(id: string): Promise<Payout> {
    const payout = (await findPayouts(this.database, [id])).get(id);
    if (payout === undefined) throw new Error('an idempotency key names a payout that does not exist');
    return payout;
  }
}

function render(payout: Payout): { final: boolean; resource: Record<string, unknown> } {
  return { final: isConcluded(payout), resource: toPayoutResource(payout) };
}
