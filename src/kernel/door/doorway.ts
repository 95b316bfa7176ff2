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
  /**
   * While it refuses, this thread sleeps so long after each turn: to be woken for each one, in the middle of what the others are at, costs
   * more than all else about a refusal. 0: never, where others live in the same thread.
   */
  readonly napMs: number;
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

function houseOf({ inside, routes, room, napMs }: DoorwayOptions): House {
  const taken = new RoomTaken(room);
  const refusals = new Map(Array.from(routes.keys(), (route) => [route, refusalOf(route)]));
  const nap = napper(napMs);
  return {
    inside,
    refusal: (route) => {
      const priority = routes.get(route);
      if (priority === undefined || taken.take(priority)) return undefined;
      nap();
      return refusals.get(route)?.();
    },
  };
}

/** Once per turn of the event loop, when all that there was to do is done. */
function napper(ms: number): () => void {
  const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let isTired = false;
  return () => {
    if (isTired || ms === 0) return;
    isTired = true;
    setImmediate(() => {
      isTired = false;
      Atomics.wait(nobody, 0, 0, ms);
    });
  };
}

/** Its text but for the request's id, put together once. */
function refusalOf(route: string): () => string {
  const placeholder = newId('request');
  const path = route.slice(route.indexOf(' ') + 1);
  const parts = problemAnswer(OVERLOADED, placeholder, path).split(placeholder);
  return () => parts.join(newId('request'));
}
