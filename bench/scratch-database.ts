/** Databases of the bench's own on the server it is given: each measurement gets a fresh copy of a migrated one. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../src/kernel/database/migrator.js';
import type { Cleanup } from './services.js';

export interface ScratchDatabases {
  /** The migrated one, to be prepared before the first copy is taken. */
  readonly templateUrl: string;
  /** A fresh copy. Nobody may be connected to the template. */
  copy(): Promise<string>;
  /** Removes a copy, ending whoever is connected to it. */
  drop(url: string): Promise<void>;
}

export async function createScratchDatabases(adminUrl: string, cleanup: Cleanup): Promise<ScratchDatabases> {
  const prefix = `sankofa_bench_${randomBytes(4).toString('hex')}`;
  const urlOf = (name: string): string => {
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    return url.href;
  };
  const drop = (url: string): Promise<void> =>
    onServer(adminUrl, `DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  let made = 0;
  const create = async (clause: string): Promise<string> => {
    made += 1;
    const name = `${prefix}_${made}`;
    cleanup(() => drop(urlOf(name)));
    await onServer(adminUrl, `CREATE DATABASE ${name} ${clause}`);
    return urlOf(name);
  };
  const templateUrl = await create('TEMPLATE template0');
  await migrate(templateUrl, () => undefined);
  return { templateUrl, copy: () => create(`TEMPLATE ${new URL(templateUrl).pathname.slice(1)}`), drop };
}

async function onServer(adminUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** One statement on a database, outside whatever is being measured. */
export async function queryOnce<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Starts every measurement with the same distance to the next checkpoint. Where the user may not, it goes without. */
export async function checkpoint(adminUrl: string): Promise<void> {
  await onServer(adminUrl, 'CHECKPOINT').catch(() => undefined);
}
