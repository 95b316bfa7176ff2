import { apiKeyCreated } from '../../contracts/auth.events.js';
import { generateKey } from '../../kernel/access/key-format.js';
import type { Tx } from '../../kernel/database/tx.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { newUuid } from '../../kernel/ids/ids.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import { newEvent, type EventContext } from '../../kernel/outbox/event.js';
import type { ApiKeyRow, AuthStore } from './auth.store.js';

/** A new key. The secret is here and nowhere else: neither stored, nor in the event. */
export interface MadeApiKey {
  readonly key: ApiKeyRow;
  readonly secret: string;
}

/**
 * Stores a new key and tells of it, in the caller's transaction.
 * @throws {DomainError} merchant.not_found, merchant.closed
 */
export async function makeApiKey(
  tx: Tx,
  store: AuthStore,
  of: Pick<ApiKeyRow, 'merchantId' | 'livemode' | 'name' | 'scopes' | 'replaces'>,
  cause: EventContext['cause'],
): Promise<MadeApiKey> {
  const { merchantId, livemode, name, scopes, replaces } = of;
  const merchant = await store.findMerchant(tx, merchantId);
  if (merchant === undefined) throw new DomainError('merchant.not_found');
  if (merchant.status !== 'active') throw new DomainError('merchant.closed');
  const { secret, hash, last4 } = generateKey(livemode ? 'merchant_live' : 'merchant_test');
  const made = { id: newUuid(), merchantId, livemode, hash, last4, name, scopes, replaces };
  const key = await store.insertApiKey(tx, made);
  const event = newEvent(
    apiKeyCreated,
    { aggregateId: key.id, merchantId, cause },
    {
      key_id: key.id,
      merchant_id: merchantId,
      livemode,
      key_hash: hash.toString('hex'),
      platform_fee_bps: merchant.platformFeeBps,
      ...(scopes === null ? {} : { scopes: [...scopes] }),
      ...(replaces === null ? {} : { replaces }),
    },
  );
  await appendEvents(tx, [event]);
  return { key, secret };
}
