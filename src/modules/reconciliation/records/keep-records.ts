import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../../kernel/outbox/event.js';
import { joined } from './record.js';
import { foldRecords } from './records.store.js';
import { toldBy } from './told.js';

/**
 * Keeps what we believe of each attempt. That one was started is not listened to: an attempt that waits, ends or is in doubt is told of
 * again, and what is still being sent has no line yet. It would be half of all writes here.
 */
@Injectable()
export class KeepRecords implements EventHandler {
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    await foldRecords(tx, joined(events.map(toldBy)));
  }
}
