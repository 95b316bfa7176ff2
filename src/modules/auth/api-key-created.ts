import type { apiKeyCreated } from '../../contracts/auth.events.js';
import type { PayloadOf } from '../../kernel/outbox/event.js';
import type { ApiKeyRow, MerchantRow } from './auth.store.js';

/** What is told of a new key, to whoever lets its requests in. */
export function createdPayload(
  { id, merchantId, livemode, scopes }: ApiKeyRow,
  hash: Buffer,
  { platformFeeBps }: MerchantRow,
): PayloadOf<typeof apiKeyCreated> {
  return {
    key_id: id,
    merchant_id: merchantId,
    livemode,
    key_hash: hash.toString('hex'),
    platform_fee_bps: platformFeeBps,
    ...(scopes === null ? {} : { scopes: [...scopes] }),
  };
}
