/** Asks the servers that the settings name, before anything is built on them: a wrong password is one line, not a crash. */
import { Redis } from 'ioredis';
import pg from 'pg';

import { QuickstartError } from './quickstart-error.js';

/** Servers that are there answer in milliseconds; longer means something between drops packets. */
const CONNECT_TIMEOUT_MS = 5_000;

/** @throws {QuickstartError} when no session can be opened on the given database */
export async function requireDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (error) {
    throw new QuickstartError(`DATABASE_URL: cannot use PostgreSQL at ${placeOf(url)} (${reasonOf(error, url)})`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @throws {QuickstartError} when Redis does not answer, or not with this password */
export async function requireRedis(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The reason comes as an event; the rejection that follows only says that the connection is closed.
  let reason: unknown;
  client.on('error', (error) => (reason ??= error));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new QuickstartError(`REDIS_URL: cannot use Redis at ${placeOf(url)} (${reasonOf(reason ?? error, url)})`);
  } finally {
    client.disconnect();
  }
}

/** Host and port alone: the rest of a URL may hold a password. */
function placeOf(url: string): string {
  return new URL(url).host || 'a local socket';
}

/** A server's words in one line. None of them repeats a password, but neither is that left to chance. */
function reasonOf(error: unknown, url: string): string {
  const text =
    error instanceof Error ? error.message || ((error as NodeJS.ErrnoException).code ?? error.name) : String(error);
  const line = text.split('\n')[0] ?? '';
  const { password } = new URL(url);
  return password === '' ? line : line.replaceAll(password, '***').replaceAll(decodeURIComponent(password), '***');
}
