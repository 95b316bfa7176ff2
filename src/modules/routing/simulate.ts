/** What would be done with a payment that does not exist, and why. Changes nothing. */
import { encodeId } from '../../kernel/ids/ids.js';
import { networkOf } from './choice/segment.js';
import { distributionOver, subjectOf, type Beliefs, type PaymentToRoute } from './choose-account.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { supports } from './gateways/supports.js';
import { candidateRow, shownCandidate, type NamedAccount } from './reason.js';
import { windowOver, type Policy } from './rules/policy.js';

export interface Simulation {
  /** With the rules that are asked about. */
  readonly policy: Policy;
  /** Null: rules that are not stored. */
  readonly version: number | null;
  readonly isActive: boolean;
  readonly payment: PaymentToRoute;
  /** All there are. */
  readonly accounts: readonly RoutingAccount[];
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly beliefs: Beliefs & { isNetworkDown(network: string): boolean };
  /** Those of `accounts` that may take a payment of this merchant and mode, the preferred first. */
  readonly usable: readonly RoutingAccount[];
  sendsSoon(accountId: string): boolean;
}

export function named({ id, gateway, name }: Pick<RoutingAccount, 'id' | 'gateway' | 'name'>): NamedAccount {
  return { gateway_account: encodeId('gatewayAccount', id), gateway, name };
}

export function simulate(simulation: Simulation): Record<string, unknown> {
  const { policy, payment, accounts, adapters, beliefs, usable, sendsSoon } = simulation;
  const network = networkOf(payment.currency, payment.method);
  const able = usable.filter(({ gateway }) => {
    const capabilities = adapters.get(gateway)?.capabilities;
    return capabilities !== undefined && supports(capabilities, payment.currency, payment.method);
  });
  const nowMs = Date.now();
  const distribution = distributionOver(beliefs, {
    policy,
    payment,
    accounts: able,
    tried: new Set(),
    nowMs,
    sendsSoon,
  });
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const subject = subjectOf(payment);
  const { match, because, seen, excluded } = distribution;
  const mine = accounts.filter(
    ({ livemode, merchantId }) =>
      livemode === payment.livemode && (merchantId === null || merchantId === payment.merchantId),
  );
  const unable = mine
    .filter((account) => !able.includes(account))
    .map((account) => ({ ...named(account), why: usable.includes(account) ? 'not_supported' : 'not_usable' }));
  const left = Object.entries(excluded).flatMap(([why, ids]) =>
    ids.flatMap((id) => {
      const account = byId.get(id);
      if (account === undefined) return [];
      const window = why === 'maintenance' ? windowOver(policy, account, network, nowMs) : undefined;
      return [
        {
          ...named(account),
          why,
          ...(window === undefined ? {} : { maintenance_window: encodeId('maintenanceWindow', window.id) }),
        },
      ];
    }),
  );
  return {
    object: 'routing_simulation',
    livemode: payment.livemode,
    rule_set: { version: simulation.version, active: simulation.isActive },
    country: subject.country ?? null,
    network,
    network_down: beliefs.isNetworkDown(network),
    rules_passed: policy.matcher.trace(subject),
    rule: match.rule,
    strategy: match.strategy,
    because: seen.length === 0 ? 'no_gateway_available' : because,
    candidates: seen
      .toSorted((a, b) => b.propensity - a.propensity)
      .map((each) => shownCandidate(candidateRow(each), () => named(each.account))),
    excluded: [...left, ...unable],
  };
}
