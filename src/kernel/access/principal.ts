/** Who is calling, once the guard has looked at the key. */
export interface MerchantPrincipal {
  readonly kind: 'merchant';
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly keyId: string;
  /** Our fee in basis points of each captured amount. */
  readonly platformFeeBps: number;
}

export interface AdminPrincipal {
  readonly kind: 'admin';
  readonly keyId: string;
}

export type Principal = MerchantPrincipal | AdminPrincipal;
