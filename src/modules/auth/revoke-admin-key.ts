import { Injectable } from '@nestjs/common';
import { adminKeyRevoked } from '../../contracts/auth.events.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { AuthStore, type AdminKeyRow } from './auth.store.js';

/**
 * Revokes a key of the admin API for ever. Revoking it again changes nothing and announces nothing.
 * @throws {DomainError} admin_key.not_found
 */
@Injectable()
export class RevokeAdminKey {
  constructor(private readonly store: AuthStore) {}

  async execute(command: { readonly keyId: string; readonly correlationId: string }): Promise<AdminKeyRow> {
    const { keyId } = command;
    return this.store.database.transaction(async (tx) => {
      const revoked = await this.store.revokeAdminKey(tx, keyId);
      if (revoked !== undefined) {
        const context = { aggregateId: keyId, merchantId: null, cause: { correlationId: command.correlationId } };
        await appendEvents(tx, [newEvent(adminKeyRevoked, context, { key_id: keyId })]);
        return revoked;
      }
      const existing = await this.store.findAdminKey(tx, keyId);
      if (existing === undefined) throw new DomainError('admin_key.not_found');
      return existing;
    });
  }
}
