import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/database/tx.js';
import { keysUsed } from '../../kernel/access/key-use.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import type { StoredEvent } from '../../kernel/outbox/event.js';
import { AuthStore } from './auth.store.js';

/** When keys were last used, as the guard noted it. Events may come in any order: the latest use is what is kept. */
@Injectable()
export class NoteKeyUse implements EventHandler {
  constructor(private readonly store: AuthStore) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const last = new Map<string, string>();
    for (const { payload } of events)
      for (const { key_id: id, used_at: usedAt } of keysUsed.schema.parse(payload).keys) {
        const known = last.get(id);
        if (known === undefined || Date.parse(known) < Date.parse(usedAt)) last.set(id, usedAt);
      }
    await this.store.noteUse(tx, last);
  }
}
