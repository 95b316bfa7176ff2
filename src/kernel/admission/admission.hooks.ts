/**
 * Admission as the HTTP server sees it. Most who are refused never get as far as the framework: when ten times too many
 * come, nine in ten are refused, and what that costs is taken from the tenth. The hook decides for all others, and takes the place.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerKey } from '../access/access.guard.js';
import type { CredentialCache } from '../access/credential-cache.js';
import { tenantOf } from '../access/principal.js';
import { pathOf, sendProblem, toDomainError, writeProblem } from '../http/problem.js';
import { newId } from '../ids/ids.js';
import type { Admission, Ticket } from './admission.js';
import { priorityOf, type Priority } from './priority.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined for what is always answered. */
    ticket?: Ticket;
  }
}

/** The merchant of a key that was used a short while ago; the guard finds the others, once the body is there. */
function knownMerchant(authorization: string | undefined, credentials: CredentialCache): string | undefined {
  const key = bearerKey(authorization);
  const principal = key === undefined ? undefined : credentials.lastKnown(key);
  return principal?.kind === 'merchant' ? tenantOf(principal) : undefined;
}

/** Before routes are registered. */
export function admitRequests(fastify: FastifyInstance, admission: Admission, credentials: CredentialCache): void {
  refuseAtTheDoor(fastify, admission, credentials);
  fastify.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const priority = priorityOf(request.method, request.routeOptions.config);
    if (priority === 'exempt') {
      done();
      return;
    }
    try {
      const ticket = admission.admit(priority, knownMerchant(request.headers.authorization, credentials));
      request.ticket = ticket;
      // However it ends: answered, failed, or its caller gone.
      reply.raw.once('close', () => ticket.release());
    } catch (error) {
      // Not thrown on to the filter: under load the short way counts.
      sendProblem(toDomainError(error), request, reply);
      return;
    }
    done();
  });
  fastify.addHook('preValidation', (request, _, done) => {
    request.ticket?.begin();
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const rateLimit = request.ticket?.rateLimit();
    if (rateLimit !== undefined) {
      void reply.headers({
        'ratelimit-limit': String(rateLimit.limit),
        'ratelimit-remaining': String(rateLimit.remaining),
        'ratelimit-reset': String(rateLimit.resetSeconds),
      });
    }
    done(null, payload);
  });
}

/** Looks at each request before Fastify does. Knows the routes without parameters, which are those that come in crowds. */
function refuseAtTheDoor(fastify: FastifyInstance, admission: Admission, credentials: CredentialCache): void {
  const { server } = fastify;
  const priorities = new Map<string, Priority>();
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const each of [method].flat()) priorities.set(`${each} ${url}`, priorityOf(each, config));
  });
  const inside = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const priority = priorities.get(`${request.method} ${pathOf(request.url ?? '')}`) ?? 'exempt';
    const refusal =
      priority === 'exempt'
        ? undefined
        : admission.refusal(priority, knownMerchant(request.headers.authorization, credentials));
    if (refusal !== undefined) writeProblem(refusal, newId('request'), request, response);
    else for (const listener of inside) listener.call(server, request, response);
  });
}
