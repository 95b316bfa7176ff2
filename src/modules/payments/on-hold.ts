/** What the ledger says of the money of refunds and payouts: held, so that routing may send it; or not there. */
import { Injectable } from '@nestjs/common';
import { holdPlaced, holdRefused } from '../../contracts/ledger.events.js';
import type { Tx } from '../../kernel/database/tx.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../kernel/outbox/event.js';
import { MoveDisbursements } from './move-disbursements.js';
import { only } from './events-of.js';

@Injectable()
export class OnHold implements EventHandler {
  constructor(private readonly disbursements: MoveDisbursements) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    await this.disbursements.move(tx, {
      funded: only(events, holdPlaced).map((cause) => ({
        ...cause.payload,
        cause,
      })),
      failed: only(events, holdRefused).map((cause) => ({
        ...cause.payload,
        cause,
        failure_code: cause.payload.reason,
      })),
      succeeded: [],
      returned: [],
    });
  }
}
