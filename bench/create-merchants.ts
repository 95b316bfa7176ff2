/** Merchants with a key each that the guard knows, made by the module that makes them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readEnv } from '../src/config/env.js';
import { Databases } from '../src/kernel/database/databases.js';
import { newId } from '../src/kernel/ids/ids.js';
import { Logger } from '../src/kernel/observability/logger.js';
import { AuthStore } from '../src/modules/auth/auth.store.js';
import { CreateApiKey } from '../src/modules/auth/create-api-key.js';
import { CreateMerchant } from '../src/modules/auth/create-merchant.js';
import { BenchError } from './bench-error.js';
import { queryOnce } from './scratch-database.js';
import type { Stage } from './stage.js';

/** Our fee in basis points, as the demo merchant pays it. */
const PLATFORM_FEE_BPS = 50;
/** A worker projects thousands of keys a second; a machine that is busy with something else may need longer. */
const KNOWN_TIMEOUT_MS = 60_000;

/** @returns the secret keys of their test mode, which the guard of a process that starts now knows */
export async function createMerchants(stage: Stage, databaseUrl: string, count: number): Promise<readonly string[]> {
  const env = readEnv({ DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' });
  const databases = new Databases(env, new Logger(env));
  const correlationId = newId('request');
  const secrets: string[] = [];
  try {
    const store = new AuthStore(databases);
    const before = await keysKnown(databaseUrl);
    for (let number = 1; number <= count; number += 1) {
      stage.signal.throwIfAborted();
      const command = { name: `Merchant ${number}`, platformFeeBps: PLATFORM_FEE_BPS, correlationId };
      const { id } = await new CreateMerchant(store).execute(command);
      const key = { merchantId: id, livemode: false, name: 'Bench', correlationId };
      secrets.push((await new CreateApiKey(store).execute(key)).secret);
    }
    await untilKeysAreKnown(stage, databaseUrl, before + count);
  } finally {
    await databases.close();
  }
  return secrets;
}

/** The guard learns keys by events, so a worker has to run once. */
async function untilKeysAreKnown(stage: Stage, databaseUrl: string, wanted: number): Promise<void> {
  const worker = await stage.startApp({ databaseUrl, role: 'worker' });
  const deadline = Date.now() + KNOWN_TIMEOUT_MS;
  while ((await keysKnown(databaseUrl)) < wanted) {
    stage.signal.throwIfAborted();
    if (Date.now() > deadline) throw new BenchError('The keys of the merchants did not become valid');
    await sleep(100);
  }
  await worker.stop();
}

async function keysKnown(databaseUrl: string): Promise<number> {
  const [row] = await queryOnce<{ count: number }>(
    databaseUrl,
    "SELECT count(*)::int AS count FROM access.credential WHERE kind = 'merchant'",
  );
  return row?.count ?? 0;
}
