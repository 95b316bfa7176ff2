import { Injectable } from '@nestjs/common';
import { adminKeyCreated } from '../../contracts/auth.events.js';
import { generateKey } from '../../kernel/access/key-format.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { AuthStore, type AdminKeyRow } from './auth.store.js';

export interface CreateAdminKeyCommand {
  readonly name: string;
  readonly correlationId: string;
}

/** Makes a key for /admin/v1. The secret is in the answer and nowhere else. */
@Injectable()
export class CreateAdminKey {
  constructor(private readonly store: AuthStore) {}

  async execute(command: CreateAdminKeyCommand): Promise<{ readonly key: AdminKeyRow; readonly secret: string }> {
    const { secret, hash, last4 } = generateKey('admin');
    const key = await this.store.database.transaction(async (tx) => {
      const row = await this.store.insertAdminKey(tx, { id: newUuid(), name: command.name, hash, last4 });
      const context = { aggregateId: row.id, merchantId: null, cause: { correlationId: command.correlationId } };
      await appendEvents(tx, [newEvent(adminKeyCreated, context, { key_id: row.id, key_hash: hash.toString('hex') })]);
      return row;
    });
    return { key, secret };
  }
}
