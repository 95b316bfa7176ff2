/**
 * Which gateway account gives money back, and which pays out. A refund goes to where the charge was captured and nowhere else. A payout
 * goes to the first account by priority that can pay the destination, minus those that an operator has closed for maintenance, whose breaker is open
 * or whose float is surely too small.
 */
import type { Attempt } from './attempt.js';
import type { Breakers } from './breakers.js';
import { disbursementSegment, railOf } from './disbursement-segment.js';
import type { AccountFloats } from './account-floats.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import type { GatewayPayouts } from './gateways/gateway-parts.js';
import { newAttempt } from './new-attempt.js';
import type { PlannedAttempt } from './payment-routing.js';
import type { RoutedPayout, RoutedRefund } from './routed-payment.js';
import { windowOver, type RoutingPolicy } from './rules/policy.js';

export interface DisbursementPlanning {
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Pick<Breakers, 'admit' | 'opensUntil'>;
  readonly floats: Pick<AccountFloats, 'wouldFit' | 'planned'>;
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
  const policy = dependencies.policy.current();
  const candidates = payoutCandidates(dependencies, payout, attempts).filter(
    (account) => windowOver(policy, account, railOf(payout), now.getTime()) === undefined,
  );
  const choice = choose(dependencies, payout, candidates, onlyReady);
  const payouts = choice && dependencies.adapters.get(choice.account.gateway)?.payouts;
  if (choice === undefined || payouts === undefined) return undefined;
  dependencies.floats.planned(choice.account.id, payout.currency, payout.amountMinor);
  return { attempt: newAttempt(payout, choice.account, attempts, payouts, now), reason: choice.reason };
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

interface Choice {
  readonly account: RoutingAccount;
  readonly reason: Readonly<Record<string, unknown>>;
}

/**
 * Where every breaker is open, the one that is due for a probe soonest is tried all the same, as with payments. Where no float suffices, the
 * preferred account has it: it waits there until the float is filled up, or another account's is.
 */
function choose(
  { breakers, floats }: DisbursementPlanning,
  payout: RoutedPayout,
  candidates: readonly RoutingAccount[],
  onlyReady: boolean,
): Choice | undefined {
  const fitting = candidates.filter(({ id }) => floats.wouldFit(id, payout.currency, payout.amountMinor));
  const short = candidates.filter((each) => !fitting.includes(each)).map(({ id }) => id);
  const segmentOf = ({ id }: RoutingAccount) => disbursementSegment(id, payout);
  const open: string[] = [];
  const because = (rule: string, account: RoutingAccount): Choice => ({
    account,
    reason: {
      rule,
      priority: account.priority,
      candidates: candidates.length,
      passed_over_open: open,
      passed_over_short_of_float: short.filter((id) => id !== account.id),
    },
  });
  for (const account of fitting) {
    if (breakers.admit(segmentOf(account))) return because('priority', account);
    open.push(account.id);
  }
  if (onlyReady) return undefined;
  const [first, ...others] = fitting;
  if (first === undefined) return candidates[0] && because('all_short_of_float', candidates[0]);
  const opensUntil = (account: RoutingAccount): number => breakers.opensUntil(segmentOf(account));
  return because(
    'all_open',
    others.reduce((best, account) => (opensUntil(account) < opensUntil(best) ? account : best), first),
  );
}
