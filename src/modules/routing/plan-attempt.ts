/** Plans a payment's next attempt: chooses its gateway account, and says why. */
import type { Attempt } from './attempt.js';
import type { Breakers } from './breakers.js';
import { networkOf } from './choice/segment.js';
import { distributionOver, drawFrom, type Choice } from './choose-account.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { supports } from './gateways/supports.js';
import { newAttempt } from './new-attempt.js';
import type { PlannedAttempt } from './payment-routing.js';
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

function choose(
  dependencies: PlanningDependencies,
  payment: RoutedPayment,
  attempts: readonly Attempt[],
  onlyHealthy: boolean,
  now: Date,
): Choice | undefined {
  const { breakers, adapters, accountsFor, sendsSoon } = dependencies;
  const policy = dependencies.policy.current();
  const distribution = distributionOver(breakers, {
    policy,
    toRoute: payment,
    accounts: candidatesFor({ adapters, accountsFor }, payment, []),
    tried: new Set(attempts.map((each) => each.gatewayAccountId)),
    nowMs: now.getTime(),
    sendsSoon,
  });
  return drawFrom(breakers, policy, distribution, onlyHealthy);
}
