/** What routing says of attempts at refunds and payouts: in one transaction per batch, set-based, in whatever order the events come. */
import { Injectable } from '@nestjs/common';
import {
  disbursementAttempted,
  disbursementDuplicated,
  disbursementFailed,
  disbursementQuarantined,
  disbursementRecovered,
  disbursementReturned,
  disbursementSucceeded,
} from '../../contracts/routing.events.js';
import type { Tx } from '../../kernel/database/tx.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../kernel/outbox/event.js';
import { MoveDisbursements } from './move-disbursements.js';
import { only } from './events-of.js';
import { saveAttempts } from './payments.store.js';

/** All that tell of an attempt. What was paid twice, or not as asked, moves nothing here: it is shown, and is for people to decide. */
const TELLING = [
  disbursementAttempted,
  disbursementSucceeded,
  disbursementReturned,
  disbursementDuplicated,
  disbursementRecovered,
  disbursementQuarantined,
];

@Injectable()
export class OnDisbursement implements EventHandler {
  constructor(private readonly disbursements: MoveDisbursements) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    await saveAttempts(
      tx,
      TELLING.flatMap((definition) =>
        only(events, definition).map(({ payload, merchantId }) => ({
          ...payload.attempt,
          payment_id: payload.subject_id,
          merchant_id: merchantId,
        })),
      ),
    );
    await this.disbursements.move(tx, {
      funded: [],
      failed: only(events, disbursementFailed).map((cause) => ({ ...cause.payload, cause })),
      succeeded: only(events, disbursementSucceeded).map((cause) => ({
        ...cause.payload,
        cause,
        gateway: cause.payload.attempt.gateway,
        gateway_account_id: cause.payload.attempt.gateway_account_id,
        attempt_id: cause.payload.attempt.attempt_id,
      })),
      returned: only(events, disbursementReturned).map((cause) => ({
        ...cause.payload,
        cause,
        gateway_account_id: cause.payload.attempt.gateway_account_id,
        attempt_id: cause.payload.attempt.attempt_id,
      })),
    });
  }
}
