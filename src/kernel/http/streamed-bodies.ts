/**
 * Routes whose body is handed to the handler as it arrives: files too large for anybody's memory. Nothing of it is read before the guard
 * has looked at the key, and the time a sender has is the route's own, not that of all other requests.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Priority } from '../admission/priority.js';
import { DomainError } from '../errors/domain-error.js';
import { sendProblem } from './problem.js';

export interface StreamedBodyLimits {
  /** Content types that are taken, without parameters. */
  readonly types: readonly string[];
  readonly maxBytes: number;
  /** From the first byte to the last. */
  readonly timeoutMs: number;
  /** How long a sender may pause while we wait for more. */
  readonly stallMs: number;
}

/** Gives a handler its body through `@BodyStream()`. It sets the priority too: Nest keeps one configuration of a route. */
export const StreamedBody = (limits: StreamedBodyLimits, priority: Priority): ReturnType<typeof RouteConfig> =>
  RouteConfig({ priority, streamedBody: limits });

/** What a route's configuration says of its body; undefined for all whose body is read before they are asked. */
export function streamedBodyOf(config: unknown): StreamedBodyLimits | undefined {
  if (typeof config !== 'object' || config === null || !('streamedBody' in config)) return undefined;
  return config.streamedBody as StreamedBodyLimits;
}

/** The body, to be read once. Whoever stops reading before its end is not sent the rest; the connection ends with the answer. */
export const BodyStream = createParamDecorator((_: unknown, context: ExecutionContext): AsyncIterable<Buffer> => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const limits = streamedBodyOf(request.routeOptions.config);
  if (limits === undefined) throw new Error(`${request.method} ${request.routeOptions.url} has no streamed body`);
  return chunksOf(request, limits);
});

const STALLED = Symbol('stalled');

async function* chunksOf({ raw }: FastifyRequest, limits: StreamedBodyLimits): AsyncGenerator<Buffer> {
  // Never told to return: that would close the connection, and nobody could be told why.
  const chunks: AsyncIterator<Buffer> = raw[Symbol.asyncIterator]();
  const deadline = performance.now() + limits.timeoutMs;
  for (let bytes = 0; ;) {
    const next = await nextWithin(chunks, Math.min(limits.stallMs, Math.max(1, deadline - performance.now())));
    if (next === STALLED)
      throw new DomainError('request.incomplete', { detail: `Nothing more came, after ${bytes} bytes.` });
    if (next.done === true) return;
    bytes += next.value.length;
    if (bytes > limits.maxBytes) throw tooLarge(limits);
    yield next.value;
  }
}

async function nextWithin(
  chunks: AsyncIterator<Buffer>,
  ms: number,
): Promise<IteratorResult<Buffer, unknown> | typeof STALLED> {
  const waiting = new AbortController();
  try {
    return await Promise.race([
      chunks.next(),
      sleep<typeof STALLED>(ms, STALLED, { signal: waiting.signal }).catch((): typeof STALLED => STALLED),
    ]);
  } catch (error) {
    throw new DomainError('request.incomplete', { detail: 'The sender hung up before the end.', cause: error });
  } finally {
    waiting.abort();
  }
}

function tooLarge({ maxBytes }: StreamedBodyLimits): DomainError {
  return new DomainError('request.too_large', { detail: `The limit here is ${maxBytes / 1024 / 1024} MB.` });
}

/** Before routes are registered, and after admission. */
export function streamBodies(fastify: FastifyInstance): void {
  const sending = new WeakSet<Socket>();
  fastify.addHook('onRoute', (route) => {
    const limits = streamedBodyOf(route.config);
    if (limits === undefined) return;
    route.onRequest = [
      ...[route.onRequest ?? []].flat(),
      (request, reply, done) => {
        const refusal = refusalOf(request, limits);
        if (refusal !== undefined) return sendProblem(refusal, request, reply);
        const { socket } = request.raw;
        sending.add(socket);
        reply.raw.once('close', () => sending.delete(socket));
        return done();
      },
    ];
    route.onSend = [...[route.onSend ?? []].flat(), endUnreadConnection];
  });
  sparingSenders(fastify.server, sending);
}

/** What is wrong with a request by its head alone. */
function refusalOf({ headers }: FastifyRequest, limits: StreamedBodyLimits): DomainError | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!limits.types.includes(type))
    return new DomainError('request.unsupported_media_type', { detail: `Send one of ${limits.types.join(', ')}.` });
  return Number(headers['content-length'] ?? 0) > limits.maxBytes ? tooLarge(limits) : undefined;
}

/** What has not been read by the time of the answer is not going to be: the rest of the connection cannot be understood. */
function endUnreadConnection(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
): void {
  if (!request.raw.complete) void reply.header('connection', 'close');
  done(null, payload);
}

const TIMED_OUT = 'ERR_HTTP_REQUEST_TIMEOUT';

/** Node has one time limit for all requests of a server, and says here whose is over: those who send a file have one of their own. */
function sparingSenders(server: Server, sending: WeakSet<Socket>): void {
  const inside = server.listeners('clientError') as ((error: NodeJS.ErrnoException, socket: Socket) => void)[];
  server.removeAllListeners('clientError');
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === TIMED_OUT && sending.has(socket)) return;
    for (const listener of inside) listener.call(server, error, socket);
  });
}
