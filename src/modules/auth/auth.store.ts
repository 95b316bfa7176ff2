import { Injectable } from '@nestjs/common';
import type { Permissions } from '../../kernel/access/permissions.js';
import { Conditions } from '../../kernel/database/conditions.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { statement, type Queryable, type Tx } from '../../kernel/database/tx.js';
import { idRange, orderOf, type ListCursor } from './lists.js';

export interface MerchantRow {
  readonly id: string;
  readonly name: string;
  readonly platformFeeBps: number;
  readonly status: string;
  readonly createdAt: Date;
}

export interface ApiKeyRow {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly name: string | null;
  readonly last4: string;
  /** What it is limited to; null: everything. */
  readonly scopes: readonly string[] | null;
  /** The key in whose place it was made. */
  readonly replaces: string | null;
  readonly createdAt: Date;
  /** When it ends by itself. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the minute; null: not yet. */
  readonly lastUsedAt: Date | null;
}

/** Who or what is meant by an id. */
export interface Named {
  readonly kind: 'merchant' | 'admin';
  readonly id: string;
  readonly name: string;
}

export interface AdminKeyRow {
  readonly id: string;
  readonly name: string;
  readonly last4: string;
  /** What it may do; null: everything. */
  readonly permissions: Permissions | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

const MERCHANT = `id, name, platform_fee_bps AS "platformFeeBps", status, created_at AS "createdAt"`;
const API_KEY = `id, merchant_id AS "merchantId", livemode, name, last4, scopes, replaces, created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", last_used_at AS "lastUsedAt"`;
const ADMIN_KEY = `id, name, last4, permissions, created_at AS "createdAt", revoked_at AS "revokedAt"`;

const insertMerchant = statement(
  'auth.insert_merchant',
  `INSERT INTO auth.merchant (id, name, platform_fee_bps) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING ${MERCHANT}`,
);
const selectMerchant = statement('auth.select_merchant', `SELECT ${MERCHANT} FROM auth.merchant WHERE id = $1`);
const selectNames = statement(
  'auth.select_names',
  `SELECT 'merchant' AS kind, id, name FROM auth.merchant WHERE id = ANY($1::uuid[])
   UNION ALL SELECT 'admin', id, coalesce(name, email) FROM auth.admin_user WHERE id = ANY($2::uuid[])`,
);
const insertApiKey = statement(
  'auth.insert_api_key',
  `INSERT INTO auth.api_key (id, merchant_id, livemode, key_hash, last4, name, scopes, replaces) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
   RETURNING ${API_KEY}`,
);
const selectApiKey = statement('auth.select_api_key', `SELECT ${API_KEY} FROM auth.api_key WHERE id = $1`);
const selectApiKeyByHash = statement(
  'auth.select_api_key_by_hash',
  `SELECT ${API_KEY} FROM auth.api_key WHERE key_hash = $1`,
);
const revokeApiKey = statement(
  'auth.revoke_api_key',
  `UPDATE auth.api_key SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING ${API_KEY}`,
);
const expireApiKey = statement(
  'auth.expire_api_key',
  `UPDATE auth.api_key SET expires_at = now() + make_interval(secs => $2) WHERE id = $1 AND revoked_at IS NULL AND expires_at IS NULL
   RETURNING ${API_KEY}`,
);
const insertAdminKey = statement(
  'auth.insert_admin_key',
  `INSERT INTO auth.admin_key (id, name, key_hash, last4, permissions) VALUES ($1, $2, $3, $4, $5) RETURNING ${ADMIN_KEY}`,
);
const selectAdminKey = statement('auth.select_admin_key', `SELECT ${ADMIN_KEY} FROM auth.admin_key WHERE id = $1`);
const selectAdminKeyByHash = statement(
  'auth.select_admin_key_by_hash',
  `SELECT ${ADMIN_KEY} FROM auth.admin_key WHERE key_hash = $1`,
);
const revokeAdminKey = statement(
  'auth.revoke_admin_key',
  `UPDATE auth.admin_key SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING ${ADMIN_KEY}`,
);
const noteUseOf = (table: 'api_key' | 'admin_key') =>
  `UPDATE auth.${table} k SET last_used_at = GREATEST(k.last_used_at, t.used_at)
     FROM unnest($1::uuid[], $2::timestamptz[]) AS t(id, used_at) WHERE k.id = t.id`;
const noteApiKeyUse = statement('auth.note_api_key_use', noteUseOf('api_key'));
const noteAdminKeyUse = statement('auth.note_admin_key_use', noteUseOf('admin_key'));

/** The SQL of auth. Writes take the transaction in which the event is appended too. */
@Injectable()
export class AuthStore {
  readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('auth');
  }

  /** @returns undefined when a merchant with this id exists already. */
  async insertMerchant(
    tx: Tx,
    merchant: { id: string; name: string; platformFeeBps: number },
  ): Promise<MerchantRow | undefined> {
    return (await tx.query<MerchantRow>(insertMerchant, [merchant.id, merchant.name, merchant.platformFeeBps]))[0];
  }

