/** What happens to gateways, networks and customers in one simulated stretch of time. What is not said here is drawn anew for each seed. */
import { between, betweenOrders, type Range } from './chance.js';

/** Of simulated time, in ms. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const GATEWAYS = ['alpha', 'beta', 'gamma'] as const;
export const NETWORKS = ['mtn', 'telecel', 'card'] as const;
export type Network = (typeof NETWORKS)[number];
/** Ghana's, roughly. */
export const SHARE_OF_NETWORK: Readonly<Record<Network, number>> = { mtn: 0.6, telecel: 0.25, card: 0.15 };

/** How often each gateway succeeds, customers apart, when nothing is wrong. */
export type Base = Readonly<Record<string, Readonly<Record<Network, number>>>>;

/** A stretch in which something is worse than usual. */
export interface Trouble {
  readonly kind: 'outage' | 'brown_out' | 'decay' | 'network_down' | 'customers';
  readonly fromMs: number;
  readonly toMs: number;
  /** Whom it strikes; undefined: all. */
  readonly gateway?: string;
  readonly network?: Network;
  /** What is left of the usual success at its worst; of `customers`: the share that fails by their own fault. */
  readonly left: number;
  /** The gateway does not refuse, it does not answer. */
  readonly hangs?: boolean;
  /** When it could have begun as well, in ms: what the informed router is told instead of `fromMs`. */
  readonly couldBeginMs: Range;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly days: number;
  readonly paymentsPerDay: number;
  base(random: () => number): Base;
  /** Troubles of one run: where they fall is the seed's. */
  troubles(random: () => number): readonly Trouble[];
}

/** A run's traffic is half to twice the scenario's. */
export const TRAFFIC: Range = [0.5, 2];
/** Of gateways in one network: how often the best succeeds, and how much less often the two others do. */
const BEST: Range = [0.93, 0.975];
const SECOND_BEST_LESS: Range = [0.005, 0.04];
const WORST_LESS: Range = [0.02, 0.08];

/** Alpha is the best for the largest network, and gets the troubles; for the others any gateway may be. */
function usual(random: () => number): Base {
  const of = (order: readonly string[]): Readonly<Record<string, number>> => {
    const best = between(BEST, random);
    const success = [best, best - between(SECOND_BEST_LESS, random), best - between(WORST_LESS, random)];
    return Object.fromEntries(order.map((gateway, index) => [gateway, success[index] ?? 0]));
  };
  const mtn = of(GATEWAYS);
  const telecel = of(shuffled(GATEWAYS, random));
  const card = of(shuffled(GATEWAYS, random));
  return Object.fromEntries(
    GATEWAYS.map((gateway) => [
      gateway,
      { mtn: mtn[gateway] ?? 0, telecel: telecel[gateway] ?? 0, card: card[gateway] ?? 0 },
    ]),
  );
}

function even(): Base {
  return Object.fromEntries(GATEWAYS.map((gateway) => [gateway, { mtn: 0.95, telecel: 0.95, card: 0.95 }]));
}

function shuffled(items: readonly string[], random: () => number): string[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

type What = Omit<Trouble, 'fromMs' | 'toMs' | 'left' | 'couldBeginMs'> & { readonly left: Range };

/** One trouble in each of `count` equal parts of the time, so that they do not overlap. */
function troubles(days: number, count: number, hours: Range, what: What): Scenario['troubles'] {
  const part = (days * DAY) / count;
  return (random) =>
    Array.from({ length: count }, (_, index) => {
      const length = betweenOrders(hours, random) * HOUR;
      // The first part of each is left for learning what usual is.
      const earliest = (index + 0.3) * part;
      const couldBeginMs: Range = [earliest, Math.max(earliest, (index + 0.95) * part - length)];
      const fromMs = between(couldBeginMs, random);
      return { ...what, fromMs, toMs: fromMs + length, left: between(what.left, random), couldBeginMs };
    });
}

const none: Scenario['troubles'] = () => [];
const NOTHING: Range = [0, 0];
/** What a brown-out or a decay leaves of the usual success. */
const SOME: Range = [0.3, 0.7];
const BUSY = { days: 4, paymentsPerDay: 3_000, base: usual };
/** A small fintech. */
const SMALL = { days: 14, paymentsPerDay: 500, base: usual };

export const SCENARIOS: readonly Scenario[] = [
  { ...BUSY, name: 'well', about: 'nothing is wrong', troubles: none },
  {
    ...BUSY,
    name: 'even',
    about: 'nothing is wrong, and all gateways succeed 95 times in a hundred',
    days: 7,
    base: even,
    troubles: none,
  },
  {
    ...BUSY,
    name: 'outage',
    about: 'the best gateway refuses everything for 15 minutes to two hours, three times',
    troubles: troubles(4, 3, [0.25, 2], { kind: 'outage', gateway: 'alpha', left: NOTHING }),
  },
  {
    ...BUSY,
    name: 'hang',
    about: 'the best gateway does not answer for 15 minutes to two hours, three times',
    troubles: troubles(4, 3, [0.25, 2], { kind: 'outage', gateway: 'alpha', left: NOTHING, hangs: true }),
  },
  {
    ...BUSY,
    name: 'segment',
    about: 'the best gateway is dead for one network only, for half an hour to four hours, three times',
    troubles: troubles(4, 3, [0.5, 4], { kind: 'outage', gateway: 'alpha', network: 'mtn', left: NOTHING }),
  },
  {
    ...BUSY,
    name: 'brown_out',
    about: 'the best gateway succeeds 0.3 to 0.7 times as often as usual, for two to eight hours, three times',
    troubles: troubles(4, 3, [2, 8], { kind: 'brown_out', gateway: 'alpha', left: SOME }),
  },
  {
    ...BUSY,
    name: 'decay',
    about:
      'the best gateway gets slowly worse, to 0.3 to 0.7 of the usual, and better again, over 18 to 30 hours, twice',
    troubles: troubles(4, 2, [18, 30], { kind: 'decay', gateway: 'alpha', left: SOME }),
  },
  {
    ...BUSY,
    name: 'network',
    about: 'one mobile network is down wherever it is reached, for half an hour to two hours, three times',
    troubles: troubles(4, 3, [0.5, 2], { kind: 'network_down', network: 'mtn', left: NOTHING }),
  },
  {
    ...BUSY,
    name: 'customers',
    about: 'pay day: four to eight customers in ten fail by their own fault for some hours, twice; gateways are well',
    troubles: troubles(4, 2, [6, 12], { kind: 'customers', left: [0.4, 0.8] }),
  },
  { ...SMALL, name: 'low_well', about: '500 payments a day, and nothing is wrong', troubles: none },
  {
    ...SMALL,
    name: 'low',
    about: '500 payments a day, and the best gateway refuses everything for one to four hours, six times in two weeks',
    troubles: troubles(14, 6, [1, 4], { kind: 'outage', gateway: 'alpha', left: NOTHING }),
  },
  {
    ...SMALL,
    name: 'low_segment',
    about: '500 payments a day, and the best gateway is dead for one network for one to four hours, six times',
    troubles: troubles(14, 6, [1, 4], { kind: 'outage', gateway: 'alpha', network: 'mtn', left: NOTHING }),
  },
  {
    ...SMALL,
    name: 'low_brown_out',
    about:
      '500 payments a day, and the best gateway succeeds 0.3 to 0.7 times as often for two to eight hours, six times',
    troubles: troubles(14, 6, [2, 8], { kind: 'brown_out', gateway: 'alpha', left: SOME }),
  },
];
