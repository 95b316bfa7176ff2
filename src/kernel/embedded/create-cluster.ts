/** Making a new cluster with initdb, or checking that an existing one fits our programs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Binaries } from './binaries.js';
import { type ClusterHome } from './cluster-home.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { CLUSTER_NAME, QUIET } from './server-process.js';

interface CreateOptions {
  readonly log?: (line: string) => void;
  readonly durable?: boolean;
  readonly signal?: AbortSignal;
}

/** Makes the cluster in a folder of another name first: an interrupted initdb leaves nothing that looks finished. */
export async function createCluster(home: ClusterHome, binaries: Binaries, options: CreateOptions): Promise<void> {
  const version = await readFile(path.join(home.data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) return checkVersion(version.trim(), binaries.major, home);
  options.log?.('Creating the database cluster (once)');
  const unfinished = path.join(home.directory, `data.${process.pid}`);
  const passwordFile = path.join(home.directory, `password.${process.pid}`);
  await writeFile(passwordFile, `${home.state.password}\n`, { mode: 0o600 });
  if (home.user !== undefined) await chown(passwordFile, home.user.uid, home.user.gid);
  const flags = [
    `--pgdata=${unfinished}`,
    `--username=${CLUSTER_NAME}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own collation by code point, so that no order depends on the machine's locales.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(options.durable === false ? ['--no-sync'] : []),
  ];
  try {
    await runInitdb(binaries.initdb, flags, home, options.signal);
    await rename(unfinished, home.data);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runInitdb(initdb: string, flags: string[], home: ClusterHome, signal?: AbortSignal): Promise<void> {
  const child = spawn(initdb, flags, { ...home.user, ...QUIET, stdio: ['ignore', 'ignore', 'pipe'] });
  const end = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', end);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4096)));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (code !== 0) {
      const line = complaint.split('\n').find((text) => /error|FATAL/i.test(text)) ?? 'initdb failed';
      throw new EmbeddedPostgresError(`Cannot create the database cluster in ${home.directory}: ${line.trim()}`);
    }
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function checkVersion(version: string, major: string, home: ClusterHome): void {
  if (version === major) return;
  throw new EmbeddedPostgresError(
    `The data in ${home.data} is of PostgreSQL ${version}, the programs are of ${major}: move the data away, or set DATABASE_URL to a PostgreSQL ${version} that serves it.`,
  );
}
