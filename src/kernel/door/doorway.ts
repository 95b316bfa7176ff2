/** Where callers come in: a TCP server that refuses for whom there is no room, and passes all others on to the HTTP server inside. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { newId } from '../ids/ids.js';
import { problemAnswer } from '../http/problem-document.js';
import { OVERLOADED } from '../admission/refusals.js';
import type { Admissible } from '../admission/priority.js';
import { RoomTaken } from './room.js';
import { Visitor, type House } from './visitor.js';

export interface DoorwayOptions {
  readonly port: number;
  readonly host: string;
  readonly backlog: number;
  /** The path of the socket on which the HTTP server inside listens. */
  readonly inside: string;
  /** What may be refused here: `<method> <path>`, without parameters. */
  readonly routes: ReadonlyMap<string, Admissible>;
  /** Of a RoomTold. */
  readonly room: SharedArrayBuffer;
  /** How long a connection may be open without a word. */
  readonly idleTimeoutMs: number;
}

export interface Doorway {
  readonly address: AddressInfo;
  /** Lets nobody else in. Resolves when the last has left, which those do who are answered. */
  close(): Promise<void>;
}

/** @throws as `net.Server.listen` does */
export async function openDoorway(options: DoorwayOptions): Promise<Doorway> {
  const house = houseOf(options);
  const visitors = new Set<Visitor>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const visitor = new Visitor(socket, house, options.idleTimeoutMs);
    visitors.add(visitor);
    socket.once('close', () => visitors.delete(visitor));
  });
  server.listen({ port: options.port, host: options.host, backlog: options.backlog });
  await once(server, 'listening');
  return {
    address: server.address() as AddressInfo,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const visitor of visitors) visitor.leave();
      await closed;
    },
  };
}

function houseOf({ inside, routes, room }: DoorwayOptions): House {
  const taken = new RoomTaken(room);
  const refusals = new Map(Array.from(routes.keys(), (route) => [route, refusalOf(route)]));
  return {
    inside,
    refusal: (route) => {
      const priority = routes.get(route);
      return priority === undefined || taken.take(priority) ? undefined : refusals.get(route)?.();
    },
  };
}

/** Its text but for the request's id, put together once. */
function refusalOf(route: string): () => string {
  const placeholder = newId('request');
  const path = route.slice(route.indexOf(' ') + 1);
  const parts = problemAnswer(OVERLOADED, placeholder, path).split(placeholder);
  return () => parts.join(newId('request'));
}
