import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { AREA, AUDIENCE, type Audience, type AuthenticatedRequest } from './access.js';
import { CredentialCache } from './credential-cache.js';
import { tenantOf, type MerchantPrincipal } from './principal.js';
import { isGranted, scopeFor, type Area } from './scopes.js';

/** The key of an `Authorization: Bearer` header; undefined where there is none. */
export function bearerKey(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
}

/** Lets a request in when its key fits the audience of the handler. Handlers that name no audience are closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: CredentialCache,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const audience = this.reflector.getAllAndOverride<Audience | undefined>(AUDIENCE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (audience === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & AuthenticatedRequest>();
    const header = request.headers.authorization;
    if (header === undefined) throw new DomainError('auth.missing_credentials');
    const key = bearerKey(header);
    if (key === undefined) throw new DomainError('auth.invalid_credentials');
    const admit = (principal: AuthenticatedRequest['principal']): boolean => {
      if (principal === undefined) throw new DomainError('auth.invalid_credentials');
      if (principal.kind !== audience) throw new DomainError('auth.forbidden');
      if (principal.kind === 'merchant') {
        // Its own limits, where admission did not know yet whose request it is.
        request.ticket?.identify(tenantOf(principal));
        this.mustReach(principal, request.method, context);
      }
      request.principal = principal;
      return true;
    };
    const known = this.credentials.peek(key);
    return known === undefined ? this.credentials.find(key).then(admit) : admit(known.principal);
  }

  private mustReach({ scopes }: MerchantPrincipal, method: string, context: ExecutionContext): void {
    if (scopes === undefined) return;
    const area = this.reflector.getAllAndOverride<Area>(AREA, [context.getHandler(), context.getClass()]);
    const wanted = scopeFor(area, method);
    if (!isGranted(scopes, wanted))
      throw new DomainError('auth.missing_scope', { detail: `This key is not allowed ${wanted}.` });
  }
}
