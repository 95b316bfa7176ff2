/** Admission as Fastify hooks: before the body is read, so that a refusal costs next to nothing. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerKey } from '../access/access.guard.js';
import type { CredentialCache } from '../access/credential-cache.js';
import { tenantOf } from '../access/principal.js';
import { sendProblem, toDomainError } from '../http/problem.js';
import type { Admission, Ticket } from './admission.js';
import { priorityOf } from './priority.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined for what is always answered. */
    ticket?: Ticket;
  }
}

/** The merchant of a key that was used within the last second; the guard finds the others, once the body is there. */
function knownMerchant(request: FastifyRequest, credentials: CredentialCache): string | undefined {
  const key = bearerKey(request.headers.authorization);
  const principal = key === undefined ? undefined : credentials.peek(key)?.principal;
  return principal?.kind === 'merchant' ? tenantOf(principal) : undefined;
}

export function admitRequests(fastify: FastifyInstance, admission: Admission, credentials: CredentialCache): void {
  fastify.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const priority = priorityOf(request.method, request.routeOptions.config);
    if (priority === 'exempt') {
      done();
      return;
    }
    try {
      const ticket = admission.admit(priority, knownMerchant(request, credentials));
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
