import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { DomainError } from '../errors/domain-error.js';
import type { AdminPrincipal, MerchantPrincipal, Principal } from './principal.js';
import type { Area } from './scopes.js';

export type Audience = 'merchant' | 'admin' | 'public';
export const AUDIENCE = 'sankofa:audience';
export const AREA = 'sankofa:area';

/**
 * For whom a controller or handler is. One without any of the three is refused by the guard: nothing is open by oversight.
 * @param area which part of the API it is, for keys that are limited to some
 */
export const MerchantApi = (area: Area): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(AUDIENCE, 'merchant' satisfies Audience), SetMetadata(AREA, area));
export const AdminApi = (): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(AUDIENCE, 'admin' satisfies Audience));
export const PublicApi = (): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(AUDIENCE, 'public' satisfies Audience));

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

/** The calling admin key. */
export const CurrentAdmin = createParamDecorator((_: unknown, context: ExecutionContext): AdminPrincipal => {
  const principal = principalOf(context);
  if (principal?.kind !== 'admin') throw new DomainError('auth.forbidden');
  return principal;
});
