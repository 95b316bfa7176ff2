/** The HTTP server: Fastify under Nest, set up for raw bodies, request ids, limits and problem+json. */
import type { IncomingMessage } from 'node:http';
import type { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Env } from '../../config/env.js';
import { DomainError } from '../errors/domain-error.js';
import { newId } from '../ids/ids.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { sendProblem, toDomainError } from './problem.js';
import { streamBodies, streamedBodyOf } from './streamed-bodies.js';

/** Payments are a few hundred bytes; 64 KB leaves room for metadata and for gateways' webhooks, and bounds memory. */
export const BODY_LIMIT_BYTES = 64 * 1024;
/** A little above the 60 s that load balancers usually keep idle connections, so that they close first. */
export const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** A client that has not sent its whole request by then is not going to; it would hold a socket. */
const REQUEST_TIMEOUT_MS = 30_000;

export function createAdapter({ trustedProxies }: Pick<Env, 'trustedProxies'>): NestAdapter {
  const options = {
    // Nobody's word is taken for whom they speak for, unless it is a balancer of ours.
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: BODY_LIMIT_BYTES,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node's own is 60 s, and where it is the longer of the two Node takes each for the other.
    http: { headersTimeout: REQUEST_TIMEOUT_MS },
    genReqId: () => newId('request'),
    logger: false,
    // A graceful stop must not wait for connections on which nobody is asking anything.
    forceCloseConnections: 'idle',
    // Fastify's own answers for what it cannot parse at all (a bad URL) must be problems as well.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => refuse(error, request, reply),
    routerOptions: { maxParamLength: 200 },
  };
  return new FastifyAdapter(options as ConstructorParameters<typeof FastifyAdapter>[0]) as NestAdapter;
}

/** The adapter's default type parameters do not fit what NestFactory asks for under exactOptionalPropertyTypes. */
type NestAdapter = Parameters<typeof NestFactory.create<NestFastifyApplication>>[1] & FastifyAdapter;

/** Before our hooks have run: the request id is not on the answer yet. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('request-id', request.id);
  sendProblem(toDomainError(error), request, reply);
}

/** Parsers, hooks and metrics on the Fastify instance; before routes are registered. */
export function configureHttp(app: NestFastifyApplication, logger: Logger, metrics: Metrics): void {
  const fastify = app.getHttpAdapter().getInstance();
  parseBodies(fastify);
  streamBodies(fastify);
  const seconds = metrics.histogram('sankofa_http_request_seconds', 'HTTP latency by method, route and status', [
    'method',
    'route',
    'status',
  ]);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('request-id', request.id);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
    logger.debug(
      {
        request_id: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
    done();
  });
}

function parseBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: string | Buffer, done) => {
      const raw = Buffer.isBuffer(body) ? body : Buffer.from(body);
      request.rawBody = raw;
      // A gateway's webhook is stored as it came, also when it is not JSON; whoever needs JSON parses it there.
      if (request.url.startsWith('/webhooks/')) {
        done(null, raw);
        return;
      }
      if (raw.length === 0) {
        done(null, undefined);
        return;
      }
      try {
        const text = raw.toString('utf8');
        // An own property of that name could become a prototype further down.
        if (text.includes('"__proto__"')) throw new SyntaxError('__proto__ is not a field');
        done(null, JSON.parse(text) as unknown);
      } catch (error) {
        done(new DomainError('request.malformed_json', { cause: error }));
      }
    },
  );
  // Anything else is kept as bytes: webhooks come in many types, and /v1 answers 415 to them.
  fastify.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage, done) => {
    if (streamedBodyOf(request.routeOptions.config) !== undefined) {
      done(null, undefined);
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    payload.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
    });
    payload.on('end', () => {
      if (size > BODY_LIMIT_BYTES) {
        done(new DomainError('request.too_large'));
        return;
      }
      request.rawBody = Buffer.concat(chunks);
      done(null, request.rawBody.length === 0 ? undefined : request.rawBody);
    });
    payload.on('error', done);
  });
}
