/** Asks Redis, if the settings name one, before anything is built on it: a wrong password is one line, not a crash. */
import { Redis } from 'ioredis';

import { oneLine, placeOf } from '../kernel/embedded/connection-problem.js';
import { QuickstartError } from './quickstart-error.js';

/** Servers that are there answer in milliseconds; longer means something between drops packets. */
const CONNECT_TIMEOUT_MS = 5_000;

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
    throw new QuickstartError(`REDIS_URL: cannot use Redis at ${placeOf(url)} (${oneLine(reason ?? error, url)})`);
  } finally {
    client.disconnect();
  }
}
