import { Injectable } from '@nestjs/common';
import { apiKeyCreated } from '../../contracts/auth.events.js';
import { generateKey } from '../../kernel/access/key-format.js';
import type { Scope } from '../../kernel/access/scopes.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { createdPayload } from './api-key-created.js';
import { AuthStore, type ApiKeyRow } from './auth.store.js';

export interface CreateApiKeyCommand {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly name: string | null;
  /** What it is limited to; null or left out: everything. */
  readonly scopes?: readonly Scope[] | null;
  readonly correlationId: string;
}

/**
 * Makes an API key. The secret is in the answer and nowhere else: neither stored, nor in the event.
 * @throws {DomainError} merchant.not_found, merchant.closed
 */
@Injectable()
export class CreateApiKey {
  constructor(private readonly store: AuthStore) {}

  async execute(command: CreateApiKeyCommand): Promise<{ readonly key: ApiKeyRow; readonly secret: string }> {
    const { merchantId, livemode, name, scopes = null } = command;
    const { secret, hash, last4 } = generateKey(livemode ? 'merchant_live' : 'merchant_test');
    const key = await this.store.database.transaction(async (tx) => {
      const merchant = await this.store.findMerchant(tx, merchantId);
      if (merchant === undefined) throw new DomainError('merchant.not_found');
      if (merchant.status !== 'active') throw new DomainError('merchant.closed');
      const made = { id: newUuid(), merchantId, livemode, hash, last4, name, scopes, replaces: null };
      const row = await this.store.insertApiKey(tx, made);
      const event = newEvent(
        apiKeyCreated,
        { aggregateId: row.id, merchantId, cause: { correlationId: command.correlationId } },
        createdPayload(row, hash, merchant),
      );
      await appendEvents(tx, [event]);
      return row;
    });
    return { key, secret };
  }
}
