import { Injectable } from '@nestjs/common';
import type { OwnLimits } from '../admission/own-limits.js';
import { Databases } from '../database/databases.js';
import { statement } from '../database/tx.js';
import { parseKey } from './key-format.js';
import { readPermissions } from './permissions.js';
import type { Principal } from './principal.js';
import { Remembered } from './remembered.js';

interface CredentialRow {
  readonly key_id: string;
  readonly kind: 'merchant' | 'admin';
  readonly merchant_id: string | null;
  readonly livemode: boolean | null;
  readonly platform_fee_bps: number | null;
  readonly scopes: readonly string[] | null;
  readonly permissions: unknown;
  readonly limits_version: number | null;
  readonly rate_per_second: number | null;
  readonly burst: number | null;
  readonly max_in_flight: number | null;
}

/** Keys remembered per process: every active key of a large installation. */
const MAX_KEYS = 20_000;

/** That a key is used is noted no oftener than so. */
const NOTE_EVERY_SECONDS = 60;

const findStatement = statement(
  'access.find',
  `WITH live AS MATERIALIZED (
     SELECT c.key_id, c.kind, c.merchant_id, c.livemode, c.platform_fee_bps, c.scopes, c.permissions, c.last_used_at,
            l.version AS limits_version, l.rate_per_second, l.burst, l.max_in_flight
       FROM access.credential c LEFT JOIN access.merchant_limits l ON l.merchant_id = c.merchant_id
      WHERE c.key_hash = $1 AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())
   ), noted AS (
     UPDATE access.credential SET last_used_at = now()
      WHERE key_id IN (SELECT key_id FROM live WHERE last_used_at IS NULL OR last_used_at < now() - make_interval(secs => $2))
   )
   SELECT key_id, kind, merchant_id, livemode, platform_fee_bps, scopes, permissions, limits_version, rate_per_second, burst, max_in_flight FROM live`,
);

function toPrincipal(row: CredentialRow): Principal | undefined {
  if (row.kind === 'admin')
    return {
      kind: 'admin',
      id: row.key_id,
      ...(row.permissions === null ? {} : { permissions: readPermissions(row.permissions) }),
    };
  if (row.merchant_id === null || row.livemode === null || row.platform_fee_bps === null) return undefined;
  return {
    kind: 'merchant',
    keyId: row.key_id,
    merchantId: row.merchant_id,
    livemode: row.livemode,
    platformFeeBps: row.platform_fee_bps,
    ...(row.scopes === null ? {} : { scopes: new Set(row.scopes) }),
    ...(row.limits_version === null ? {} : { limits: limitsOf(row, row.limits_version) }),
  };
}

function limitsOf(row: CredentialRow, version: number): OwnLimits {
  return { version, ratePerSecond: row.rate_per_second, burst: row.burst, maxInFlight: row.max_in_flight };
}

/** Keys to principals, with the limits of their merchants, from the access projection, where it is noted that they are used. */
@Injectable()
export class CredentialCache {
  private readonly known = new Remembered<Principal>(MAX_KEYS);

  constructor(private readonly databases: Databases) {}

  /** What is remembered of a key, without asking anybody. */
  peek(key: string): { readonly value: Principal | undefined } | undefined {
    return this.known.peek(key);
  }

  /** Whose key it was when it was last asked about: enough to count by, not to let anybody in. */
  lastKnown(key: string): Principal | undefined {
    return this.known.lastKnown(key);
  }

  async find(key: string): Promise<Principal | undefined> {
    // A key with a wrong checksum was never ours: no query is spent on it.
    const parsed = parseKey(key);
    if (parsed === undefined) return undefined;
    return this.known.find(key, async () => {
      const [row] = await this.databases
        .of('kernel')
        .query<CredentialRow>(findStatement, [parsed.hash, NOTE_EVERY_SECONDS]);
      return row === undefined ? undefined : toPrincipal(row);
    });
  }

  /** Forgets everything: a key was created or revoked in this process a moment ago. */
  clear(): void {
    this.known.clear();
  }
}
