import { Injectable } from '@nestjs/common';
import { apiKeyRolled } from '../../contracts/auth.events.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent } from '../../kernel/outbox/event.js';
import { AuthStore } from './auth.store.js';
import { makeApiKey, type MadeApiKey } from './make-api-key.js';

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

  async execute({ keyId, overlapSeconds, correlationId }: RollApiKeyCommand): Promise<MadeApiKey> {
    return this.store.database.transaction(async (tx) => {
      if ((await this.store.findApiKey(tx, keyId)) === undefined) throw new DomainError('api_key.not_found');
      // Whoever comes first: the row is locked from here on, and has an end then.
      const old = await this.store.expireApiKey(tx, keyId, overlapSeconds);
      if (old?.expiresAt == null) throw new DomainError('api_key.not_active');
      const made = await makeApiKey(tx, this.store, { ...old, replaces: keyId }, { correlationId });
      const event = newEvent(
        apiKeyRolled,
        { aggregateId: keyId, merchantId: old.merchantId, cause: { correlationId } },
        { key_id: keyId, replaced_by: made.key.id, expires_at: old.expiresAt.toISOString() },
      );
      await appendEvents(tx, [event]);
      return made;
    });
  }
}
