/**
 * Redis for tests: a private `redis-server` from PATH, so that a test may flush, freeze and kill it. Where there is no
 * such program a server named by TEST_REDIS_URL serves the tests that only use Redis, not those that break it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';

import { Redis } from 'ioredis';

import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { forgetProcess, noteProcess, runFolder } from './test-run.js';

/** Whether a private Redis can be started here, which a test may stop and freeze. */
export const redisControllable = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** Whether there is any Redis at all. */
export const redisAvailable = redisControllable || (process.env['TEST_REDIS_URL'] ?? '') !== '';

export interface TestRedis {
  readonly url: string;
  /** Empties it. */
  flush(): Promise<void>;
  /** Ends it in order; for a private one nothing is kept. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty, after `stop` or `kill`. */
  restart(): Promise<void>;
  /** Freezes it: connections stay open, nothing answers (SIGSTOP). */
  pause(): void;
  /** Lets it go on (SIGCONT). */
  resume(): void;
  /** From now on writes fail beyond so many bytes; 0: no limit. */
  limitMemory(bytes: number): Promise<void>;
  /** How it is now, for whoever wants to know why something failed. */
  describe(): Promise<string>;
}

export interface RedisOptions {
  /** Memory limit in MB, beyond which writes fail (`noeviction`). Default: none. */
  readonly maxMemoryMb?: number;
}

/** Starts a private Redis, or hands out the shared one. */
export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  const shared = process.env['TEST_REDIS_URL'];
  if (!redisControllable && shared !== undefined && shared !== '') return sharedRedis(shared);
  const port = await freePort();
  let child = await launch(port, options);
  return {
    url: `redis://127.0.0.1:${port}`,
    flush: () => command(port, 'FLUSHALL'),
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
    restart: async () => {
      await end(child, 'SIGTERM');
      child = await launch(port, options);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    limitMemory: (bytes) => command(port, `CONFIG SET maxmemory ${bytes}`),
    describe: async () => {
      const process = `redis-server (${child.pid}) on port ${port}: ${endOf(child) ?? 'runs'}`;
      const answer = await command(port, 'PING').then(
        () => 'answers',
        (error: unknown) => `does not answer (${error instanceof Error ? error.message : String(error)})`,
      );
      return `${process}, ${answer}`;
    },
  };
}

function sharedRedis(url: string): TestRedis {
  const refuse = () => {
    throw new Error('This Redis is not ours to break: use describeWithRedisControl (redis-suites.ts)');
  };
  return {
    url,
    flush: async () => {
      const client = new Redis(url);
      try {
        // Only the database the URL names: the others are somebody's.
        await client.flushdb();
      } finally {
        client.disconnect();
      }
    },
    // Left running for its owner, so that one suite serves both kinds.
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
    limitMemory: refuse,
    describe: () => Promise.resolve('a Redis that is not ours'),
  };
}

async function launch(port: number, options: RedisOptions): Promise<ChildProcess> {
  const folder = mkdtempSync(path.join(runFolder(), 'redis-'));
  const limit = options.maxMemoryMb === undefined ? [] : ['--maxmemory', `${options.maxMemoryMb}mb`];
  // noeviction is what BullMQ requires; nothing is saved, so that a restart is a loss of everything.
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', [...flags, '--maxmemory-policy', 'noeviction', ...limit], { stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('redis-server did not start');
  const { pid } = child;
  noteProcess(pid, 'redis-server');
  child.once('exit', () => forgetProcess(pid));
  await eventually(() => command(port, 'PING'));
  const early = endOf(child);
  if (early !== undefined) throw new Error(`redis-server ${early}, and something else answers on port ${port}`);
  return child;
}

/** Undefined: it has not ended. */
function endOf(child: ChildProcess): string | undefined {
  if (child.exitCode === null && child.signalCode === null) return undefined;
  return `ended with ${child.exitCode ?? child.signalCode}`;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (endOf(child) !== undefined) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  // A frozen one takes the signal only once it runs again.
  child.kill('SIGCONT');
  await ended;
}

/** One command in Redis's inline form; throws unless the answer is a simple string. */
async function command(port: number, line: string): Promise<void> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    socket.write(`${line}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (!answer.toString().startsWith('+')) throw new Error(`Redis answered ${answer.toString().trim()}`);
  } finally {
    socket.destroy();
  }
}
