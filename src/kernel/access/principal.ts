/** Who is calling, once the guard has looked at the key. */
export interface MerchantPrincipal {
  readonly kind: 'merchant';
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly keyId: string;
  /** Our fee in basis points of each captured amount. */
  readonly platformFeeBps: number;
  /** What the key is limited to; absent: nothing. */
  readonly scopes?: ReadonlySet<string>;
}

export interface AdminPrincipal {
  readonly kind: 'admin';
  readonly keyId: string;
}

export type Principal = MerchantPrincipal | AdminPrincipal;

/** Whose limits and rows a merchant's request is about: a merchant has test and live mode apart. */
export function tenantOf({ merchantId, livemode }: MerchantPrincipal): string {
  return `${merchantId}/${livemode ? 'live' : 'test'}`;
}
