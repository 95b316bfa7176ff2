/**
 * PostgreSQL refuses to run as root. When we are root it runs as another user, who may be unable to reach what root
 * can: this file knows who that user is and what they can reach.
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { EmbeddedPostgresError, USE_YOUR_OWN } from './embedded-postgres-error.js';

const run = promisify(execFile);

/** The numeric identity a child process is started with. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Users that exist on most systems without our creating one: `postgres` where PostgreSQL is or was installed (`_postgres`
 * on macOS), else the unprivileged user of every Unix. Creating a user would change the machine more than a payments
 * demo should.
 */
const CANDIDATES = ['postgres', '_postgres', 'nobody'] as const;

const EXECUTE = 0o1;
const READ = 0o4;

/**
 * The user that PostgreSQL must run as.
 * @param owner whoever owns the data already, so that a second start uses the same user as the first
 * @returns undefined when we are not root, that is, when PostgreSQL can run as ourselves
 * @throws {EmbeddedPostgresError} when we are root and nobody else exists
 */
export async function userForPostgres(owner?: SystemUser): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  if (owner !== undefined && owner.uid !== 0) return owner;
  for (const name of CANDIDATES) {
    const user = await lookUp(name);
    if (user !== undefined) return user;
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and none of the users ${CANDIDATES.join(', ')} exists here. ${USE_YOUR_OWN}`,
  );
}

async function lookUp(name: string): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout.trim()), gid: Number(gid.stdout.trim()) };
  } catch {
    return undefined;
  }
}

/**
 * Whether `user` may read `target` and walk through every folder above it, by the permission bits. A clone in
 * /root (mode 0700) fails here: neither the data nor the binaries below it can be used by anyone but root.
 */
export async function canReach(user: SystemUser, target: string): Promise<boolean> {
  const absolute = path.resolve(target);
  for (let folder = path.dirname(absolute); ; folder = path.dirname(folder)) {
    if (!(await allows(user, folder, EXECUTE))) return false;
    if (folder === path.dirname(folder)) break;
  }
  return allows(user, absolute, READ);
}

async function allows(user: SystemUser, target: string, bit: number): Promise<boolean> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return false;
  const shift = found.uid === user.uid ? 6 : found.gid === user.gid ? 3 : 0;
  return ((found.mode >> shift) & bit) === bit;
}
