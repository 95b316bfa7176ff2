/** Which databases there are, and which modules live in which. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { databaseSettingOf, EnvError, MODULE_NAMES, type Env, type ModuleName } from '../../config/env.js';
import { oneLine, placeOf } from '../embedded/connection-problem.js';

/** Who has tables: a module, or the kernel with its access projection. Each lives in exactly one database. */
export type Owner = 'kernel' | ModuleName;

/** One database, and everybody who lives in it. */
export interface DatabaseHome {
  /** `main` for the kernel's own, which DATABASE_URL names; else its owners, joined by `+`. For logs and metrics. */
  readonly name: string;
  readonly url: string;
  /** The setting that names it; for people, who must never be shown its value. */
  readonly setting: string;
  readonly owners: readonly Owner[];
}

export interface FoundHomes {
  readonly homes: readonly DatabaseHome[];
  /** Those of them that answered; the others hold modules that this process does not host. */
  readonly answering: readonly DatabaseHome[];
}

/** Servers that are there answer in milliseconds; longer means something between drops packets. */
const CONNECT_TIMEOUT_MS = 5_000;

/** @throws {EnvError} before the embedded PostgreSQL has been started, if there is to be one */
export function databaseUrlOf(env: Env, owner: string): string {
  const own: Readonly<Partial<Record<string, string>>> = env.databaseUrls;
  const url = own[owner] ?? env.databaseUrl;
  if (url === undefined) throw new EnvError('DATABASE_URL is not set');
  return url;
}

function homeAt(url: string, owners: readonly Owner[]): DatabaseHome {
  const [first = 'kernel'] = owners;
  if (first === 'kernel') return { name: 'main', url, setting: 'DATABASE_URL', owners };
  return { name: owners.join('+'), url, setting: databaseSettingOf(first), owners };
}

/** As the settings have it: equal URLs are one database, others are taken for different ones. The first is the kernel's. */
export function homesByUrl(env: Env): readonly DatabaseHome[] {
  const ownersOf = new Map<string, Owner[]>();
  for (const owner of ['kernel', ...MODULE_NAMES] as const) {
    const url = databaseUrlOf(env, owner);
    ownersOf.set(url, [...(ownersOf.get(url) ?? []), owner]);
  }
  return [...ownersOf].map(([url, owners]) => homeAt(url, owners));
}

/**
 * Asks the servers which of the settings name the same database, by whatever host name or user: a lock taken through one is
 * refused through the other. That needs no rights; and a physical copy of a server, which shares the system identifier with
 * its model, counts as what it is. A database that does not answer is taken for one of its own: what is carried to a database
 * that turns out to be the same is applied once all the same.
 * @throws {EnvError} naming the setting of a database that does not answer although this process hosts a module in it
 */
export async function findHomes(env: Env): Promise<FoundHomes> {
  const sessions = await Promise.all(homesByUrl(env).map(openSession));
  try {
    const hosted: readonly Owner[] = ['kernel', ...env.modules];
    const needed = sessions.find(({ client, home }) => client === undefined && livesIn(home, hosted));
    if (needed !== undefined) {
      const { setting, url } = needed.home;
      throw new EnvError(`${setting}: cannot use PostgreSQL at ${placeOf(url)} (${needed.problem})`);
    }
    const groups = await groupByDatabase(sessions);
    const found = groups.map((group) => {
      const owners = group.flatMap(({ home }) => home.owners);
      // Sorted as the settings are listed, so that all processes name it alike.
      owners.sort((a, b) => orderOf(a) - orderOf(b));
      return { home: homeAt(group[0].home.url, owners), answers: group[0].client !== undefined };
    });
    return {
      homes: found.map(({ home }) => home),
      answering: found.filter(({ answers }) => answers).map(({ home }) => home),
    };
  } finally {
    await Promise.all(sessions.map(async ({ client }) => client?.end().catch(() => undefined)));
  }
}

/** Whether any of these lives there. */
export function livesIn(home: DatabaseHome, owners: readonly string[]): boolean {
  return home.owners.some((owner) => owners.includes(owner));
}

/** The home of a module (or `kernel`). */
export function homeOf(homes: readonly DatabaseHome[], owner: string): DatabaseHome {
  const home = homes.find((each) => livesIn(each, [owner]));
  if (home === undefined) throw new Error(`${owner} lives in no database`);
  return home;
}

const orderOf = (owner: Owner): number => (owner === 'kernel' ? -1 : MODULE_NAMES.indexOf(owner));

interface Session {
  readonly home: DatabaseHome;
  /** Undefined when the database does not answer. */
  readonly client: pg.Client | undefined;
  readonly problem: string;
}

async function openSession(home: DatabaseHome): Promise<Session> {
  const client = new pg.Client({
    connectionString: home.url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'sankofa start',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return { home, client, problem: '' };
  } catch (error) {
    await client.end().catch(() => undefined);
    return { home, client: undefined, problem: oneLine(error, home.url) };
  }
}

async function groupByDatabase(sessions: readonly Session[]): Promise<readonly (readonly [Session, ...Session[]])[]> {
  const groups: [Session, ...Session[]][] = [];
  const keys = new Map<Session, string>();
  for (const session of sessions) {
    let group: [Session, ...Session[]] | undefined;
    if (session.client !== undefined && sessions.length > 1) {
      for (const other of groups) {
        const key = keys.get(other[0]);
        if (key === undefined || (await mayLock(session.client, key))) continue;
        group = other;
        break;
      }
      if (group === undefined) keys.set(session, await holdLock(session.client));
    }
    if (group === undefined) groups.push([session]);
    else group.push(session);
  }
  return groups;
}

/** Advisory locks belong to a database; this one lasts as long as the session. Its key is random, so that nobody else holds it. */
async function holdLock(client: pg.Client): Promise<string> {
  const key = randomBytes(8).readBigInt64BE().toString();
  await client.query('SELECT pg_advisory_lock($1::bigint)', [key]);
  return key;
}

/** Given back at once: a lock that this probe kept would be taken for the one that is looked for. */
async function mayLock(client: pg.Client, key: string): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_xact_lock($1::bigint) AS got', [key]);
  return rows[0]?.got === true;
}
