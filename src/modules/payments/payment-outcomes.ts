import { Injectable } from '@nestjs/common';
import { Databases } from '../../kernel/database/databases.js';
import { Logger } from '../../kernel/observability/logger.js';
import { Outcomes } from './outcomes.js';
import { isSettled, type Payment } from './payment.js';
import { findPayments, findSettled } from './payments.store.js';

/** For callers who wait for a payment. */
@Injectable()
export class PaymentOutcomes extends Outcomes<Payment> {
  constructor(databases: Databases, logger: Logger) {
    const database = databases.of('payments');
    super({
      what: 'payments',
      logger,
      isSettled,
      findSettled: async (waiting) => {
        const ids = await findSettled(database, waiting);
        return ids.length === 0 ? [] : [...(await findPayments(database, ids)).values()];
      },
    });
  }
}
