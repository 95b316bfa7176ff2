/** Moves refunds, and what they count against their payments with them. */
import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { Logger } from '../../../kernel/observability/logger.js';
import { Metrics } from '../../../kernel/observability/metrics.js';
import type { Moved, Moves } from '../moves.js';
import { refundFailedEvent, refundFundedEvent, refundReturnedEvent, refundSucceededEvent } from './refund-events.js';
import { RefundOutcomes } from './refund-outcomes.js';
import type { Refund } from './refund.js';
import { findUncounted, lockRefunds, recount, refundMoves } from './refunds.store.js';

@Injectable()
export class MoveRefunds {
  private readonly beyond;

  constructor(
    private readonly outcomes: RefundOutcomes,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.beyond = metrics.counter(
      'sankofa_refunds_beyond_capture_total',
      'Refunds that succeeded after they had failed, when others had been given their room: more went back than was captured',
    );
  }

  /** Success before failure: a refund of which both were heard at once has succeeded, and is not announced as failed. */
  async move(tx: Tx, moves: Moves): Promise<Moved[]> {
    const paymentIds = await lockRefunds(tx, moves.ids);
    const funded = await refundMoves.fund(tx, moves.funded);
    const succeeded = await refundMoves.succeed(tx, moves.succeeded);
    const returned = await refundMoves.return(tx, moves.returned);
    const failed = await refundMoves.fail(tx, moves.failed);
    if (succeeded.length + returned.length + failed.length > 0) await recount(tx, paymentIds);
    const beyond = await findUncounted(
      tx,
      succeeded.map(({ id }) => id),
    );
    tx.afterCommit(() => {
      this.outcomes.settled([...succeeded, ...returned, ...failed]);
      for (const refund of beyond) this.sayBeyond(refund);
    });
    const told = (refunds: readonly Refund[], outcome: Moved['outcome'], eventOf: typeof refundFundedEvent): Moved[] =>
      refunds.map((refund) => ({ id: refund.id, outcome, announce: (cause) => eventOf(refund, cause) }));
    return [
      ...told(funded, undefined, refundFundedEvent),
      ...told(succeeded, 'succeeded', refundSucceededEvent),
      ...told(returned, 'returned', refundReturnedEvent),
      ...told(failed, 'failed', refundFailedEvent),
    ];
  }

  private sayBeyond(refund: Refund): void {
    this.beyond.inc();
    this.logger.error(
      {
        refund: encodeId('refund', refund.id),
        payment: encodeId('payment', refund.paymentId),
        beyond: toJsonAmount(refund.amountMinor - refund.countedMinor),
        currency: refund.currency,
      },
      'a refund that had failed succeeded after all, and more was given back than was captured',
    );
  }
}
