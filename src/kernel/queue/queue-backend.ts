/**
 * Where BullMQ keeps its jobs: Redis when REDIS_URL is set, else PostgreSQL (schema `bullmq`). Everything above is the
 * same. Jobs are hints only: losing them all loses nothing, because the outbox and inbox are the truth.
 */
import { createPostgresBackend, setDefaultBackendFactory, type QueueOptions } from 'bullmq';
import type { Env } from '../../config/env.js';

/** Connections per queue or worker on the PostgreSQL store, besides its LISTEN connection: one to fetch, one to finish. */
const POSTGRES_STORE_POOL = 2;
/** Redis is asked again after at most this long when it went away, so that work resumes soon after it is back. */
const MAX_RECONNECT_DELAY_MS = 1_000;

/** Connection options of ioredis from a URL. */
export function redisOptions(url: string): {
  host: string;
  port: number;
  username?: string;
  password?: string;
  db: number;
  tls?: object;
  retryStrategy: (times: number) => number;
} {
  const parsed = new URL(url);
  return {
    host: parsed.hostname === '' ? '127.0.0.1' : parsed.hostname,
    port: parsed.port === '' ? 6_379 : Number(parsed.port),
    db: Number(parsed.pathname.slice(1) || '0'),
    ...(parsed.username === '' ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decodeURIComponent(parsed.password) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
    retryStrategy: (times) => Math.min(times * 50, MAX_RECONNECT_DELAY_MS),
  };
}

/** Must be called before any queue or worker is made, since BullMQ's backend is a default of the process. */
export function queueOptions(env: Env): QueueOptions {
  if (env.redisUrl !== undefined) {
    return {
      prefix: env.queuePrefix,
      connection: {
        ...redisOptions(env.redisUrl),
        // A producer must fail at once while Redis is away, instead of piling commands up in memory; the relay tries again.
        enableOfflineQueue: true,
        maxRetriesPerRequest: 1,
        // BullMQ asks for the version once, before anything else. If Redis goes away at that moment such a question fails, and the queue
        // with it, for as long as the process lives. Workers, which wait for their answer, ask as well.
        skipVersionCheck: true,
      },
    };
  }
  setDefaultBackendFactory(createPostgresBackend as unknown as Parameters<typeof setDefaultBackendFactory>[0]);
  return {
    prefix: env.queuePrefix,
    connection: {
      connectionString: env.databaseUrl,
      application_name: 'sankofa queue',
      schema: 'bullmq',
      migrate: true,
      max: POSTGRES_STORE_POOL,
    },
  };
}

/** The same for workers, which on Redis wait for it however long it is away. */
export function workerConnection(options: QueueOptions, env: Env): QueueOptions['connection'] {
  return env.redisUrl === undefined
    ? options.connection
    : { ...options.connection, maxRetriesPerRequest: null, skipVersionCheck: false };
}