  async findMerchant(queryable: Queryable, id: string): Promise<MerchantRow | undefined> {
    return (await queryable.query<MerchantRow>(selectMerchant, [id]))[0];
  }

  async insertApiKey(
    tx: Tx,
    key: Pick<ApiKeyRow, 'id' | 'merchantId' | 'livemode' | 'last4' | 'name' | 'scopes' | 'replaces'> & {
      readonly hash: Buffer;
    },
  ): Promise<ApiKeyRow> {
    const { id, merchantId, livemode, hash, last4, name, scopes, replaces } = key;
    const values = [id, merchantId, livemode, hash, last4, name, scopes, replaces];
    return single(await tx.query<ApiKeyRow>(insertApiKey, values));
  }

  async findApiKey(queryable: Queryable, id: string): Promise<ApiKeyRow | undefined> {
    return (await queryable.query<ApiKeyRow>(selectApiKey, [id]))[0];
  }

  async findApiKeyByHash(hash: Buffer): Promise<ApiKeyRow | undefined> {
    return (await this.database.query<ApiKeyRow>(selectApiKeyByHash, [hash]))[0];
  }

  /** @returns undefined when there is no such key or it was revoked before. */
  async revokeApiKey(tx: Tx, id: string): Promise<ApiKeyRow | undefined> {
    return (await tx.query<ApiKeyRow>(revokeApiKey, [id]))[0];
  }

  /** @returns undefined when there is no such key, it was revoked, or has an end already. */
  async expireApiKey(tx: Tx, id: string, inSeconds: number): Promise<ApiKeyRow | undefined> {
    return (await tx.query<ApiKeyRow>(expireApiKey, [id, inSeconds]))[0];
  }

  async insertAdminKey(
    tx: Tx,
    key: Pick<AdminKeyRow, 'id' | 'name' | 'last4' | 'permissions'> & { readonly hash: Buffer },
  ): Promise<AdminKeyRow> {
    const { id, name, hash, last4, permissions } = key;
    const values = [id, name, hash, last4, permissions === null ? null : JSON.stringify(permissions)];
    return single(await tx.query<AdminKeyRow>(insertAdminKey, values));
  }

  async findAdminKey(queryable: Queryable, id: string): Promise<AdminKeyRow | undefined> {
    return (await queryable.query<AdminKeyRow>(selectAdminKey, [id]))[0];
  }

  async findAdminKeyByHash(hash: Buffer): Promise<AdminKeyRow | undefined> {
    return (await this.database.query<AdminKeyRow>(selectAdminKeyByHash, [hash]))[0];
  }

  /** @returns undefined when there is no such key or it was revoked before. */
  async revokeAdminKey(tx: Tx, id: string): Promise<AdminKeyRow | undefined> {
    return (await tx.query<AdminKeyRow>(revokeAdminKey, [id]))[0];
  }

  /** @param last by key, of whichever kind, when it was used */
  async noteUse(tx: Tx, last: ReadonlyMap<string, string>): Promise<void> {
    const ids = [...last.keys()].toSorted();
    const values = [ids, ids.map((id) => last.get(id))];
    await tx.query(noteApiKeyUse, values);
    await tx.query(noteAdminKeyUse, values);
  }

  /** What there is among these. */
  namesOf({ merchant, admin }: Readonly<Record<Named['kind'], readonly string[]>>): Promise<Named[]> {
    return this.database.query<Named>(selectNames, [merchant, admin]);
  }

  /**
   * Newest first; with `before`, oldest first.
   * @param name how it begins, in capitals or not
   */
  listMerchants({ after, before, take }: ListCursor, name?: string): Promise<MerchantRow[]> {
    const { text, values } = new Conditions()
      .where('id < ?', after)
      .where('id > ?', before)
      .whereBegins('name_key', name);
    const order = before === undefined ? 'DESC' : 'ASC';
    return this.database.query<MerchantRow>(
      `SELECT ${MERCHANT} FROM auth.merchant WHERE ${text} ORDER BY id ${order} LIMIT ${take}`,
      values,
    );
  }

  /** Newest first; with `before`, oldest first. The hash is not read. */
  async listApiKeys(merchantId: string, cursor: ListCursor): Promise<ApiKeyRow[]> {
    const rows = await this.database.prisma.apiKey.findMany({
      where: { merchantId, ...idRange(cursor) },
      orderBy: { id: orderOf(cursor) },
      take: cursor.take,
      omit: { keyHash: true },
    });
    // Prisma reads a null array as an empty one, which no key has.
    return rows.map((row) => ({ ...row, scopes: row.scopes.length === 0 ? null : row.scopes }));
  }
}

function single<Row>(rows: readonly Row[]): Row {
  const row = rows[0];
  if (row === undefined) throw new Error('An INSERT ... RETURNING gave no row');
  return row;
}
