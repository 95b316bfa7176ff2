import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import {
  ADMIN_AREA,
  AREA,
  AUDIENCE,
  EVERY_AREA,
  NEEDS,
  PEOPLE_ONLY,
  UNATTENDED,
  UNATTENDED_HEADER,
  type Audience,
  type AuthenticatedRequest,
} from './access.js';
import { CredentialCache } from './credential-cache.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { ADMIN_AREAS, isPermitted, levelFor, mustBeAllowed, type AdminArea, type WantedLevel } from './permissions.js';
import { tenantOf, type AdminPrincipal, type MerchantPrincipal, type Principal } from './principal.js';
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
    private readonly trail: AuditTrail,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const audience = this.reflector.getAllAndOverride<Audience | undefined>(AUDIENCE, targetsOf(context));
    if (audience === 'public') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const header = request.headers.authorization;
    if (audience === 'admin' || audience === 'session') return this.admitAdmin(request, audience, context);
    if (header === undefined) throw new DomainError('auth.missing_credentials');
    const key = bearerKey(header);
    if (key === undefined) throw new DomainError('auth.invalid_credentials');
    const admit = (principal: Principal | undefined): boolean => {
      if (principal === undefined) throw new DomainError('auth.invalid_credentials');
      if (principal.kind !== audience || principal.kind !== 'merchant') throw new DomainError('auth.forbidden');
      // Its own limits, where admission did not know yet whose request it is.
      request.ticket?.identify(tenantOf(principal), principal.limits);
      this.mustReach(principal, request.method, context);
      request.principal = principal;
      return true;
    };
    const known = this.credentials.peek(key);
    return known === undefined ? this.credentials.find(key).then(admit) : admit(known.value);
  }

  /** A person's session or a key; that somebody we know is refused goes into the audit log. */
  private async admitAdmin(request: Request, audience: 'admin' | 'session', context: ExecutionContext): Promise<true> {
    const principal = await this.adminOf(request, context);
    try {
      this.mustBeGenuine(principal, request);
      if (audience === 'admin') this.mustBePermitted(principal, request.method, context);
      else if (principal.session === undefined) throw new DomainError('auth.forbidden');
    } catch (error) {
      if (error instanceof DomainError) await this.trail.refused(principal, request, error);
      throw error;
    }
    request.principal = principal;
    return true;
  }

  private async adminOf(request: Request, context: ExecutionContext): Promise<AdminPrincipal> {
    const header = request.headers.authorization;
    if (header === undefined) {
      const token = sessionTokenOf(request.headers.cookie);
      if (token === undefined) throw new DomainError('auth.missing_credentials');
      const isUnattended =
        request.headers[UNATTENDED_HEADER] !== undefined ||
        this.reflector.getAllAndOverride<boolean | undefined>(UNATTENDED, targetsOf(context)) === true;
      const person = await this.sessions.find(token, isUnattended ? 'unattended' : 'attended');
      if (person === undefined) throw new DomainError('auth.session_over');
      return person;
    }
    const key = bearerKey(header);
    const principal = key === undefined ? undefined : await this.credentials.find(key);
    if (principal === undefined) throw new DomainError('auth.invalid_credentials');
    if (principal.kind !== 'admin') throw new DomainError('auth.forbidden');
    return principal;
  }

  /** Browsers send a session's cookie with whatever goes to this host, also from pages that are not ours. */
  private mustBeGenuine({ session }: AdminPrincipal, request: Request): void {
    if (session === undefined || levelFor(request.method) === 'read') return;
    if (!isCsrfTokenOf(session.token, request.headers[CSRF_HEADER])) throw new DomainError('auth.csrf_token_missing');
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
    const area = this.reflector.getAllAndOverride<AdminArea | typeof EVERY_AREA | undefined>(
      ADMIN_AREA,
      targetsOf(context),
    );
    if (area === undefined) throw new DomainError('auth.forbidden');
    const wanted =
      this.reflector.getAllAndOverride<WantedLevel | undefined>(NEEDS, targetsOf(context)) ?? levelFor(method);
    if (
      session === undefined &&
      this.reflector.getAllAndOverride<boolean | undefined>(PEOPLE_ONLY, targetsOf(context)) === true
    )
      throw new DomainError('auth.people_only');
    if (session?.provedAt === null) throw new DomainError('auth.second_factor_not_set_up');
    if (area !== EVERY_AREA) mustBeAllowed(permissions, area, wanted);
    // Something, somewhere. What exactly, the handler looks at.
    else if (!ADMIN_AREAS.some((each) => isPermitted(permissions, each, wanted)))
      throw new DomainError('auth.missing_permission', { detail: `There is nothing that you may ${wanted}.` });
    if (wanted === 'authorise' && session?.provedLately === false) throw new DomainError('auth.step_up_required');
  }
}

function targetsOf(context: ExecutionContext) {
  return [context.getHandler(), context.getClass()];
}
