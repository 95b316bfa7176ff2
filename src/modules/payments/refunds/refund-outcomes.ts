import { Injectable } from '@nestjs/common';
import { Databases } from '../../../kernel/database/databases.js';
import { Logger } from '../../../kernel/observability/logger.js';
import { isConcluded } from '../disbursement.js';
import { Outcomes } from '../outcomes.js';
import type { Refund } from './refund.js';
import { findConcludedRefunds } from './refunds.store.js';

/** For callers who wait for a refund. */
@Injectable()
export class RefundOutcomes extends Outcomes<Refund> {
  constructor(databases: Databases, logger: Logger) {
    const database = databases.of('payments');
    super({
      what: 'refunds',
      logger,
      isSettled: isConcluded,
      findSettled: (waiting) => findConcludedRefunds(database, waiting),
    });
  }
}
