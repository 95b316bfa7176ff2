import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../../kernel/outbox/event.js';
import { movementsIn } from './movement.js';
import { insertMovements } from './records.store.js';

/** Keeps what the ledger booked at the clearing accounts. */
@Injectable()
export class KeepMovements implements EventHandler {
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    await insertMovements(tx, events.flatMap(movementsIn));
  }
}
