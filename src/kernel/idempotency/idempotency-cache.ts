/**
 * The first tier: completed answers, in Redis (or, without Redis, in this process), filled after commit. It is asked
 * before any database work, and it can only say "this was answered so"; whatever else happens (a miss, an error, an outage)
 * falls through to PostgreSQL, which is the truth.
 */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Env } from '../../config/env.js';
import { Batcher } from '../batching/batcher.js';
import { describeError } from '../errors/describe.js';
import { ENV } from '../kernel.tokens.js';
import { Logger } from '../observability/logger.js';
import { redisOptions } from '../queue/queue-backend.js';

export interface KeyScope {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly key: string;
}

/** An answer that was given, byte for byte. */
export interface CompletedResponse {
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly body: string;
}

/** A cache that takes longer than this is slower than the database behind it. */
const COMMAND_TIMEOUT_MS = 50;
/** Answers remembered in-process when there is no Redis: some 10 MB. */
const MAX_LOCAL_ANSWERS = 10_000;
/** Lookups and fills travel in one command each; more than this would hold Redis up for others. */
const MAX_BATCH = 256;
const MAX_WAITING = 20_000;

const FILL_SCRIPT = `for i, name in ipairs(KEYS) do redis.call('SET', name, ARGV[i + 1], 'EX', ARGV[1]) end`;

interface Entry {
  readonly name: string;
  readonly value: string;
}

@Injectable()
export class IdempotencyCache implements OnApplicationShutdown {
  private readonly redis: Redis | undefined;
  private readonly local: LRUCache<string, string>;
  private readonly lookups: Batcher<string, string | null>;
  private readonly fills: Batcher<Entry, undefined>;

  constructor(
    @Inject(ENV) private readonly env: Pick<Env, 'redisUrl' | 'queuePrefix' | 'idempotencyCacheTtlSeconds' | 'role'>,
    logger: Logger,
  ) {
    this.local = new LRUCache({ max: MAX_LOCAL_ANSWERS, ttl: env.idempotencyCacheTtlSeconds * 1_000 });
    if (env.redisUrl !== undefined) {
      this.redis = new Redis({
        ...redisOptions(env.redisUrl),
        // While Redis is away the answer is "not known" at once, never a wait.
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        commandTimeout: COMMAND_TIMEOUT_MS,
        lazyConnect: env.role === 'worker',
      });
      this.redis.on('error', (error) => logger.debug({ error: describeError(error) }, 'the idempotency cache is away'));
    }
    this.lookups = new Batcher({
      name: 'idempotency lookups',
      maxBatch: MAX_BATCH,
      concurrency: 4,
      maxWaiting: MAX_WAITING,
      flush: (names) => this.read(names),
    });
    this.fills = new Batcher({
      name: 'idempotency fills',
      maxBatch: MAX_BATCH,
      concurrency: 1,
      maxWaiting: MAX_WAITING,
      flush: (entries) => this.write(entries),
    });
  }

  /** The answer that was given for this key, if it is remembered. Never fails. */
  async get(scope: KeyScope): Promise<CompletedResponse | undefined> {
    const name = this.nameOf(scope);
    if (this.redis === undefined) return decode(this.local.get(name));
    if (this.redis.status !== 'ready') return undefined;
    return decode(await this.lookups.submit(name).catch(() => null));
  }

  /** Remembers an answer, after its commit. Nobody waits for it, and failing does no harm. */
  put(scope: KeyScope, response: CompletedResponse): void {
    const entry: Entry = {
      name: this.nameOf(scope),
      value: `${response.fingerprint.toString('base64')} ${response.status} ${response.body}`,
    };
    if (this.redis === undefined) this.local.set(entry.name, entry.value);
    else if (this.redis.status === 'ready') this.fills.submit(entry).catch(() => undefined);
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }

  private nameOf(scope: KeyScope): string {
    return `${this.env.queuePrefix}:idem:${scope.merchantId}:${scope.livemode ? 'live' : 'test'}:${scope.key}`;
  }

  private async read(names: readonly string[]): Promise<readonly (string | null)[]> {
    return this.redis === undefined ? names.map(() => null) : this.redis.mget([...names]);
  }

  private async write(entries: readonly Entry[]): Promise<readonly undefined[]> {
    // One script call instead of a command per answer, which would cost the client more than everything else here.
    const names = entries.map((entry) => entry.name);
    await this.redis?.eval(
      FILL_SCRIPT,
      names.length,
      ...names,
      this.env.idempotencyCacheTtlSeconds,
      ...entries.map((entry) => entry.value),
    );
    return entries.map(() => undefined);
  }
}

/** What cannot be read counts as not there. */
function decode(value: string | null | undefined): CompletedResponse | undefined {
  const match = value == null ? null : /^([A-Za-z0-9+/]{43}=) (\d{3}) /.exec(value);
  if (value == null || match?.[1] === undefined || match[2] === undefined) return undefined;
  return { fingerprint: Buffer.from(match[1], 'base64'), status: Number(match[2]), body: value.slice(match[0].length) };
}
