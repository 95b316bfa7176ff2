import fc from 'fast-check';
import { readEnv } from '../../../src/config/env.js';
import {
  adminKeyCreated,
  adminKeyRevoked,
  apiKeyCreated,
  apiKeyRevoked,
  apiKeyRolled,
  merchantLimitsChanged,
} from '../../../src/contracts/auth.events.js';
import { CredentialCache } from '../../../src/kernel/access/credential-cache.js';
import { generateKey, type GeneratedKey, type KeyKind } from '../../../src/kernel/access/key-format.js';
import { keysUsed, tellKeyUse } from '../../../src/kernel/access/key-use.js';
import { ProjectCredentials } from '../../../src/kernel/access/project-credentials.js';
import { SessionCache } from '../../../src/kernel/access/session-cache.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

let testDatabase: TestDatabase;
let databases: Databases;
let cache: CredentialCache;
let queries: number;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: testDatabase.url });
  databases = new Databases(env, new Logger(env));
});
afterAll(async () => {
  await databases.close();
  await testDatabase.drop();
});
beforeEach(() => {
  queries = 0;
  cache = newCache();
});

/** A process's cache, whose questions to the database are counted. */
function newCache(): CredentialCache {
  const kernel = databases.of('kernel');
  const query: typeof kernel.query = (sql, values) => {
    queries += 1;
    return kernel.query(sql, values);
  };
  return new CredentialCache({ of: () => ({ query }) } as unknown as Databases);
}

interface Key {
  readonly id: string;
  readonly merchantId: string;
  readonly secret: string;
  readonly created: StoredEvent;
  readonly revoked: StoredEvent;
  /** Of a merchant's key: it has an end. */
  rolled(expiresAt: Date): StoredEvent;
}

function event(type: string, payload: Readonly<Record<string, unknown>>): StoredEvent {
  return {
    id: newUuid(),
    type,
    aggregateType: 'api_key',
    aggregateId: String(payload['key_id']),
    merchantId: null,
    payload,
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(),
  };
}

function newKey(kind: KeyKind): Key {
  const generated: GeneratedKey = generateKey(kind);
  const id = newUuid();
  const merchantId = newUuid();
  const keyHash = generated.hash.toString('hex');
  return kind === 'admin'
    ? {
        id,
        merchantId,
        secret: generated.secret,
        created: event(adminKeyCreated.type, adminKeyCreated.schema.parse({ key_id: id, key_hash: keyHash })),
        revoked: event(adminKeyRevoked.type, adminKeyRevoked.schema.parse({ key_id: id })),
        rolled: () => {
          throw new Error('admin keys are not rolled');
        },
      }
    : {
        id,
        merchantId,
        secret: generated.secret,
        created: event(
          apiKeyCreated.type,
          apiKeyCreated.schema.parse({
            key_id: id,
            merchant_id: merchantId,
            livemode: kind === 'merchant_live',
            key_hash: keyHash,
            platform_fee_bps: 50,
          }),
        ),
        revoked: event(apiKeyRevoked.type, apiKeyRevoked.schema.parse({ key_id: id })),
        rolled: (expiresAt) =>
          event(
            apiKeyRolled.type,
            apiKeyRolled.schema.parse({ key_id: id, replaced_by: newUuid(), expires_at: expiresAt.toISOString() }),
          ),
      };
}

const projector = (into: CredentialCache, sessions = new SessionCache(databases)): ProjectCredentials =>
  new ProjectCredentials(into, sessions);

/** As a worker does: one transaction under the kernel's role. */
function project(events: readonly StoredEvent[], into: CredentialCache = newCache()): Promise<void> {
  return databases.of('kernel').transaction((tx) => projector(into).handle(tx, events));
}

const principalOf = (key: Key, kind: KeyKind) =>
  kind === 'admin'
    ? { kind: 'admin', id: key.id }
    : {
        kind: 'merchant',
        keyId: key.id,
        merchantId: key.merchantId,
        livemode: kind === 'merchant_live',
        platformFeeBps: 50,
      };

