import { Injectable } from '@nestjs/common';
import { apiKeyRevoked } from '../../contracts/auth.events.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { AuthStore, type ApiKeyRow } from './auth.store.js';

/**
 * Revokes an API key for ever. Revoking it again changes nothing and announces nothing.
 * @throws {DomainError} api_key.not_found
 */
@Injectable()
export class RevokeApiKey {
  constructor(private readonly store: AuthStore) {}

  async execute(command: { readonly keyId: string; readonly correlationId: string }): Promise<ApiKeyRow> {
    const { keyId } = command;
    return this.store.database.transaction(async (tx) => {
      const revoked = await this.store.revokeApiKey(tx, keyId);
      if (revoked !== undefined) {
        const context = {
          aggregateId: keyId,
          merchantId: revoked.merchantId,
          cause: { correlationId: command.correlationId },
        };
        await appendEvents(tx, [newEvent(apiKeyRevoked, context, { key_id: keyId })]);
        return revoked;
      }
      const existing = await this.store.findApiKey(tx, keyId);
      if (existing === undefined) throw new DomainError('api_key.not_found');
      return existing;
    });
  }
}
