/**
 * Admission as the HTTP server sees it. For whom there is no room is refused at the door (kernel/door), and most others who are refused
 * never get as far as the framework: what a refusal costs is taken from those who are let in. The hook decides for all others, and
 * takes the place.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerKey } from '../access/access.guard.js';
import type { CredentialCache } from '../access/credential-cache.js';
import { tenantOf } from '../access/principal.js';
import type { DomainError } from '../errors/domain-error.js';
import { pathOf } from '../http/problem-document.js';
import { sendProblem, toDomainError, writeProblem } from '../http/problem.js';
import { newId } from '../ids/ids.js';
import type { Admission, RateLimit, Ticket } from './admission.js';
import type { OwnLimits } from './own-limits.js';
import { priorityOf, type Priority } from './priority.js';

interface KnownMerchant {
  /** `<merchant>/<mode>`. */
  readonly tenant: string;
  readonly limits: OwnLimits | undefined;
  readonly key: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined for what is always answered. */
    ticket?: Ticket;
  }
}

/** The merchant of a key that was used a short while ago; the guard finds the others, once the body is there. */
function knownMerchant(authorization: string | undefined, credentials: CredentialCache): KnownMerchant | undefined {
  const key = bearerKey(authorization);
  const principal = key === undefined ? undefined : credentials.lastKnown(key);
  if (key === undefined || principal?.kind !== 'merchant') return undefined;
  return { tenant: tenantOf(principal), limits: principal.limits, key };
}

function headersOf({ limit, remaining, resetSeconds }: RateLimit): Readonly<Record<string, string>> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
  };
}

/**
 * What a merchant is told of its limit when that is why it is refused. Limits are read with keys, by the guard, to which nobody comes who is
 * refused here: one that all open requests wait under would be lifted for its merchant when the last of them ends. So the key is looked up
 * again, once a second.
 */
function headersOfRefusal(
  refusal: DomainError,
  merchant: KnownMerchant | undefined,
  admission: Admission,
  credentials: CredentialCache,
): Readonly<Record<string, string>> {
  if (merchant === undefined || refusal.code !== 'service.rate_limited') return {};
  // That it cannot be looked up at the moment is told to whom is let in.
  if (credentials.peek(merchant.key) === undefined) credentials.find(merchant.key).catch(() => undefined);
  const rateLimit = admission.rateLimit(merchant.tenant);
  return rateLimit === undefined ? {} : headersOf(rateLimit);
}

/**
 * Before routes are registered.
 * @returns the priority of each route, by `<method> <path>`, as they come to be registered
 */
export function admitRequests(
  fastify: FastifyInstance,
  admission: Admission,
  credentials: CredentialCache,
): ReadonlyMap<string, Priority> {
  const routes = new Map<string, Priority>();
  fastify.addHook('onRoute', ({ method, url, config }) => {
    for (const each of [method].flat()) routes.set(`${each} ${url}`, priorityOf(each, config));
  });
  refuseBeforeFramework(fastify, admission, credentials, routes);
  fastify.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const priority = priorityOf(request.method, request.routeOptions.config);
    if (priority === 'exempt') {
      done();
      return;
    }
    const merchant = knownMerchant(request.headers.authorization, credentials);
    try {
      const ticket = admission.admit(priority, merchant?.tenant, merchant?.limits);
      request.ticket = ticket;
      // However it ends: answered, failed, or its caller gone.
      reply.raw.once('close', () => ticket.release());
    } catch (error) {
      // Not thrown on to the filter: under load the short way counts.
      const refusal = toDomainError(error);
      void reply.headers(headersOfRefusal(refusal, merchant, admission, credentials));
      sendProblem(refusal, request, reply);
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
    if (rateLimit !== undefined) void reply.headers(headersOf(rateLimit));
    done(null, payload);
  });
  return routes;
}

/** Looks at each request before Fastify does. Knows the routes without parameters, which are those that come in crowds. */
function refuseBeforeFramework(
  { server }: FastifyInstance,
  admission: Admission,
  credentials: CredentialCache,
  routes: ReadonlyMap<string, Priority>,
): void {
  const inside = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const priority = routes.get(`${request.method} ${pathOf(request.url ?? '')}`) ?? 'exempt';
    const merchant = priority === 'exempt' ? undefined : knownMerchant(request.headers.authorization, credentials);
    const refusal = priority === 'exempt' ? undefined : admission.refusal(priority, merchant?.tenant, merchant?.limits);
    if (refusal !== undefined) {
      const more = headersOfRefusal(refusal, merchant, admission, credentials);
      writeProblem(refusal, newId('request'), request, response, more);
    } else for (const listener of inside) listener.call(server, request, response);
  });
}
