import { Injectable } from '@nestjs/common';
import { capturesProved } from '../../../contracts/reconciliation.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { transferIdOf } from '../transfers/transfer-id.js';
import { insertProofs } from './settlements.store.js';

/** Hears which captures gateways' own books confirm. The next release of their accounts makes use of it. */
@Injectable()
export class TakeProofs implements EventHandler {
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      const { attempt_ids: attemptIds } = event.payload as PayloadOf<typeof capturesProved>;
      const captureIds = attemptIds.map((id) => transferIdOf(id, 'capture'));
      await insertProofs(tx, captureIds, event.createdAt);
    }
  }
}
