/** What would be done with a payment or payout that does not exist, and why. Changes nothing. */
import { encodeId } from '../../kernel/ids/ids.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { KnownFloat } from './account-floats.js';
import type { Distribution } from './choose-account.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import { candidateRow, shownCandidate, type NamedAccount } from './reason.js';
import { railOver, segmentOf, subjectOf, type ToRoute } from './routable.js';
import { windowOver, type Policy } from './rules/policy.js';

export interface Simulation {
  /** With the rules that are asked about. */
  readonly policy: Policy;
  /** Null: rules that are not stored. */
  readonly version: number | null;
  readonly isActive: boolean;
  readonly toRoute: ToRoute;
  readonly distribution: Distribution;
  /** All there are. */
  readonly accounts: readonly RoutingAccount[];
  /** Those of them that may take something of this merchant and mode. */
  readonly usable: readonly RoutingAccount[];
  /** Those of them that can take this. */
  readonly able: readonly RoutingAccount[];
  isNetworkDown(network: string): boolean;
  /** Of a payout: what is known to be there, in its currency. */
  readonly floats: readonly KnownFloat[];
}

export function named({ id, gateway, name }: Pick<RoutingAccount, 'id' | 'gateway' | 'name'>): NamedAccount {
  return { gateway_account: encodeId('gatewayAccount', id), gateway, name };
}

export function simulate(simulation: Simulation): Record<string, unknown> {
  const { policy, toRoute, distribution, accounts, usable, able } = simulation;
  const { network } = segmentOf('', toRoute);
  const rail = railOver(toRoute);
  const nowMs = Date.now();
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const subject = subjectOf(toRoute);
  const { match, because, seen, excluded } = distribution;
  const mine = accounts.filter(
    ({ livemode, merchantId }) =>
      livemode === toRoute.livemode && (merchantId === null || merchantId === toRoute.merchantId),
  );
  const unable = mine
    .filter((account) => !able.includes(account))
    .map((account) => ({ ...named(account), why: usable.includes(account) ? 'not_supported' : 'not_usable' }));
  const left = Object.entries(excluded).flatMap(([why, ids]) =>
    ids.flatMap((id) => {
      const account = byId.get(id);
      if (account === undefined) return [];
      const window = why === 'maintenance' ? windowOver(policy, account, rail, nowMs) : undefined;
      return [
        {
          ...named(account),
          why,
          ...(window === undefined ? {} : { maintenance_window: encodeId('maintenanceWindow', window.id) }),
          ...(why === 'float' ? { float: shownFloat(simulation, id) } : {}),
        },
      ];
    }),
  );
  return {
    object: 'routing_simulation',
    kind: toRoute.kind,
    livemode: toRoute.livemode,
    rule_set: { version: simulation.version, active: simulation.isActive },
    country: subject.country ?? null,
    network,
    network_down: simulation.isNetworkDown(network),
    rules_passed: policy.matcher.trace(subject),
    rule: match.rule,
    strategy: match.strategy,
    because: seen.length === 0 ? 'no_gateway_available' : because,
    candidates: seen
      .toSorted((a, b) => b.propensity - a.propensity)
      .map((each) => ({
        ...shownCandidate(candidateRow(each), () => named(each.account)),
        ...(each.scarcity === undefined
          ? {}
          : { float_scarcity: each.scarcity, float: shownFloat(simulation, each.account.id) }),
      })),
    excluded: [...left, ...unable],
  };
}

/** Null: nobody here knows it. */
function shownFloat({ floats }: Simulation, accountId: string): Record<string, unknown> | null {
  const float = floats.find((each) => each.accountId === accountId);
  if (float === undefined) return null;
  const { availableMinor, plannedMinor, askedAt, isStale } = float;
  return {
    available: toJsonAmount(availableMinor),
    planned: toJsonAmount(plannedMinor),
    asked_at: askedAt.toISOString(),
    stale: isStale,
  };
}
