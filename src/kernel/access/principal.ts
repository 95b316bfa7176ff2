import type { OwnLimits } from '../admission/own-limits.js';
import type { Permissions } from './permissions.js';

/** Who is calling, once the guard has looked at the key or the session. */
export interface MerchantPrincipal {
  readonly kind: 'merchant';
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly keyId: string;
  /** Our fee in basis points of each captured amount. */
  readonly platformFeeBps: number;
  /** What the key is limited to; absent: nothing. */
  readonly scopes?: ReadonlySet<string>;
  /** What operators have set for the merchant; absent: nothing yet. */
  readonly limits?: OwnLimits;
}

/** Whoever acts on /admin/v1: a key, or a person in a session. */
export interface AdminPrincipal {
  readonly kind: 'admin';
  /** Of the key or the person. */
  readonly id: string;
  /** Absent: everything. */
  readonly permissions?: Permissions;
  /** Absent: it is a key. */
  readonly session?: AdminSession;
}

export interface AdminSession {
  readonly id: string;
  /** Whoever shows it is in the session. */
  readonly token: string;
  /** When it ends, however busy it is. */
  readonly expiresAt: Date;
  /** When the second factor was last shown; null: not yet, so that nothing is allowed but to set one up. */
  readonly provedAt: Date | null;
  /** It was shown so short a time ago that it need not be shown again to authorise something. */
  readonly provedLately: boolean;
}

export type Principal = MerchantPrincipal | AdminPrincipal;

/** A person in a session. */
export type SessionPrincipal = AdminPrincipal & Required<Pick<AdminPrincipal, 'session' | 'permissions'>>;

/** Whose limits and rows a merchant's request is about: a merchant has test and live mode apart. */
export function tenantOf({ merchantId, livemode }: MerchantPrincipal): string {
  return `${merchantId}/${livemode ? 'live' : 'test'}`;
}
