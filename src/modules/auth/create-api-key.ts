import { Injectable } from '@nestjs/common';
import type { Scope } from '../../kernel/access/scopes.js';
import { AuthStore } from './auth.store.js';
import { makeApiKey, type MadeApiKey } from './make-api-key.js';

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

  async execute({ correlationId, scopes = null, ...of }: CreateApiKeyCommand): Promise<MadeApiKey> {
    return this.store.database.transaction((tx) =>
      makeApiKey(tx, this.store, { ...of, scopes, replaces: null }, { correlationId }),
    );
  }
}
