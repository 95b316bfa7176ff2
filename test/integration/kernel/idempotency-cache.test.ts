import { Redis } from 'ioredis';
import {
  IdempotencyCache,
  type CompletedResponse,
  type KeyScope,
} from '../../../src/kernel/idempotency/idempotency-cache.js';
import { requestFingerprint } from '../../../src/kernel/idempotency/idempotency-key.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { describeWithRedisControl } from '../../support/redis-suites.js';

const TTL_SECONDS = 60;
/** Far above the cache's own limit of 50 ms, far below anything a caller would call waiting. */
const AT_ONCE_MS = 500;

const logger = new Logger({ logLevel: 'silent' });

function makeCache(redisUrl?: string, ttlSeconds = TTL_SECONDS): IdempotencyCache {
  const settings = { queuePrefix: 'test', idempotencyCacheTtlSeconds: ttlSeconds, role: 'all' as const };
  return new IdempotencyCache(redisUrl === undefined ? settings : { ...settings, redisUrl }, logger);
}

const scopeOf = (key: string, merchantId = newUuid(), livemode = false): KeyScope => ({ merchantId, livemode, key });

const answer = (body: string, status = 202): CompletedResponse => ({
  fingerprint: requestFingerprint('POST /v1/payments', body),
  status,
  body,
});

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const startedAt = performance.now();
  const result = await work;
  return { result, ms: performance.now() - startedAt };
}

/** Fills until the cache remembers: a connection may still be under way. */
async function remember(cache: IdempotencyCache, scope: KeyScope, response: CompletedResponse): Promise<void> {
  await eventually(async () => {
    cache.put(scope, response);
    expect(await cache.get(scope)).toEqual(response);
  });
}

describeWithRedisControl('the idempotency cache, on Redis', () => {
  let redis: TestRedis;
  let cache: IdempotencyCache;
  let direct: Redis;
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): number => unhandled.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled);
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.stop();
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled).toEqual([]);
  });
  beforeEach(() => {
    cache = makeCache(redis.url);
    direct = new Redis(redis.url);
    direct.on('error', () => undefined);
  });
  afterEach(() => {
    cache.onApplicationShutdown();
    direct.disconnect();
  });

  it('gives back the answer byte for byte, and only for its merchant, mode and key', async () => {
    const scope = scopeOf('order 1:live:2');
    const response = answer('{"object":"payment",\n "note":"200 \u{1F30D} é\u0000"}');
    await remember(cache, scope, response);
    expect(await cache.get({ ...scope, livemode: true })).toBeUndefined();
    expect(await cache.get({ ...scope, key: 'order 1:live:' })).toBeUndefined();
    expect(await cache.get({ ...scope, merchantId: newUuid() })).toBeUndefined();
    const [name = ''] = await direct.keys(`*${scope.merchantId}*`);
    const ttl = await direct.ttl(name);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(TTL_SECONDS);
  });

  it('keeps answers apart when a thousand are filled and asked for at once', async () => {
    await remember(cache, scopeOf('ready'), answer('{}'));
    const known = Array.from({ length: 1_000 }, (_, index) => ({
      scope: scopeOf(`k${index}`),
      response: answer(`{"n":${index}}`),
    }));
    for (const { scope, response } of known) cache.put(scope, response);
    await eventually(async () => {
      const found = await Promise.all(known.map(({ scope }) => cache.get(scope)));
      expect(found).toEqual(known.map(({ response }) => response));
    });
  });

  it('knows nothing after a flush, and learns again', async () => {
    const scope = scopeOf('flushed');
    await remember(cache, scope, answer('{}'));
    await redis.flush();
    expect(await cache.get(scope)).toBeUndefined();
    await remember(cache, scope, answer('{"again":true}'));
  });

  it('counts what it cannot read as not there', async () => {
    const scope = scopeOf('garbage');
    await remember(cache, scope, answer('{}'));
    const [name = ''] = await direct.keys(`*${scope.merchantId}*`);
    const hash = answer('{}').fingerprint.toString('base64');
    for (const value of [
      '',
      'garbage',
      '{}',
      `${hash}202 {}`,
      `${hash} 20 {}`,
      `${hash} abc {}`,
      `${'A'.repeat(44)} 202 {}`,
      `${hash.slice(1)} 202 {}`,
    ]) {
      await direct.set(name, value);
      expect([value, await cache.get(scope)]).toEqual([value, undefined]);
    }
    await direct.del(name);
    await direct.rpush(name, 'a list');
    expect(await cache.get(scope)).toBeUndefined();
  });

  it('says "not known" at once while Redis is gone, and goes on when it is back', async () => {
    const scope = scopeOf('away');
    await remember(cache, scope, answer('{}'));
    await redis.kill();
    for (let round = 0; round < 20; round += 1) {
      const { result, ms } = await timed(cache.get(scope));
      expect(result).toBeUndefined();
      expect(ms).toBeLessThan(AT_ONCE_MS);
      cache.put(scope, answer('{}'));
    }
    const late = makeCache(redis.url);
    expect((await timed(late.get(scope))).result).toBeUndefined();
    late.onApplicationShutdown();
    await redis.restart();
    await remember(cache, scope, answer('{"back":true}'));
  });

  it('does not wait for a Redis that is frozen', async () => {
    const scope = scopeOf('frozen');
    await remember(cache, scope, answer('{}'));
    redis.pause();
    try {
      cache.put(scope, answer('{"lost":"perhaps"}'));
      const { result, ms } = await timed(Promise.all(Array.from({ length: 100 }, () => cache.get(scope))));
      expect(new Set(result)).toEqual(new Set([undefined]));
      expect(ms).toBeLessThan(AT_ONCE_MS);
    } finally {
      redis.resume();
    }
    await remember(cache, scope, answer('{"thawed":true}'));
  });

  it('does no harm when Redis is out of memory', async () => {
    const full = await startRedis({ maxMemoryMb: 1 });
    const starved = makeCache(full.url);
    const filler = new Redis(full.url);
    try {
      const scope = scopeOf('full');
      await eventually(() => expect(filler.set('filler', 'x'.repeat(2_000_000))).rejects.toThrow('OOM'));
      for (let round = 0; round < 10; round += 1) {
        starved.put(scope, answer('{}'));
        expect(await starved.get(scope)).toBeUndefined();
      }
    } finally {
      filler.disconnect();
      starved.onApplicationShutdown();
      await full.stop();
    }
  });
});

describe('the idempotency cache, without Redis', () => {
  it('remembers in the process, apart for each merchant, mode and key', async () => {
    const cache = makeCache();
    const scope = scopeOf('k');
    cache.put(scope, answer('{"a": 1}'));
    expect(await cache.get(scope)).toEqual(answer('{"a": 1}'));
    expect(await cache.get({ ...scope, livemode: true })).toBeUndefined();
    expect(await cache.get({ ...scope, merchantId: newUuid() })).toBeUndefined();
    expect(await makeCache().get(scope)).toBeUndefined();
  });

  it('forgets when the time is over', async () => {
    const cache = makeCache(undefined, 1);
    const scope = scopeOf('k');
    cache.put(scope, answer('{}'));
    await eventually(async () => expect(await cache.get(scope)).toBeUndefined());
  });
});
