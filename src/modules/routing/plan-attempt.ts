/** Plans a payment's next attempt: chooses its gateway account, and says why. */
import type { Attempt } from './attempt.js';
import type { Breakers } from './breakers.js';
import { draw } from './choice/pick.js';
import { networkOf } from './choice/segment.js';
import { distributionOver, reasonFor } from './choose-account.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { supports } from './gateways/supports.js';
import { newAttempt } from './new-attempt.js';
import type { PlannedAttempt } from './payment-routing.js';
import type { Reason } from './reason.js';
import type { RoutedPayment } from './routed-payment.js';
import type { RoutingPolicy } from './rules/policy.js';

export interface PlanningDependencies {
  readonly breakers: Pick<Breakers, 'look' | 'propensitiesOf' | 'opensUntil' | 'isNetworkDown' | 'begin' | 'random'>;
  readonly policy: Pick<RoutingPolicy, 'current'>;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  /** Whether an attempt for this account would be sent in good time. */
  sendsSoon(accountId: string): boolean;
  accountsFor(merchantId: string, livemode: boolean): readonly RoutingAccount[];
}

interface Choice {
  readonly account: RoutingAccount;
  readonly reason: Reason;
}

/**
 * Plans the next attempt; each account is tried at most once per payment. `now` stamps the attempt.
 * @returns undefined when no account is left (with `onlyHealthy`: none whose breaker lets calls through).
 */
export function planAttempt(
  dependencies: PlanningDependencies,
  payment: RoutedPayment,
  attempts: readonly Attempt[],
  onlyHealthy: boolean,
  now: Date,
): PlannedAttempt | undefined {
  // What fails wherever it is reached is not asked for a second time: the customer would only be asked again. Nobody was asked by a call that
  // never left: a dead gateway and another one's bad moment look like a dead network, and would end a payment that a third takes.
  const wasAsked = attempts.some(({ status }) => status !== 'not_sent');
  if (wasAsked && isNetworkDown(dependencies, payment)) return undefined;
  const choice = choose(dependencies, payment, attempts, onlyHealthy, now);
  const adapter = choice && dependencies.adapters.get(choice.account.gateway);
  if (choice === undefined || adapter === undefined) return undefined;
  const attempt = newAttempt(payment, choice.account, attempts, adapter, now);
  return { attempt, reason: { ...choice.reason } };
}

/** Whether the network that a payment goes over fails at every gateway. */
export function isNetworkDown(
  { breakers }: Pick<PlanningDependencies, 'breakers'>,
  payment: Pick<RoutedPayment, 'currency' | 'method'>,
): boolean {
  return breakers.isNetworkDown(networkOf(payment.currency, payment.method));
}

/** Accounts that can take a payment and have not been tried, the preferred first. */
export function candidatesFor(
  { adapters, accountsFor }: Pick<PlanningDependencies, 'adapters' | 'accountsFor'>,
  payment: Pick<RoutedPayment, 'merchantId' | 'livemode' | 'currency' | 'method'>,
  attempts: readonly Attempt[],
): readonly RoutingAccount[] {
  const tried = new Set(attempts.map((each) => each.gatewayAccountId));
  return accountsFor(payment.merchantId, payment.livemode).filter((account) => {
    const capabilities = adapters.get(account.gateway)?.capabilities;
    return (
      capabilities !== undefined && !tried.has(account.id) && supports(capabilities, payment.currency, payment.method)
    );
  });
}

/** Chooses, takes the place of the probe if it is one, and takes note of who was passed over. */
function choose(
  dependencies: PlanningDependencies,
  payment: RoutedPayment,
  attempts: readonly Attempt[],
  onlyHealthy: boolean,
  now: Date,
): Choice | undefined {
  const { breakers, adapters, accountsFor, sendsSoon } = dependencies;
  const policy = dependencies.policy.current();
  const tried = new Set(attempts.map((each) => each.gatewayAccountId));
  const distribution = distributionOver(breakers, {
    policy,
    payment,
    accounts: candidatesFor({ adapters, accountsFor }, payment, []),
    tried,
    nowMs: now.getTime(),
    sendsSoon,
  });
  const { seen, because } = distribution;
  if (seen.length === 0 || (onlyHealthy && because === 'last_resort')) return undefined;
  const chosen =
    seen[
      draw(
        seen.map(({ propensity }) => propensity),
        breakers.random,
      )
    ];
  if (chosen === undefined) return undefined;
  if (because === 'chance' && chosen.look.state !== 'closed') breakers.begin(chosen.look.segment);
  return { account: chosen.account, reason: reasonFor(policy, distribution, chosen) };
}
