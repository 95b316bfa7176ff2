import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../../kernel/outbox/event.js';
import { keepObligations, type ToldObligations } from './checks.store.js';

/** Consumes what the ledger answers a safeguarding check. */
@Injectable()
export class KeepObligations implements EventHandler {
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    for (const { payload } of events) await keepObligations(tx, payload as ToldObligations);
  }
}
