/**
 * Routes that take bodies larger than others. A body is read before anything else is known of a request, so who may send a large one is
 * found out before it is read, and few are in memory at a time: with its text, its parsed form and what is made of it, one of 8 MB
 * takes up to 100 MB.
 */
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bearerKey } from '../access/access.guard.js';
import type { CredentialCache } from '../access/credential-cache.js';
import { tenantOf } from '../access/principal.js';
import type { Priority } from '../admission/priority.js';
import { DomainError } from '../errors/domain-error.js';
import { sendProblem, toDomainError } from './problem.js';

/** In a process at once: 200 MB at the worst. */
const MAX_AT_ONCE = 2;
const RETRY_SECONDS = 1;

/** Raises the limit of a handler's bodies. It sets the priority too: Nest keeps one configuration of a route. */
export const LargeBody = (limitBytes: number, priority: Priority): ReturnType<typeof RouteConfig> =>
  RouteConfig({ priority, largeBodyBytes: limitBytes });

function largeBodyBytes(config: unknown): number | undefined {
  if (typeof config !== 'object' || config === null || !('largeBodyBytes' in config)) return undefined;
  return typeof config.largeBodyBytes === 'number' ? config.largeBodyBytes : undefined;
}

/** Before routes are registered, and after admission: whoever is refused there asks for nothing here. */
export function limitLargeBodies(fastify: FastifyInstance, credentials: CredentialCache): void {
  /** The tenants whose large bodies are being worked on. */
  const sending = new Set<string>();
  fastify.addHook('onRoute', (route) => {
    const limit = largeBodyBytes(route.config);
    if (limit !== undefined) route.bodyLimit = limit;
  });
  fastify.addHook('onRequest', async (request, reply) => {
    if (largeBodyBytes(request.routeOptions.config) === undefined) return undefined;
    try {
      const tenant = await tenantBehind(request, credentials);
      if (sending.has(tenant)) throw new DomainError('service.rate_limited', { retryAfterSeconds: RETRY_SECONDS });
      if (sending.size >= MAX_AT_ONCE)
        throw new DomainError('service.overloaded', { retryAfterSeconds: RETRY_SECONDS });
      // Its caller may have gone while we found out who they are: then nothing will tell us any more.
      if (reply.raw.destroyed) return undefined;
      sending.add(tenant);
      reply.raw.once('close', () => sending.delete(tenant));
      return undefined;
    } catch (error) {
      sendProblem(toDomainError(error), request, reply);
      return reply;
    }
  });
}

/** The guard says the same, once the body is there. */
async function tenantBehind(request: FastifyRequest, credentials: CredentialCache): Promise<string> {
  const { authorization } = request.headers;
  if (authorization === undefined) throw new DomainError('auth.missing_credentials');
  const key = bearerKey(authorization);
  const principal = key === undefined ? undefined : await credentials.find(key);
  if (principal === undefined) throw new DomainError('auth.invalid_credentials');
  if (principal.kind !== 'merchant') throw new DomainError('auth.forbidden');
  return tenantOf(principal);
}
