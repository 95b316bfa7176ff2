import { z } from 'zod';

/** What may go through one gateway or another. A refund goes to where its charge was captured, and nothing decides about it. */
export const routableKind = z.enum(['payment', 'payout']);
export type RoutableKind = z.infer<typeof routableKind>;

/** By which ways, of either kind. */
export const routableMethod = z.enum(['mobile_money', 'card', 'bank_transfer', 'ussd', 'bank_account']);
type RoutableMethod = z.infer<typeof routableMethod>;

/** The ways that each kind goes. */
export const METHODS_OF: Readonly<Record<RoutableKind, readonly RoutableMethod[]>> = {
  payment: ['mobile_money', 'card', 'bank_transfer', 'ussd'],
  payout: ['mobile_money', 'bank_account'],
};
