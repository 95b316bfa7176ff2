import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../../kernel/outbox/event.js';
import { markBooked } from '../resolutions/resolutions.store.js';
import { movementsIn } from './movement.js';
import { insertMovements } from './records.store.js';

/** Keeps what the ledger booked at the clearing accounts, and with it that what was decided has been booked. */
@Injectable()
export class KeepMovements implements EventHandler {
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const movements = events.flatMap(movementsIn);
    await insertMovements(tx, movements);
    const adjustments = movements.filter(({ kind }) => kind === 'adjustment');
    await markBooked(
      tx,
      adjustments.map(({ transferId }) => transferId),
    );
  }
}
