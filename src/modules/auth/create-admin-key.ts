import { Injectable } from '@nestjs/common';
import { adminKeyCreated } from '../../contracts/auth.events.js';
import { generateKey } from '../../kernel/access/key-format.js';
import type { Permissions } from '../../kernel/access/permissions.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { AuthStore, type AdminKeyRow } from './auth.store.js';

export interface CreateAdminKeyCommand {
  readonly name: string;
  /** What it may do; null: everything. */
  readonly permissions: Permissions | null;
  readonly correlationId: string;
}

/** Makes a key for /admin/v1. The secret is in the answer and nowhere else. */
@Injectable()
export class CreateAdminKey {
  constructor(private readonly store: AuthStore) {}

  async execute(command: CreateAdminKeyCommand): Promise<{ readonly key: AdminKeyRow; readonly secret: string }> {
    const { name, permissions } = command;
    const { secret, hash, last4 } = generateKey('admin');
    const key = await this.store.database.transaction(async (tx) => {
      const row = await this.store.insertAdminKey(tx, { id: newUuid(), name, permissions, hash, last4 });
      const context = { aggregateId: row.id, merchantId: null, cause: { correlationId: command.correlationId } };
      const payload = {
        key_id: row.id,
        key_hash: hash.toString('hex'),
        ...(permissions === null ? {} : { permissions: { ...permissions } }),
      };
      await appendEvents(tx, [newEvent(adminKeyCreated, context, payload)]);
      return row;
    });
    return { key, secret };
  }
}
