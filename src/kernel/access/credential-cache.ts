import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Databases } from '../database/databases.js';
import { statement } from '../database/tx.js';
import { parseKey } from './key-format.js';
import type { Principal } from './principal.js';

interface CredentialRow {
  readonly key_id: string;
  readonly kind: 'merchant' | 'admin';
  readonly merchant_id: string | null;
  readonly livemode: boolean | null;
  readonly platform_fee_bps: number | null;
  readonly scopes: readonly string[] | null;
}

/** Undefined inside: the key is unknown or revoked, which is remembered too. */
interface Known {
  readonly principal: Principal | undefined;
}

/** How long a revoked key can live on in a process that did not hear of it. Short enough to count as at once. */
const TTL_MS = 1_000;
/** Keys remembered per process: every active key of a large installation, and a bound for those who try keys out. */
const MAX_KEYS = 20_000;

const findStatement = statement(
  'access.find',
  `SELECT key_id, kind, merchant_id, livemode, platform_fee_bps, scopes FROM access.credential
    WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
);

function toPrincipal(row: CredentialRow): Principal | undefined {
  if (row.kind === 'admin') return { kind: 'admin', keyId: row.key_id };
  if (row.merchant_id === null || row.livemode === null || row.platform_fee_bps === null) return undefined;
  return {
    kind: 'merchant',
    keyId: row.key_id,
    merchantId: row.merchant_id,
    livemode: row.livemode,
    platformFeeBps: row.platform_fee_bps,
    ...(row.scopes === null ? {} : { scopes: new Set(row.scopes) }),
  };
}

/** Keys to principals, from the access projection, remembered for a second: busy keys cost one query per second and process. */
@Injectable()
export class CredentialCache {
  private readonly known = new LRUCache<string, Known>({ max: MAX_KEYS, ttl: TTL_MS, noDeleteOnStaleGet: true });
  private readonly asking = new Map<string, Promise<Known>>();

  constructor(private readonly databases: Databases) {}

  /** What is remembered of a key, without asking anybody. */
  peek(key: string): Known | undefined {
    return this.known.get(key);
  }

  /** Whose key it was when it was last asked about: enough to count by, not to let anybody in. */
  lastKnown(key: string): Principal | undefined {
    return this.known.get(key, { allowStale: true })?.principal;
  }

  async find(key: string): Promise<Principal | undefined> {
    // A key with a wrong checksum was never ours: no query is spent on it.
    const parsed = parseKey(key);
    if (parsed === undefined) return undefined;
    let question = this.asking.get(key);
    if (question === undefined) {
      question = this.ask(key, parsed.hash).finally(() => this.asking.delete(key));
      this.asking.set(key, question);
    }
    return (await question).principal;
  }

  /** Forgets everything: a key was created or revoked in this process a moment ago. */
  clear(): void {
    this.known.clear();
  }

  private async ask(key: string, hash: Buffer): Promise<Known> {
    const rows = await this.databases.of('kernel').query<CredentialRow>(findStatement, [hash]);
    const answer: Known = { principal: rows[0] === undefined ? undefined : toPrincipal(rows[0]) };
    this.known.set(key, answer);
    return answer;
  }
}
