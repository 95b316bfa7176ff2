import { Injectable } from '@nestjs/common';
import { apiKeyCreated, apiKeyRolled } from '../../contracts/auth.events.js';
import { generateKey } from '../../kernel/access/key-format.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { createdPayload } from './api-key-created.js';
import { AuthStore, type ApiKeyRow } from './auth.store.js';

/** For how long a rolled key works on: until tomorrow where nobody says, and no longer than a release takes. */
export const OVERLAP_SECONDS = 86_400;
export const MAX_OVERLAP_SECONDS = 7 * 86_400;

export interface RollApiKeyCommand {
  readonly keyId: string;
  /** For how long the old one works beside the new one. */
  readonly overlapSeconds: number;
  readonly correlationId: string;
}

/**
 * Makes a key that takes another's place: of the same merchant and mode, with the same name and scopes. The old one ends by itself after the
 * overlap, in which servers are given the new one. The secret is in the answer and nowhere else.
 * @throws {DomainError} api_key.not_found, api_key.not_active (revoked, over, or rolled before), merchant.closed
 */
@Injectable()
export class RollApiKey {
  constructor(private readonly store: AuthStore) {}

  async execute(command: RollApiKeyCommand): Promise<{ readonly key: ApiKeyRow; readonly secret: string }> {
    const { keyId, overlapSeconds } = command;
    return this.store.database.transaction(async (tx) => {
      if ((await this.store.findApiKey(tx, keyId)) === undefined) throw new DomainError('api_key.not_found');
      // Whoever comes first: the row is locked from here on, and has an end then.
      const old = await this.store.expireApiKey(tx, keyId, overlapSeconds);
      if (old?.expiresAt == null) throw new DomainError('api_key.not_active');
      const { merchantId, livemode, name, scopes } = old;
      const merchant = await this.store.findMerchant(tx, merchantId);
      if (merchant?.status !== 'active') throw new DomainError('merchant.closed');
      const { secret, hash, last4 } = generateKey(livemode ? 'merchant_live' : 'merchant_test');
      const made = { id: newUuid(), merchantId, livemode, hash, last4, name, scopes, replaces: keyId };
      const key = await this.store.insertApiKey(tx, made);
      const cause = { correlationId: command.correlationId };
      await appendEvents(tx, [
        newEvent(apiKeyCreated, { aggregateId: key.id, merchantId, cause }, createdPayload(key, hash, merchant)),
        newEvent(
          apiKeyRolled,
          { aggregateId: keyId, merchantId, cause },
          { key_id: keyId, replaced_by: key.id, expires_at: old.expiresAt.toISOString() },
        ),
      ]);
      return { key, secret };
    });
  }
}
