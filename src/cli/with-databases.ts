import { MODULE_NAMES, readEnv, type Env } from '../config/env.js';
import type { Database } from '../kernel/database/database.js';
import { Databases } from '../kernel/database/databases.js';
import { findHomes, type DatabaseHome } from '../kernel/database/homes.js';
import { findRunningPostgres } from '../kernel/embedded/embedded-postgres.js';
import { Logger } from '../kernel/observability/logger.js';
import { CommandError } from './command-error.js';

/**
 * The settings with a DATABASE_URL: the one that is set, or that of the PostgreSQL which `npm start` runs in DATA_DIR.
 * Commands never start a PostgreSQL themselves: it would be gone again before anybody could use what they made.
 */
export async function readEnvWithDatabase(): Promise<Env & { readonly databaseUrl: string }> {
  const env = readEnv();
  const databaseUrl = env.databaseUrl ?? (await findRunningPostgres(env.dataDir));
  if (databaseUrl === undefined) {
    throw new CommandError(
      `DATABASE_URL is not set, and no PostgreSQL runs for ${env.dataDir}: set it, or run npm start`,
    );
  }
  return { ...env, databaseUrl };
}

/** Runs a command with the databases open, and closes them however it ends. */
export async function withDatabases<T>(work: (databases: Databases, env: Env) => Promise<T>): Promise<T> {
  return withDatabasesOf(await readEnvWithDatabase(), work);
}

/** The same for a command about all databases at once: each under the kernel's role, the kernel's own first. */
export async function withEveryDatabase<T>(work: (databases: readonly Database[]) => Promise<T>): Promise<T> {
  const env = await readEnvWithDatabase();
  const homes = await findEveryHome(env);
  return withDatabasesOf(env, (databases) => work(homes.map((home) => databases.at(home))));
}

/** Those of all modules, whatever a process with these settings would host: one that is left out would be missed later. */
export async function findEveryHome(env: Env): Promise<readonly DatabaseHome[]> {
  return (await findHomes({ ...env, modules: MODULE_NAMES })).homes;
}

async function withDatabasesOf<T>(env: Env, work: (databases: Databases, env: Env) => Promise<T>): Promise<T> {
  // A command's output is its answer: logs of the pools would only get between.
  const databases = new Databases(env, new Logger({ logLevel: 'fatal' }));
  try {
    return await work(databases, env);
  } finally {
    await databases.close();
  }
}

/** Answers are JSON on stdout, so that scripts can read them. */
export function print(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}
