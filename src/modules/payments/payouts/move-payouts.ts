import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import type { Moved, Moves } from '../moves.js';
import { payoutFailedEvent, payoutFundedEvent, payoutReturnedEvent, payoutSucceededEvent } from './payout-events.js';
import { PayoutOutcomes } from './payout-outcomes.js';
import type { Payout } from './payout.js';
import { payoutMoves } from './payouts.store.js';

@Injectable()
export class MovePayouts {
  constructor(private readonly outcomes: PayoutOutcomes) {}

  /** Success before failure: a payout of which both were heard at once has succeeded, and is not announced as failed. */
  async move(tx: Tx, moves: Moves): Promise<Moved[]> {
    await payoutMoves.lock(tx, moves.ids);
    const funded = await payoutMoves.fund(tx, moves.funded);
    const succeeded = await payoutMoves.succeed(tx, moves.succeeded);
    const returned = await payoutMoves.return(tx, moves.returned);
    const failed = await payoutMoves.fail(tx, moves.failed);
    tx.afterCommit(() => this.outcomes.settled([...succeeded, ...returned, ...failed]));
    const told = (payouts: readonly Payout[], outcome: Moved['outcome'], eventOf: typeof payoutFundedEvent): Moved[] =>
      payouts.map((payout) => ({ id: payout.id, outcome, announce: (cause) => eventOf(payout, cause) }));
    return [
      ...told(funded, undefined, payoutFundedEvent),
      ...told(succeeded, 'succeeded', payoutSucceededEvent),
      ...told(returned, 'returned', payoutReturnedEvent),
      ...told(failed, 'failed', payoutFailedEvent),
    ];
  }
}
