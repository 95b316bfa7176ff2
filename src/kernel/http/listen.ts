/** The HTTP server listens inside; callers come in at the door. */
import type { Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Env } from '../../config/env.js';
import { Admission } from '../admission/admission.js';
import type { Admissible, Priority } from '../admission/priority.js';
import { takeCallers } from '../door/caller.js';
import { Door } from '../door/door.js';
import { socketInside } from '../door/socket-inside.js';
import { KEEP_ALIVE_TIMEOUT_MS } from './http-app.js';

/**
 * Connections that wait to be taken up while we are busy: as many as Linux lets wait by default (net.core.somaxconn). Those beyond are
 * not refused but forgotten, and their callers try again after one, three and seven seconds.
 */
const LISTEN_BACKLOG = 4_096;

export interface Listening {
  readonly url: string;
  /** Nobody else comes in. Resolves when all have left: once the server inside has closed. */
  close(): Promise<void>;
}

/**
 * @param routes all there are without parameters: `<method> <path>`
 * @param giveUp called when nobody can come in any more
 * @throws {DoorError} where the address cannot be listened on
 */
export async function listen(
  app: NestFastifyApplication,
  env: Pick<Env, 'host' | 'port'>,
  routes: ReadonlyMap<string, Priority>,
  giveUp: (reason: string) => void,
): Promise<Listening> {
  const server: Server = app.getHttpServer();
  const admission = app.get(Admission);
  const inside = await socketInside();
  takeCallers(server);
  await app.listen({ path: inside.path, backlog: LISTEN_BACKLOG });
  const door = await Door.open({
    port: env.port,
    host: env.host,
    backlog: LISTEN_BACKLOG,
    inside: inside.path,
    routes: new Map([...routes].filter((route): route is [string, Admissible] => route[1] !== 'exempt')),
    idleTimeoutMs: KEEP_ALIVE_TIMEOUT_MS,
    room: (priority) => admission.room(priority),
    onRefused: (reason, priority, count) => admission.countRefusedAtTheDoor(reason, priority, count),
    onDeath: giveUp,
  }).catch(async (error: unknown) => {
    await inside.remove();
    throw error;
  });
  return {
    url: urlOf(env.host, door.port),
    close: async () => {
      await door.close();
      await inside.remove();
    },
  };
}

/** An address that can be called from here. */
function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::' || host === '::1') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
