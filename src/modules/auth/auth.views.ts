import { DomainError } from '../../kernel/errors/domain-error.js';
import { decodeId, encodeId } from '../../kernel/ids/ids.js';
import type { ApiKeyRow, MerchantRow } from './auth.store.js';

/** A merchant as the admin API shows it. */
export interface MerchantView {
  readonly object: 'merchant';
  readonly id: string;
  readonly name: string;
  /** Basis points of each captured amount. */
  readonly platform_fee_bps: number;
  readonly status: string;
  readonly created_at: string;
}

/** An API key as the admin API shows it: never the secret, which is added once, when the key is made. */
export interface ApiKeyView {
  readonly object: 'api_key';
  readonly id: string;
  readonly merchant_id: string;
  readonly livemode: boolean;
  readonly name: string | null;
  readonly last4: string;
  /** What it is limited to, as `<area>:read` or `<area>:write`; null: everything. */
  readonly scopes: readonly string[] | null;
  /** The key in whose place it was made. */
  readonly replaces: string | null;
  readonly created_at: string;
  /** When it ends by itself, since it was rolled. */
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** To the minute; null: not yet. */
  readonly last_used_at: string | null;
}

/** @throws {DomainError} merchant.not_found where it is no id of a merchant */
export function merchantUuid(id: string): string {
  const uuid = decodeId('merchant', id);
  if (uuid === undefined) throw new DomainError('merchant.not_found');
  return uuid;
}

export function viewMerchant(row: MerchantRow): MerchantView {
  return {
    object: 'merchant',
    id: encodeId('merchant', row.id),
    name: row.name,
    platform_fee_bps: row.platformFeeBps,
    status: row.status,
    created_at: row.createdAt.toISOString(),
  };
}

export function viewApiKey(row: ApiKeyRow): ApiKeyView {
  return {
    object: 'api_key',
    id: encodeId('apiKey', row.id),
    merchant_id: encodeId('merchant', row.merchantId),
    livemode: row.livemode,
    name: row.name,
    last4: row.last4,
    scopes: row.scopes,
    replaces: row.replaces === null ? null : encodeId('apiKey', row.replaces),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
  };
}
