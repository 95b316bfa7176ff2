/**
 * Which gateway account gives money back, and which pays out. A refund goes to where the charge was captured and nowhere else. Where a payout goes is
 * chosen as for payments, among the accounts that can pay the destination (`choose-account.ts`).
 */
import type { Attempt } from './attempt.js';
import type { Breakers } from './breakers.js';
import { distributionOver, drawFrom, type Distribution } from './choose-account.js';
import type { AccountFloats } from './account-floats.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import type { GatewayPayouts } from './gateways/gateway-parts.js';
import { newAttempt } from './new-attempt.js';
import type { PlannedAttempt } from './payment-routing.js';
import type { RoutedPayout, RoutedRefund } from './routed-payment.js';
import type { PayoutToRoute } from './routable.js';
import type { Policy, RoutingPolicy } from './rules/policy.js';

export interface DisbursementPlanning {
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Pick<Breakers, 'look' | 'propensitiesOf' | 'opensUntil' | 'begin' | 'random'>;
  readonly floats: Pick<AccountFloats, 'look' | 'planned'>;
  readonly policy: Pick<RoutingPolicy, 'current'>;
  accountsFor(merchantId: string, livemode: boolean): readonly RoutingAccount[];
}

/** The capture that a refund gives back, as far as planning needs it. */
export interface CapturedBy {
  readonly account: RoutingAccount;
  readonly capturedAmount: bigint;
}

export type RefundPlan =
  | { readonly kind: 'planned'; readonly planned: PlannedAttempt }
  | { readonly kind: 'impossible'; readonly code: 'refund_not_supported' | 'partial_refund_not_supported' };

export function planRefund(
  adapters: ReadonlyMap<string, GatewayAdapter>,
  refund: RoutedRefund,
  captured: CapturedBy,
  now: Date,
): RefundPlan {
  const refunds = adapters.get(captured.account.gateway)?.refunds;
  if (refunds === undefined) return { kind: 'impossible', code: 'refund_not_supported' };
  if (!refunds.partial && refund.amountMinor !== captured.capturedAmount)
    return { kind: 'impossible', code: 'partial_refund_not_supported' };
  const attempt = newAttempt(refund, captured.account, [], refunds, now);
  return { kind: 'planned', planned: { attempt, reason: { rule: 'captured_by', captured_by: refund.capturedBy } } };
}

/**
 * Plans the next attempt at a payout; each account is tried at most once.
 * @param onlyReady not one whose breaker is open or whose float is too small
 * @returns undefined when no account is left
 */
export function planPayout(
  dependencies: DisbursementPlanning,
  payout: RoutedPayout,
  attempts: readonly Attempt[],
  onlyReady: boolean,
  now: Date,
): PlannedAttempt | undefined {
  const { breakers, floats, adapters } = dependencies;
  const policy = dependencies.policy.current();
  const distribution = payoutDistribution(dependencies, policy, payout, attempts, now);
  const choice = drawFrom(breakers, policy, distribution, onlyReady);
  const payouts = choice && adapters.get(choice.account.gateway)?.payouts;
  if (choice === undefined || payouts === undefined) return undefined;
  floats.planned(choice.account.id, payout.currency, payout.amountMinor);
  return { attempt: newAttempt(payout, choice.account, attempts, payouts, now), reason: { ...choice.reason } };
}

/** How probable each account is that can pay a destination. Changes nothing. */
export function payoutDistribution(
  dependencies: Pick<DisbursementPlanning, 'adapters' | 'accountsFor' | 'floats'> & {
    readonly breakers: Pick<Breakers, 'look' | 'propensitiesOf' | 'opensUntil'>;
  },
  policy: Policy,
  payout: PayoutToRoute,
  attempts: readonly Attempt[],
  now: Date,
): Distribution {
  return distributionOver(dependencies.breakers, {
    policy,
    toRoute: payout,
    accounts: payoutCandidates(dependencies, payout, []),
    tried: new Set(attempts.map(({ gatewayAccountId }) => gatewayAccountId)),
    nowMs: now.getTime(),
    // Nobody stands at a till: they wait for their turn, rather than go where it is dearer.
    sendsSoon: () => true,
    floatOf: (accountId) => dependencies.floats.look(accountId, payout.currency, payout.amountMinor),
  });
}

/** Accounts that can pay a destination and have not been tried, the preferred first. */
export function payoutCandidates(
  { adapters, accountsFor }: Pick<DisbursementPlanning, 'adapters' | 'accountsFor'>,
  payout: Pick<RoutedPayout, 'merchantId' | 'livemode' | 'currency' | 'destination'>,
  attempts: readonly Attempt[],
): readonly RoutingAccount[] {
  const tried = new Set(attempts.map((each) => each.gatewayAccountId));
  return accountsFor(payout.merchantId, payout.livemode).filter((account) => {
    const payouts = adapters.get(account.gateway)?.payouts;
    return payouts !== undefined && !tried.has(account.id) && pays(payouts, payout) && hasCredentials(payouts, account);
  });
}

function pays(payouts: GatewayPayouts, { currency, destination }: Pick<RoutedPayout, 'currency' | 'destination'>) {
  if (payouts.destinationCurrencies[destination.type]?.includes(currency) !== true) return false;
  return destination.type !== 'mobile_money' || payouts.networks[currency]?.includes(destination.network) === true;
}

function hasCredentials(payouts: GatewayPayouts, account: RoutingAccount): boolean {
  return payouts.requiredCredentials.every((name) => (account.credentials[name] ?? '') !== '');
}
