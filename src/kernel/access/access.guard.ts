import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { ADMIN_AREA, AREA, AUDIENCE, NEEDS, type Audience, type AuthenticatedRequest } from './access.js';
import { CredentialCache } from './credential-cache.js';
import { isPermitted, levelFor, type AdminArea, type WantedLevel } from './permissions.js';
import { tenantOf, type AdminPrincipal, type MerchantPrincipal } from './principal.js';
import { isGranted, scopeFor, type Area } from './scopes.js';
import { SessionCache } from './session-cache.js';
import { CSRF_HEADER, isCsrfTokenOf, sessionTokenOf } from './session-token.js';

type Request = FastifyRequest & AuthenticatedRequest;

/** The key of an `Authorization: Bearer` header; undefined where there is none. */
export function bearerKey(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
}

/** Lets a request in when its key or session fits the audience of the handler. Handlers that name no audience are closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: CredentialCache,
    private readonly sessions: SessionCache,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const audience = this.reflector.getAllAndOverride<Audience | undefined>(AUDIENCE, targetsOf(context));
    if (audience === 'public') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const header = request.headers.authorization;
    if (header === undefined) return this.admitSession(request, audience, context);
    const key = bearerKey(header);
    if (key === undefined) throw new DomainError('auth.invalid_credentials');
    const admit = (principal: AuthenticatedRequest['principal']): boolean => {
      if (principal === undefined) throw new DomainError('auth.invalid_credentials');
      if (principal.kind !== audience) throw new DomainError('auth.forbidden');
      if (principal.kind === 'merchant') {
        // Its own limits, where admission did not know yet whose request it is.
        request.ticket?.identify(tenantOf(principal));
        this.mustReach(principal, request.method, context);
      } else {
        this.mustBePermitted(principal, request.method, context);
      }
      request.principal = principal;
      return true;
    };
    const known = this.credentials.peek(key);
    return known === undefined ? this.credentials.find(key).then(admit) : admit(known.value);
  }

  /** Browsers send a session's cookie with whatever goes to this host: it opens nothing but what is meant for people. */
  private async admitSession(
    request: Request,
    audience: Audience | undefined,
    context: ExecutionContext,
  ): Promise<true> {
    const isForPeople = audience === 'admin' || audience === 'session';
    const token = isForPeople ? sessionTokenOf(request.headers.cookie) : undefined;
    if (token === undefined) throw new DomainError('auth.missing_credentials');
    const principal = await this.sessions.find(token);
    if (principal === undefined) throw new DomainError('auth.session_over');
    if (levelFor(request.method) !== 'read' && !isCsrfTokenOf(token, request.headers[CSRF_HEADER]))
      throw new DomainError('auth.csrf_token_missing');
    if (audience === 'admin') this.mustBePermitted(principal, request.method, context);
    request.principal = principal;
    return true;
  }

  private mustReach({ scopes }: MerchantPrincipal, method: string, context: ExecutionContext): void {
    if (scopes === undefined) return;
    const area = this.reflector.getAllAndOverride<Area | undefined>(AREA, targetsOf(context));
    if (area === undefined) throw new DomainError('auth.forbidden');
    const wanted = scopeFor(area, method);
    if (!isGranted(scopes, wanted))
      throw new DomainError('auth.missing_scope', { detail: `This key is not allowed ${wanted}.` });
  }

  private mustBePermitted({ permissions, session }: AdminPrincipal, method: string, context: ExecutionContext): void {
    const area = this.reflector.getAllAndOverride<AdminArea | undefined>(ADMIN_AREA, targetsOf(context));
    if (area === undefined) throw new DomainError('auth.forbidden');
    const wanted =
      this.reflector.getAllAndOverride<WantedLevel | undefined>(NEEDS, targetsOf(context)) ?? levelFor(method);
    if (session?.provedAt === null) throw new DomainError('auth.second_factor_not_set_up');
    if (!isPermitted(permissions, area, wanted))
      throw new DomainError('auth.missing_permission', { detail: `You may not ${wanted} ${area}.` });
    if (wanted === 'authorise' && session?.provedLately === false) throw new DomainError('auth.step_up_required');
  }
}

function targetsOf(context: ExecutionContext) {
  return [context.getHandler(), context.getClass()];
}
