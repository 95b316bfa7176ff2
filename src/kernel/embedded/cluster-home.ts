/**
 * Where the embedded PostgreSQL lives, remembered in `<DATA_DIR>/postgres.json`.
 *
 * Usually that is `<DATA_DIR>/postgres`. As root PostgreSQL runs as another user, and when that user cannot reach
 * DATA_DIR (a clone in /root, mode 0700) the cluster lives in a folder of its own below /var/lib/sankofa, and
 * `postgres.json` points to it, so that the next start finds it again.
 */
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { canReach, userForPostgres, type SystemUser } from './system-user.js';

/** For root alone, by the Filesystem Hierarchy Standard's place for a program's state; others never get here. */
const SHARED_HOME = '/var/lib/sankofa';

/** In the state file, "the folder beside me": it stays true when DATA_DIR is moved. */
const BESIDE = 'postgres';

export interface ClusterState {
  /** `postgres` (beside the state file) or an absolute path. */
  readonly directory: string;
  /** The superuser's password, random, made once. */
  readonly password: string;
  /** The port of the latest start, tried first at the next one. */
  readonly port: number;
}

export interface ClusterHome {
  readonly stateFile: string;
  readonly state: ClusterState;
  /** PGDATA. */
  readonly data: string;
  readonly logFile: string;
  /** Holds data, the log and short-lived files; owned by the user PostgreSQL runs as. */
  readonly directory: string;
  /** Where a copy of the programs may go, reachable by that user. */
  readonly binariesDirectory: string;
  readonly user: SystemUser | undefined;
}

/** What is remembered about DATA_DIR's cluster, or undefined when there is none yet. */
export async function readState(dataDir: string): Promise<ClusterState | undefined> {
  const file = path.join(path.resolve(dataDir), 'postgres.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new EmbeddedPostgresError(`Cannot read ${file} (${code ?? 'unknown error'}).`);
  }
  try {
    const parsed = JSON.parse(text) as Partial<ClusterState>;
    if (
      typeof parsed.directory === 'string' &&
      typeof parsed.password === 'string' &&
      typeof parsed.port === 'number'
    ) {
      return { directory: parsed.directory, password: parsed.password, port: parsed.port };
    }
  } catch {
    // Told below.
  }
  // Never overwritten: it holds the only copy of the password to data that may matter.
  throw new EmbeddedPostgresError(`${file} is damaged: restore it, or move it and its data away.`);
}

/** PGDATA of a remembered cluster. */
export function dataDirectoryOf(dataDir: string, state: ClusterState): string {
  return path.join(path.resolve(dataDir, state.directory), 'data');
}

/**
 * Finds or makes the home for DATA_DIR's cluster.
 * @throws {EmbeddedPostgresError} when the folders cannot be made
 */
export async function openHome(dataDir: string): Promise<ClusterHome> {
  const base = path.resolve(dataDir);
  const asRoot = process.getuid?.() === 0;
  try {
    // 0711 as root: the user PostgreSQL runs as walks through, and the secrets in here are files of mode 0600.
    await mkdir(base, { recursive: true, mode: asRoot ? 0o711 : 0o700 });
    const remembered = await readState(base);
    const user = await userForPostgres(remembered && (await ownerOf(dataDirectoryOf(base, remembered))));
    const state = remembered ?? (await newState(base, user));
    const directory = path.resolve(base, state.directory);
    await makeOwned(directory, user);
    const stateFile = path.join(base, 'postgres.json');
    if (remembered === undefined) await writeState(stateFile, state);
    const binariesDirectory = user === undefined ? path.join(directory, 'programs') : SHARED_HOME;
    return {
      stateFile,
      state,
      directory,
      binariesDirectory,
      user,
      data: path.join(directory, 'data'),
      logFile: path.join(directory, 'postgres.log'),
    };
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    const { code, path: at } = error as NodeJS.ErrnoException;
    throw new EmbeddedPostgresError(`Cannot keep data in DATA_DIR: ${code ?? 'error'} on ${at ?? base}.`);
  }
}

async function newState(base: string, user: SystemUser | undefined): Promise<ClusterState> {
  // 192 bits, in hexadecimal so that it needs no escaping in a URL.
  const password = randomBytes(24).toString('hex');
  if (user === undefined || (await canLiveIn(base, user))) return { directory: BESIDE, password, port: 0 };
  return { directory: path.join(SHARED_HOME, randomBytes(8).toString('hex')), password, port: 0 };
}

async function canLiveIn(base: string, user: SystemUser): Promise<boolean> {
  const probe = path.join(base, BESIDE);
  await mkdir(probe, { recursive: true });
  await chmod(probe, 0o755);
  const reachable = await canReach(user, probe);
  if (!reachable) await rmdir(probe);
  return reachable;
}

async function makeOwned(directory: string, user: SystemUser | undefined): Promise<void> {
  if (user !== undefined) {
    await mkdir(SHARED_HOME, { recursive: true });
    // Whatever the umask was: programs in here are run by that user.
    await chmod(SHARED_HOME, 0o755);
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  await chmod(directory, 0o700);
}

async function ownerOf(directory: string): Promise<SystemUser | undefined> {
  const found = await stat(directory).catch(() => undefined);
  return found && { uid: found.uid, gid: found.gid };
}

/** Replaces the state file in one step, readable by its owner only. */
export async function writeState(stateFile: string, state: ClusterState): Promise<void> {
  const unfinished = `${stateFile}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  if (process.getuid?.() === 0) {
    // A single start under sudo must not lock an ordinary user out of their own DATA_DIR afterwards.
    const owner = await stat(path.dirname(stateFile));
    await chown(unfinished, owner.uid, owner.gid);
  }
  await rename(unfinished, stateFile);
}
