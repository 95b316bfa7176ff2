/** A database per test file, copied from the migrated template in a few tens of milliseconds. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

import { testRun } from './test-run.js';

export interface TestDatabase {
  /** The superuser's URL. */
  readonly url: string;
  readonly name: string;
  /** Runs one statement on it. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends every session on it, in the middle of whatever it does. */
  hangUp(): Promise<void>;
  /** The same, and lets nobody in for so many ms. */
  refuseFor(ms: number): Promise<void>;
  /** Ends every session on it and removes it. */
  drop(): Promise<void>;
}

/** Copies the migrated template. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(`TEMPLATE ${testRun().template}`);
}

/** A database without any migration, for tests of the migrator itself. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('TEMPLATE template0');
}

async function create(clause: string): Promise<TestDatabase> {
  const run = testRun();
  const name = `${run.template}_${randomBytes(4).toString('hex')}`;
  await onServer(run.adminUrl, `CREATE DATABASE ${name} ${clause}`);
  const target = new URL(run.adminUrl);
  target.pathname = `/${name}`;
  const url = target.href;
  const hangUp = (): Promise<void> =>
    onServer(run.adminUrl, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  return {
    url,
    name,
    hangUp,
    refuseFor: async (ms) => {
      await onServer(run.adminUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      try {
        await hangUp();
        await sleep(ms);
      } finally {
        await onServer(run.adminUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      }
    },
    query: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query<Row>(sql, values)).rows;
      } finally {
        await client.end();
      }
    },
    drop: () => onServer(run.adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function onServer(adminUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
