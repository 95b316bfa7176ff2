/** The socket on which the HTTP server inside listens: in a folder that nobody else may enter. Windows has names for such things instead. */
import { once } from 'node:events';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { codeOf } from '../errors/describe.js';

const PREFIX = 'sankofa-http-';
const NAME = 'socket';
/**
 * A socket is there before anybody listens at it: by a moment, which on a busy machine is long enough for another process that starts to look just
 * then. Only one of this age is abandoned.
 */
const OLD_MS = 10 * 60_000;

export interface SocketInside {
  readonly path: string;
  remove(): Promise<void>;
}

/** Removes, as well, what processes have left behind that were killed. */
export async function socketInside(): Promise<SocketInside> {
  if (process.platform === 'win32')
    return { path: String.raw`\\.\pipe\${PREFIX}${process.pid}`, remove: () => Promise.resolve() };
  await removeAbandoned();
  const folder = await mkdtemp(path.join(os.tmpdir(), PREFIX));
  return { path: path.join(folder, NAME), remove: () => rm(folder, { recursive: true, force: true }) };
}

async function removeAbandoned(): Promise<void> {
  const names = await readdir(os.tmpdir()).catch(() => []);
  const folders = names.filter((name) => name.startsWith(PREFIX)).map((name) => path.join(os.tmpdir(), name));
  await Promise.all(
    folders.map(async (folder) => {
      // Others' are theirs, and one that is gone is gone.
      const owner = await lstat(folder).catch(() => undefined);
      if (owner === undefined || owner.uid !== process.getuid?.() || Date.now() - owner.mtimeMs < OLD_MS) return;
      if (!(await isAbandoned(path.join(folder, NAME)))) return;
      await rm(folder, { recursive: true, force: true });
    }),
  );
}

/** A socket that is there and at which nobody listens. One that is not there may be about to be made. */
async function isAbandoned(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return codeOf(error) === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
