/**
 * Chooses the gateway account for a payment's next attempt: a plain order of priority, minus accounts whose breaker is open, and with
 * those last whose gateway is too slow for what it has to do.
 */
import type { Attempt } from './attempt.js';
import type { Breakers } from './breakers.js';
import { networkOf, type Segment } from './choice/segment.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { supports } from './gateways/supports.js';
import { newAttempt } from './new-attempt.js';
import type { PlannedAttempt } from './payment-routing.js';
import type { RoutedPayment } from './routed-payment.js';

export interface PlanningDependencies {
  readonly breakers: Pick<Breakers, 'admit' | 'opensUntil' | 'isNetworkDown'>;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  /** Whether an attempt for this account would be sent in good time. */
  sendsSoon(accountId: string): boolean;
  accountsFor(merchantId: string, livemode: boolean): readonly RoutingAccount[];
}

interface Choice {
  readonly account: RoutingAccount;
  readonly reason: Readonly<Record<string, unknown>>;
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
  // What fails wherever it is reached is not asked for a second time: the customer would only be asked again.
  if (attempts.length > 0 && isNetworkDown(dependencies, payment)) return undefined;
  const choice = choose(dependencies, payment, attempts, onlyHealthy);
  const adapter = choice && dependencies.adapters.get(choice.account.gateway);
  if (choice === undefined || adapter === undefined) return undefined;
  const attempt = newAttempt(payment, choice.account, attempts, adapter, now);
  return { attempt, reason: choice.reason };
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

/**
 * One that sends it in good time goes before a preferred one that would not: from there it would only be diverted later.
 *
 * When every account left is open, the one that is due for a probe soonest is tried all the same: not trying is a certain failure
 * of this payment, and a breaker that tripped by bad luck would turn into a total outage for a merchant with one gateway.
 * At worst the attempt is refused at once, or becomes unknown and is resolved; it can never charge twice.
 */
function choose(
  dependencies: PlanningDependencies,
  payment: RoutedPayment,
  attempts: readonly Attempt[],
  onlyHealthy: boolean,
): Choice | undefined {
  const { breakers } = dependencies;
  const network = networkOf(payment.currency, payment.method);
  const segmentOf = (accountId: string): Segment => ({ accountId, network });
  const candidates = candidatesFor(dependencies, payment, attempts);
  const busy = candidates.filter(({ id }) => !dependencies.sendsSoon(id));
  const open: string[] = [];
  for (const account of [...candidates.filter((each) => !busy.includes(each)), ...busy]) {
    if (breakers.admit(segmentOf(account.id))) {
      return {
        account,
        reason: {
          rule: 'priority',
          priority: account.priority,
          candidates: candidates.length,
          passed_over_open: open,
          passed_over_busy: busy.filter((each) => each.priority < account.priority).map(({ id }) => id),
        },
      };
    }
    open.push(account.id);
  }
  if (onlyHealthy) return undefined;
  const [first, ...others] = candidates;
  if (first === undefined) return undefined;
  const opensUntil = ({ id }: RoutingAccount): number => breakers.opensUntil(segmentOf(id));
  const soonest = others.reduce((best, account) => (opensUntil(account) < opensUntil(best) ? account : best), first);
  return {
    account: soonest,
    reason: { rule: 'all_open', priority: soonest.priority, candidates: candidates.length, passed_over_open: open },
  };
}
