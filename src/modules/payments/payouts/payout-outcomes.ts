import { Injectable } from '@nestjs/common';
import { Databases } from '../../../kernel/database/databases.js';
import { Logger } from '../../../kernel/observability/logger.js';
import { isConcluded } from '../disbursement.js';
import { Outcomes } from '../outcomes.js';
import type { Payout } from './payout.js';
import { findConcludedPayouts } from './payouts.store.js';

/** For callers who wait for a payout. */
@Injectable()
export class PayoutOutcomes extends Outcomes<Payout> {
  constructor(databases: Databases, logger: Logger) {
    const database = databases.of('payments');
    super({
      what: 'payouts',
      logger,
      isSettled: isConcluded,
      findSettled: (waiting) => findConcludedPayouts(database, waiting),
    });
  }
}
