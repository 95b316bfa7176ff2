/** Where callers come in: a TCP server that refuses for whom there is no room, and passes all others on to the HTTP server inside. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { newId } from '../ids/ids.js';
import { problemAnswer } from '../http/problem-document.js';
import { OVERLOADED, RATE_LIMITED } from '../admission/refusals.js';
import type { Admissible } from '../admission/priority.js';
import type { DomainError } from '../errors/domain-error.js';
import { LimitedCallers } from './limited-callers.js';
import { RoomTaken, type RefusalReason } from './room.js';
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
  const limited = new LimitedCallers();
  const known = new Map(Array.from(routes, ([route, priority]) => [route, { priority, answers: answersTo(route) }]));
  const isLimited = (authorization: string | undefined): boolean =>
    authorization !== undefined && limited.has(authorization, performance.now());
  return {
    inside,
    refusal: ({ method, path, authorization }) => {
      const route = known.get(`${method} ${path}`);
      if (route === undefined) return undefined;
      const reason = isLimited(authorization) ? 'merchant_limit' : 'no_room';
      if (reason === 'no_room' && taken.take(route.priority)) return undefined;
      taken.countRefused(reason, route.priority);
      return route.answers[reason]();
    },
    onLimited: (authorization) => limited.add(authorization, performance.now()),
  };
}

function answersTo(route: string): Readonly<Record<RefusalReason, () => string>> {
  return { no_room: answerTo(route, OVERLOADED), merchant_limit: answerTo(route, RATE_LIMITED) };
}

/** Its text but for the request's id, put together once. */
function answerTo(route: string, refusal: DomainError): () => string {
  const placeholder = newId('request');
  const path = route.slice(route.indexOf(' ') + 1);
  const parts = problemAnswer(refusal, placeholder, path).split(placeholder);
  return () => parts.join(newId('request'));
}
