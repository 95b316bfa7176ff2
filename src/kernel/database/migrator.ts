/**
 * Applies prisma/migrations in order, under an advisory lock, each in a transaction of its own, and records them in
 * `_prisma_migrations` exactly as Prisma Migrate does, so that `prisma migrate status/deploy` agree where they can run.
 * Why not Prisma Migrate itself: docs/adr/0005.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { MODULE_NAMES } from '../../config/env.js';
import { describeError } from '../errors/describe.js';
import { roleOf } from './database.js';
import { TENANT_MODULES, tenantRoleOf } from './tenant-scope.js';
import type { DatabaseHome } from './homes.js';

/** What the migrator refuses with: one sentence fit for a terminal, and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Any constant will do; it must only differ from other users' of the same database. Prisma Migrate uses 72707369. */
const ADVISORY_LOCK = 72_707_369;
const CONNECT_TIMEOUT_MS = 5_000;

const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS public._prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

/** prisma/migrations lies at the root of the project, three floors above both src/kernel/database and dist/kernel/database. */
const MIGRATIONS_DIRECTORY = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../prisma/migrations');

async function readMigrations(): Promise<readonly Migration[]> {
  const entries = await readdir(MIGRATIONS_DIRECTORY, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(MIGRATIONS_DIRECTORY, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Where the user may not create roles, a database administrator has to: says exactly what to run, and stops. */
async function requireRoles(client: pg.Client): Promise<void> {
  const wanted = [...['kernel', ...MODULE_NAMES].map(roleOf), ...TENANT_MODULES.map(tenantRoleOf)];
  const { rows } = await client.query<{ me: string; may_create: boolean; missing: string[]; foreign_roles: string[] }>(
    `SELECT current_user AS me, r.rolsuper OR r.rolcreaterole AS may_create,
            ARRAY(SELECT w FROM unnest($1::text[]) w WHERE NOT EXISTS (SELECT FROM pg_roles p WHERE p.rolname = w)) AS missing,
            ARRAY(SELECT p.rolname::text FROM pg_roles p WHERE p.rolname = ANY($1) AND NOT pg_has_role(current_user, p.oid, 'MEMBER')) AS foreign_roles
       FROM pg_roles r WHERE r.rolname = current_user`,
    [wanted],
  );
  const state = rows[0];
  if (state === undefined || state.may_create) return;
  if (state.missing.length === 0 && state.foreign_roles.length === 0) return;
  const lines = [
    ...state.missing.map((role) => `CREATE ROLE ${role} NOLOGIN;`),
    ...[...state.missing, ...state.foreign_roles].map((role) => `GRANT ${role} TO ${pg.escapeIdentifier(state.me)};`),
  ];
  throw new MigrationError(
    `The database user may not create roles. A database administrator must run this once:\n\n${lines.join('\n')}\n`,
  );
}

/** The migration and its record commit together: a process killed in between leaves neither, and the next start applies it again. */
async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO public._prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), NULL, 0)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query(migration.sql);
    await client.query(
      'UPDATE public._prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE migration_name = $1 AND finished_at IS NULL',
      [migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new MigrationError(`Migration ${migration.name} failed and was rolled back: ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function applyPending(client: pg.Client, log: (line: string) => void): Promise<string[]> {
  const migrations = await readMigrations();
  await client.query(HISTORY_TABLE);
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM public._prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const applied: string[] = [];
  for (const migration of migrations) {
    const known = rows.find((row) => row.migration_name === migration.name);
    if (known !== undefined && known.finished_at === null) {
      throw new MigrationError(
        `Migration ${migration.name} was begun by another tool and never finished; resolve it first (prisma migrate resolve)`,
      );
    }
    if (known !== undefined && known.checksum !== migration.checksum) {
      throw new MigrationError(
        `Migration ${migration.name} was changed after it had been applied; add a new migration instead`,
      );
    }
    if (known === undefined) {
      const startedAt = performance.now();
      await applyOne(client, migration);
      applied.push(migration.name);
      log(`migrated ${migration.name} (${Math.round(performance.now() - startedAt)} ms)`);
    }
  }
  return applied;
}

/**
 * Brings the database up to date. Safe to run from several processes at once: one migrates, the others wait and find nothing to do.
 * @throws {MigrationError} with a message for people.
 */
export async function migrate(databaseUrl: string, log: (line: string) => void): Promise<{ applied: string[] }> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'sankofa migrator',
  });
  // A connection that breaks later shows as a failing query; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await requireRoles(client);
    return { applied: await applyPending(client, log) };
  } finally {
    await client.end();
  }
}

/**
 * The same for every given database, one after the other: each gets all schemas, and those of modules that live elsewhere stay
 * empty.
 * @returns the names of what was applied, by the name of the home.
 * @throws {MigrationError} which says, where there are several, in which of them.
 */
export async function migrateAll(
  homes: readonly DatabaseHome[],
  log: (line: string) => void,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const applied: Record<string, readonly string[]> = {};
  for (const { name, url, setting } of homes) {
    const place = homes.length === 1 ? '' : `${name}: `;
    try {
      applied[name] = (await migrate(url, (line) => log(`${place}${line}`))).applied;
    } catch (error) {
      if (homes.length === 1) throw error;
      throw new MigrationError(`${setting}: ${describeError(error)}`, { cause: error });
    }
  }
  return applied;
}