describe('the projection of credentials', () => {
  const KINDS: readonly KeyKind[] = ['merchant_test', 'merchant_live', 'admin'];
  /** Of the property: each kind created, each kind created and revoked, one key that is over and one that ends later. */
  const EVENTS = 14;
  const HOUR_MS = 3_600_000;

  it('ends the same in whatever order and batches keys are created and revoked', async () => {
    const plan = fc.record({
      order: fc.shuffledSubarray(
        Array.from({ length: EVENTS }, (_, index) => index),
        { minLength: EVENTS },
      ),
      batchSizes: fc.array(fc.integer({ min: 1, max: EVENTS }), { minLength: EVENTS, maxLength: EVENTS }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ order, batchSizes }) => {
        // One of each kind that stays, and one of each that is revoked.
        const kept = KINDS.map(newKey);
        const revoked = KINDS.map(newKey);
        const [over, ending] = [newKey('merchant_test'), newKey('merchant_live')];
        const events = [
          ...kept.map((key) => key.created),
          ...revoked.flatMap((key) => [key.created, key.revoked]),
          ...[over.created, over.rolled(new Date(Date.now() - 1_000)), over.rolled(new Date(Date.now() + HOUR_MS))],
          ...[ending.created, ending.rolled(new Date(Date.now() + HOUR_MS))],
        ];
        let rest = order.flatMap((index) => events[index] ?? []);
        for (const size of batchSizes) {
          if (rest.length > 0) await project(rest.slice(0, size));
          rest = rest.slice(size);
        }
        for (const [index, kind] of KINDS.entries()) {
          const [good, bad] = [kept[index], revoked[index]];
          if (good === undefined || bad === undefined) throw new Error('no such key');
          expect(await cache.find(good.secret)).toEqual(principalOf(good, kind));
          expect(await cache.find(bad.secret)).toBeUndefined();
        }
        expect(await cache.find(over.secret)).toBeUndefined();
        expect(await cache.find(ending.secret)).toEqual(principalOf(ending, 'merchant_live'));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the time of the first revocation, and a revoked key revoked however often it is created again', async () => {
    const key = newKey('merchant_test');
    const revokedAt = () => testDatabase.query('SELECT revoked_at FROM access.credential WHERE key_id = $1', [key.id]);
    await project([key.created]);
    await project([key.revoked]);
    const first = await revokedAt();
    await project([key.revoked]);
    await project([key.created]);
    expect(await revokedAt()).toEqual(first);
    expect(await cache.find(key.secret)).toBeUndefined();
  });

  it('is open to the kernel alone', async () => {
    const key = newKey('admin');
    const asAuth = databases.of('auth').transaction((tx) => projector(cache).handle(tx, [key.created]));
    await expect(asAuth).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the use of a key', () => {
  const told = async (): Promise<readonly (readonly { key_id: string; used_at: string }[])[]> => {
    const before = await testDatabase.query<{ seq: bigint }>(
      'SELECT COALESCE(max(seq), 0) AS seq FROM messaging.outbox',
    );
    const options = {
      database: databases.of('kernel'),
      logger: new Logger({ logLevel: 'silent' }),
      isLeader: () => true,
    };
    await tellKeyUse(options);
    const rows = await testDatabase.query<{ payload: { keys: { key_id: string; used_at: string }[] } }>(
      'SELECT payload FROM messaging.outbox WHERE seq > $1 AND type = $2 ORDER BY seq',
      [before[0]?.seq, keysUsed.type],
    );
    return rows.map(({ payload }) => keysUsed.schema.parse(payload).keys);
  };

  it('is noted once a minute, and told once each time', async () => {
    const [used, unused] = [newKey('merchant_test'), newKey('merchant_test')];
    await project([used.created, unused.created]);
    await told();
    const before = Date.now();
    await cache.find(used.secret);
    const [first] = await told();
    expect(first?.map((each) => each.key_id)).toEqual([used.id]);
    expect(Math.abs(Date.parse(first?.[0]?.used_at ?? '') - before)).toBeLessThan(60_000);
    cache.clear();
    await cache.find(used.secret);
    expect(await told()).toEqual([]);
    await testDatabase.query(
      `UPDATE access.credential SET last_used_at = last_used_at - interval '61 s' WHERE key_id = $1`,
      [used.id],
    );
    cache.clear();
    await cache.find(used.secret);
    const [second] = await told();
    expect(second?.map((each) => each.key_id)).toEqual([used.id]);
    expect(await told()).toEqual([]);
  });

  it('is not noted of a key that does not work any more', async () => {
    const key = newKey('merchant_live');
    await project([key.created, key.revoked]);
    await cache.find(key.secret);
    expect((await told()).flat().map((each) => each.key_id)).not.toContain(key.id);
  });
});

describe('the cache of credentials', () => {
  /** The cache's time to live is a second; the rest is for a slow machine. */
  const REVOKED_WITHIN_MS = 2_000;

  it('lets a key that has an end go on until then, and for a second more at most', async () => {
    const key = newKey('merchant_live');
    await project([key.created]);
    const endsAt = Date.now() + 1_500;
    await project([key.rolled(new Date(endsAt))]);
    expect(await cache.find(key.secret)).toEqual(principalOf(key, 'merchant_live'));
    await eventually(async () => {
      const known = cache.peek(key.secret);
      expect(known === undefined ? await cache.find(key.secret) : known.value).toBeUndefined();
    });
    expect(Date.now()).toBeGreaterThan(endsAt - 100);
    expect(Date.now()).toBeLessThan(endsAt + REVOKED_WITHIN_MS);
  });

  it('lets a key that another process revoked live for a second at most', async () => {
    const key = newKey('merchant_live');
    await project([key.created]);
    expect(await cache.find(key.secret)).toEqual(principalOf(key, 'merchant_live'));
    // The revocation is projected where this cache does not hear of it.
    await project([key.revoked]);
    const revokedAt = performance.now();
    expect(cache.peek(key.secret)?.value).toBeDefined();
    await eventually(async () => {
      const principal =
        cache.peek(key.secret) === undefined ? await cache.find(key.secret) : cache.peek(key.secret)?.value;
      expect(principal).toBeUndefined();
    });
    expect(performance.now() - revokedAt).toBeLessThan(REVOKED_WITHIN_MS);
  });

  it('forgets at once what this process itself has projected, but not what was rolled back', async () => {
    const key = newKey('merchant_test');
    await project([key.created]);
    await cache.find(key.secret);
    const rolledBack = databases.of('kernel').transaction(async (tx) => {
      await projector(cache).handle(tx, [key.revoked]);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(cache.peek(key.secret)?.value).toEqual(principalOf(key, 'merchant_test'));
    await project([key.revoked], cache);
    expect(cache.peek(key.secret)).toBeUndefined();
    expect(await cache.find(key.secret)).toBeUndefined();
  });

  it('asks once for a key that many requests bring at the same time', async () => {
    const key = newKey('merchant_test');
    await project([key.created]);
    const principals = await Promise.all(Array.from({ length: 200 }, () => cache.find(key.secret)));
    expect(
      new Set(principals.map((principal) => (principal?.kind === 'merchant' ? principal.keyId : undefined))),
    ).toEqual(new Set([key.id]));
    expect(queries).toBe(1);
  });

  it('spends no query on what cannot be a key, and one on a key that nobody has', async () => {
    for (const text of [
      '',
      'sk_test_',
      'sk_test_short',
      `${newKey('admin').secret}x`,
      "' OR 1=1 --",
      'sk_live_'.padEnd(47, '0'),
    ]) {
      expect(await cache.find(text)).toBeUndefined();
    }
    expect(queries).toBe(0);
    const stranger = newKey('merchant_live').secret;
    expect(await cache.find(stranger)).toBeUndefined();
    expect(cache.peek(stranger)).toEqual({ principal: undefined });
    expect(queries).toBe(1);
  });

  it('remembers no failure: a database that was away is asked again', async () => {
    const key = newKey('merchant_test');
    await project([key.created]);
    let away = true;
    const kernel = databases.of('kernel');
    const query: typeof kernel.query = (sql, values) =>
      away ? Promise.reject(new Error('away')) : kernel.query(sql, values);
    const flaky = new CredentialCache({ of: () => ({ query }) } as unknown as Databases);
    await expect(flaky.find(key.secret)).rejects.toThrow('away');
    away = false;
    expect(await flaky.find(key.secret)).toEqual(principalOf(key, 'merchant_test'));
  });
});

describe("the projection of merchants' limits", () => {
  const changed = (merchantId: string, version: number, burst: number | null): StoredEvent => {
    const limits = { rate_per_second: null, burst, max_in_flight: null };
    const payload = { merchant_id: merchantId, version, limits, before: limits };
    return event(merchantLimitsChanged.type, merchantLimitsChanged.schema.parse(payload));
  };

  it('gives them with every key of the merchant, for no question more, and nobody else', async () => {
    const [key, other] = [newKey('merchant_test'), newKey('merchant_test')];
    // Before its first key: what a merchant may send is not about keys.
    await project([changed(key.merchantId, 1, 7)]);
    await project([key.created, other.created]);
    expect(await cache.find(key.secret)).toEqual({
      ...principalOf(key, 'merchant_test'),
      limits: { version: 1, ratePerSecond: null, burst: 7, maxInFlight: null },
    });
    expect(queries).toBe(1);
    expect(await cache.find(other.secret)).toEqual(principalOf(other, 'merchant_test'));
  });

  it('keeps the highest version, in whatever order and however often they arrive', async () => {
    const key = newKey('merchant_live');
    const [first, second, third] = [7, 8, null].map((burst, index) => changed(key.merchantId, index + 1, burst));
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three');
    await project([key.created, second]);
    await project([first]);
    expect(await newCache().find(key.secret)).toMatchObject({ limits: { version: 2, burst: 8 } });
    await project([third, first, second]);
    await project([second]);
    expect(await newCache().find(key.secret)).toMatchObject({ limits: { version: 3, burst: null } });
  });
});
