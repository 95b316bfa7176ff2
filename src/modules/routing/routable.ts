/**
 * What payments and payouts have in common for whoever chooses where they go: what rules may ask about, what their success is counted by, what
 * they cost. Of persons only the country goes any further.
 */
import { networkOf, type Segment } from './choice/segment.js';
import { disbursementSegment, railOf } from './disbursement-segment.js';
import { feeFor } from './fees/fee-model.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { RoutableKind } from './routable-kind.js';
import type { RoutedPayment, RoutedPayout } from './routed-payment.js';
import { countryOf } from './rules/country.js';
import { networkNamed, type RuleSubject } from './rules/match-rules.js';

type OfBoth = 'merchantId' | 'livemode' | 'amountMinor' | 'currency' | 'metadata';

/** As much of a payment as the choice depends on. */
export type PaymentToRoute = Pick<RoutedPayment, OfBoth | 'kind' | 'method' | 'customer'>;
/** As much of a payout as the choice depends on. */
export type PayoutToRoute = Pick<RoutedPayout, OfBoth | 'kind' | 'destination'>;
export type ToRoute = PaymentToRoute | PayoutToRoute;

/**
 * What an account is taken to keep of which nobody wrote it down: the usual, so that it is neither preferred nor avoided for it. Transfers cost
 * a flat part that is little of most amounts, or about a percent to wallets.
 */
export const USUAL_FEE_SHARE: Readonly<Record<RoutableKind, number>> = { payment: 0.015, payout: 0.005 };

export function subjectOf(toRoute: ToRoute): RuleSubject {
  const { kind, amountMinor, currency, merchantId, metadata } = toRoute;
  const method = methodOf(toRoute);
  const customer = toRoute.kind === 'payment' ? toRoute.customer : {};
  return {
    kind,
    amountMinor,
    currency,
    method,
    merchantId,
    metadata,
    country: countryOf({ currency, method, customer }),
  };
}

/** What an attempt's success is counted by. */
export function segmentOf(accountId: string, toRoute: ToRoute): Segment {
  return toRoute.kind === 'payout'
    ? disbursementSegment(accountId, toRoute)
    : { accountId, network: networkOf(toRoute.currency, toRoute.method) };
}

/** What it goes over, as maintenance windows name it. */
export function railOver(toRoute: ToRoute): string {
  return toRoute.kind === 'payout' ? railOf(toRoute) : networkOf(toRoute.currency, toRoute.method);
}

/** What an account would keep, as a share of the amount; null where nobody wrote it down. */
export function feeShareOf(account: Pick<RoutingAccount, 'fees'>, toRoute: ToRoute): number | null {
  const { kind, amountMinor, currency } = toRoute;
  if (account.fees.length === 0 || amountMinor === 0n) return null;
  const method = methodOf(toRoute);
  const fee = feeFor(account.fees, { kind, amountMinor, currency, method: method.type, network: networkNamed(method) });
  return fee === undefined ? null : Number(fee) / Number(amountMinor);
}

function methodOf(toRoute: ToRoute): RuleSubject['method'] {
  return toRoute.kind === 'payout' ? toRoute.destination : toRoute.method;
}
