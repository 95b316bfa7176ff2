/** What can be known to be wrong before the long work: said at once rather than after two minutes of installing. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';

import { LauncherError } from './steps.mjs';

/** A server that is there answers in milliseconds; one behind a firewall that drops packets never does. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The control API, the seven gateways, the SMS provider and the mail server, each on a port of its own from SANDBOX_PORT on. */
const SANDBOX_PORTS = 10;

const HIGHEST_PORT = 65_535;

/**
 * Settings are checked in full by src/config/env.ts once that is built. These are the ones needed here, by the same rules;
 * values are never printed, since they may be secrets.
 */
export async function preflight() {
  const port = number('PORT', 3000, 0, HIGHEST_PORT);
  const sandboxPort = number('SANDBOX_PORT', 4010, 1, HIGHEST_PORT - SANDBOX_PORTS);
  oneOf('ROLE', ['all', 'http', 'worker']);
  oneOf('NODE_ENV', ['development', 'test', 'production']);
  const demo = oneOf('DEMO', ['true', 'false', '1', '0']);
  const hasDemo = demo === undefined ? setting('NODE_ENV') !== 'production' : demo === 'true' || demo === '1';
  requireWritable(path.resolve(setting('DATA_DIR') ?? '.sankofa'));
  await requireReachable('DATABASE_URL', ['postgres:', 'postgresql:'], 5432, 'PostgreSQL');
  await requireReachable('REDIS_URL', ['redis:', 'rediss:'], 6379, 'Redis');
  await requireFree(port, setting('HOST') ?? '127.0.0.1', 'PORT');
  if (!hasDemo) return;
  for (let offset = 0; offset < SANDBOX_PORTS; offset += 1) {
    await requireFree(sandboxPort + offset, '127.0.0.1', 'SANDBOX_PORT');
  }
}

function setting(name) {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

function number(name, fallback, min, max) {
  const value = setting(name);
  if (value === undefined) return fallback;
  if (/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new LauncherError(`${name} must be a whole number from ${min} to ${max}`);
}

function oneOf(name, allowed) {
  const value = setting(name);
  if (value === undefined || allowed.includes(value)) return value;
  throw new LauncherError(`${name} must be one of: ${allowed.join(', ')}`);
}

/** The folder itself, or the nearest one above it that exists, in which it will be made. */
function requireWritable(dataDir) {
  let folder = dataDir;
  while (!existsSync(folder)) folder = path.dirname(folder);
  if (!statSync(folder).isDirectory()) throw new LauncherError(`DATA_DIR: ${folder} is not a folder`);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw new LauncherError(`DATA_DIR: nothing can be written in ${folder}`);
  }
}

async function requireReachable(name, protocols, defaultPort, what) {
  const value = setting(name);
  if (value === undefined) return;
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new LauncherError(`${name} must be a URL starting with ${protocols.map((each) => `${each}//`).join(' or ')}`);
  }
  const { hostname, port } = new URL(value);
  // No host means a Unix socket, which is found out about on connecting in earnest.
  if (hostname === '') return;
  const host = hostname.replace(/^\[|\]$/g, '');
  const problem = await connectionProblem(host, Number(port) || defaultPort);
  if (problem !== undefined) {
    throw new LauncherError(`${name}: cannot reach ${what} at ${hostname}:${port || defaultPort} (${problem})`);
  }
}

function connectionProblem(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (problem) => {
      clearTimeout(late);
      socket.destroy();
      resolve(problem);
    };
    const late = setTimeout(() => finish('no answer'), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => finish(undefined));
    socket.once('error', (error) => finish(REASONS[error.code] ?? error.code ?? 'failed'));
  });
}

const REASONS = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be resolved',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to it',
};

async function requireFree(port, host, name) {
  const code = await new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code ?? 'failed'));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  if (code === undefined) return;
  const why = {
    EADDRINUSE: `port ${port} is taken by another program`,
    EACCES: `port ${port} may not be used by this user`,
    EADDRNOTAVAIL: `port ${port}: this machine does not have the address given in HOST`,
    ENOTFOUND: `port ${port}: the address given in HOST is unknown`,
  };
  const setting = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' ? 'HOST' : name;
  throw new LauncherError(`${why[code] ?? `port ${port} cannot be used (${code})`}; choose another ${setting}`);
}
