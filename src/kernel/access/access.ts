import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { AuditInterceptor, OwnAccountAuditInterceptor } from '../audit/audit.interceptor.js';
import { DomainError } from '../errors/domain-error.js';
import type { AdminArea, WantedLevel } from './permissions.js';
import type { AdminPrincipal, MerchantPrincipal, Principal, SessionPrincipal } from './principal.js';
import type { Area } from './scopes.js';

export type Audience = 'merchant' | 'admin' | 'session' | 'public';
export const AUDIENCE = 'sankofa:audience';
export const AREA = 'sankofa:area';
export const ADMIN_AREA = 'sankofa:admin_area';
export const NEEDS = 'sankofa:needs';
export const PEOPLE_ONLY = 'sankofa:people_only';
export const UNATTENDED = 'sankofa:unattended';
/** On a request that a program makes by itself, while nobody touches anything: it does not keep the session alive. */
export const UNATTENDED_HEADER = 'x-unattended';

/**
 * For whom a controller or handler is. One without any of the four is refused by the guard: nothing is open by oversight.
 * @param area which part of the API it is, for keys that are limited to some
 */
export const MerchantApi = (area: Area): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(AUDIENCE, 'merchant' satisfies Audience), SetMetadata(AREA, area));
/** Which part of the admin API something is that is about all of them: the handler looks at what each row is about ({@link mustBeAllowed}). */
export const EVERY_AREA = 'every';
/** @param area which part of the admin API it is: to read there is enough for what is read, to manage for what is changed. See {@link Needs}. */
export const AdminApi = (area: AdminArea | typeof EVERY_AREA): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(AUDIENCE, 'admin' satisfies Audience),
    SetMetadata(ADMIN_AREA, area),
    UseInterceptors(AuditInterceptor),
  );
/** For a person about their own session, whatever they may do, and also before they have a second factor. */
export const SessionApi = (): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(AUDIENCE, 'session' satisfies Audience), UseInterceptors(OwnAccountAuditInterceptor));
export const PublicApi = (): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(AUDIENCE, 'public' satisfies Audience));

/** Which level a handler of the admin API needs, where its method does not tell. To authorise, a person shows the second factor anew. */
export const Needs = (level: WantedLevel): MethodDecorator => SetMetadata(NEEDS, level);

/** For people in a session, not for keys: who holds a key is not known, and may be the one whom it must not be. */
export const PeopleOnly = (): MethodDecorator & ClassDecorator => SetMetadata(PEOPLE_ONLY, true);

/** For a handler that no person waits for: to ask it is not to use the session. Others say so themselves ({@link UNATTENDED_HEADER}). */
export const Unattended = (): MethodDecorator => SetMetadata(UNATTENDED, true);

/**
 * For a handler that asks for something which another person approves (src/kernel/approvals): it answers 202 and the approval. To ask, to manage
 * is enough.
 */
export const NeedsApproval = (): MethodDecorator => applyDecorators(HttpCode(202), PeopleOnly());

/** What the guard leaves on the request. */
export interface AuthenticatedRequest {
  principal?: Principal;
}

function principalOf(context: ExecutionContext): Principal | undefined {
  return context.switchToHttp().getRequest<AuthenticatedRequest>().principal;
}

/** The calling merchant: `@CurrentMerchant() merchant: MerchantPrincipal`. */
export const CurrentMerchant = createParamDecorator((_: unknown, context: ExecutionContext): MerchantPrincipal => {
  const principal = principalOf(context);
  if (principal?.kind !== 'merchant') throw new DomainError('auth.forbidden');
  return principal;
});

/** Whoever calls the admin API. */
export const CurrentAdmin = createParamDecorator((_: unknown, context: ExecutionContext): AdminPrincipal => {
  const principal = principalOf(context);
  if (principal?.kind !== 'admin') throw new DomainError('auth.forbidden');
  return principal;
});

/** The person whose session it is: `@CurrentSession() person: SessionPrincipal`. */
export const CurrentSession = createParamDecorator((_: unknown, context: ExecutionContext): SessionPrincipal => {
  const principal = principalOf(context);
  if (principal?.kind !== 'admin' || principal.session === undefined || principal.permissions === undefined)
    throw new DomainError('auth.forbidden');
  return { ...principal, session: principal.session, permissions: principal.permissions };
});
