/** What happens to gateways, networks and customers in one simulated stretch of time. */

/** Of simulated time, in ms. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

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
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly days: number;
  readonly paymentsPerDay: number;
  readonly base: Base;
  /** Troubles of one run: where they fall is the seed's. */
  troubles(random: () => number): readonly Trouble[];
}

const USUAL: Base = {
  alpha: { mtn: 0.96, telecel: 0.93, card: 0.94 },
  beta: { mtn: 0.94, telecel: 0.95, card: 0.9 },
  gamma: { mtn: 0.91, telecel: 0.9, card: 0.95 },
};

const EVEN: Base = {
  alpha: { mtn: 0.95, telecel: 0.95, card: 0.95 },
  beta: { mtn: 0.95, telecel: 0.95, card: 0.95 },
  gamma: { mtn: 0.95, telecel: 0.95, card: 0.95 },
};

/** One trouble in each of `count` equal parts of the time, so that they do not overlap and each finds things as usual. */
function spread(
  random: () => number,
  days: number,
  count: number,
  hours: readonly [number, number],
  make: (fromMs: number, toMs: number) => Trouble,
): Trouble[] {
  const part = (days * DAY) / count;
  return Array.from({ length: count }, (_, index) => {
    const length = (hours[0] + random() * (hours[1] - hours[0])) * HOUR;
    // The first part of each is left for learning what usual is.
    const fromMs = index * part + 0.3 * part + random() * Math.max(0, 0.65 * part - length);
    return make(fromMs, fromMs + length);
  });
}

const outages =
  (days: number, count: number, hours: readonly [number, number], hangs: boolean) => (random: () => number) =>
    spread(random, days, count, hours, (fromMs, toMs) => ({
      kind: 'outage',
      fromMs,
      toMs,
      gateway: 'alpha',
      left: 0,
      hangs,
    }));

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'well',
    about: 'nothing is wrong',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: () => [],
  },
  {
    name: 'even',
    about: 'nothing is wrong, and all gateways succeed 95 times in a hundred',
    days: 7,
    paymentsPerDay: 3_000,
    base: EVEN,
    troubles: () => [],
  },
  {
    name: 'outage',
    about: 'the best gateway refuses everything for 20 to 90 minutes, three times',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: outages(4, 3, [1 / 3, 1.5], false),
  },
  {
    name: 'hang',
    about: 'the best gateway does not answer for 20 to 90 minutes, three times',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: outages(4, 3, [1 / 3, 1.5], true),
  },
  {
    name: 'segment',
    about: 'the best gateway is dead for one network only, an hour or two, three times',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: (random) =>
      spread(random, 4, 3, [1, 2], (fromMs, toMs) => ({
        kind: 'outage',
        fromMs,
        toMs,
        gateway: 'alpha',
        network: 'mtn',
        left: 0,
      })),
  },
  {
    name: 'brown_out',
    about: 'the best gateway succeeds half as often as usual for two to six hours, three times',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: (random) =>
      spread(random, 4, 3, [2, 6], (fromMs, toMs) => ({
        kind: 'brown_out',
        fromMs,
        toMs,
        gateway: 'alpha',
        left: 0.5,
      })),
  },
  {
    name: 'decay',
    about: 'the best gateway gets slowly worse, to half of the usual, and better again, over a day',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: (random) =>
      spread(random, 4, 2, [24, 24], (fromMs, toMs) => ({ kind: 'decay', fromMs, toMs, gateway: 'alpha', left: 0.5 })),
  },
  {
    name: 'network',
    about: 'one mobile network is down wherever it is reached, for half an hour to two hours, three times',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: (random) =>
      spread(random, 4, 3, [0.5, 2], (fromMs, toMs) => ({
        kind: 'network_down',
        fromMs,
        toMs,
        network: 'mtn',
        left: 0,
      })),
  },
  {
    name: 'customers',
    about: 'pay day: six customers in ten fail by their own fault for some hours, twice; gateways are well',
    days: 4,
    paymentsPerDay: 3_000,
    base: USUAL,
    troubles: (random) =>
      spread(random, 4, 2, [6, 12], (fromMs, toMs) => ({ kind: 'customers', fromMs, toMs, left: 0.6 })),
  },
  {
    name: 'low',
    about:
      'a small fintech: 500 payments a day, and the best gateway refuses everything for one to four hours, six times in two weeks',
    days: 14,
    paymentsPerDay: 500,
    base: USUAL,
    troubles: outages(14, 6, [1, 4], false),
  },
];
