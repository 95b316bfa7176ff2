/**
 * What happens when: a pure function of seed, length and profile. Nothing here looks at the world, so that a seed is replayed as
 * far as real processes allow it.
 */
import { CRASH_POINTS, type CrashPoint } from '../../src/kernel/crash-points/crash-point-names.js';
import type { Fault } from '../support/program.js';
import { mixture } from './faults/gateway-mixture.js';
import { planPayouts, planRefunds, type PayoutOrder, type RefundOrder } from './money-out-orders.js';
import { planOperators, type OperatorOrder } from './operator-orders.js';
import { planOrders, type Order } from './orders.js';
import { DISTURBANCES, type Disturbance, type Profile } from './profile.js';
import { seededRandom, type Random } from './random.js';
import { SLOTS, type DuePoint, type SlotName, type Start } from './world/fleet.js';
import { MERCHANT_COUNT } from './world/merchants.js';
import { GATEWAYS, GENERALISTS, PURSES, SPECIALISTS, type GatewayName, type Purse } from './world/gateway-accounts.js';

export interface Moment {
  readonly atMs: number;
  readonly kind: Disturbance;
  readonly slot: SlotName;
  /** How long it lasts, where it lasts. */
  readonly ms: number;
}

export interface GatewayWeather {
  readonly faults: readonly Fault[];
  /** In which gateways are tried: each comes first at some time, so that each is really used. */
  readonly order: readonly GatewayName[];
  /** Purses that hold next to nothing for a while. */
  readonly short: readonly Purse[];
}

export interface Plan {
  readonly seed: number;
  readonly seconds: number;
  readonly profile: Profile;
  readonly random: Random;
  readonly orders: readonly Order[];
  readonly refunds: readonly RefundOrder[];
  readonly payouts: readonly PayoutOrder[];
  readonly operators: readonly OperatorOrder[];
  readonly moments: readonly Moment[];
  readonly weather: readonly (GatewayWeather & { readonly atMs: number })[];
  /** What comes after the load, turn by turn, while merchants still give back and pay out. */
  readonly weatherAfterwards: readonly GatewayWeather[];
  readonly starts: Readonly<Record<SlotName, readonly Start[]>>;
  readonly due: readonly DuePoint[];
  readonly chargeTimeoutMs: number;
}

/** Between two disturbances. */
const PAUSE_MS = { min: 900, max: 2_400 };
/** The first ones come once there is something to disturb. */
const FIRST_MS = 1_500;
/** The gateways' faults, and their order, change this often. */
const WEATHER_MS = 8_000;
/** Refunds and payouts follow payments, in a disturbed run by so long that half of them come after the load; so many turns meet every fault of theirs. */
const TURNS_AFTERWARDS = 6;

const SPECIALISTS_FIRST = 0.5;
/** Of the purses, in any turn. */
const SHORT_OF_FLOAT = 0.2;
const LAST_WITH_MONEY: readonly Pick<Purse, 'gateway' | 'currency'>[] = [
  { gateway: 'monnify', currency: 'NGN' },
  { gateway: 'hubtel', currency: 'GHS' },
  { gateway: 'monnify', currency: 'NGN' },
];

/** Lasting disturbances, in ms: STANDARDS 4 speaks of 60 s for Redis, which a run of 40 s has at a twelfth. */
const LASTS: Readonly<Partial<Record<Disturbance, { min: number; max: number }>>> = {
  freeze: { min: 1_500, max: 6_000 },
  // Longer than the lease of a queue's job.
  freeze_relay_leader: { min: 4_000, max: 12_000 },
  redis_stop: { min: 500, max: 4_000 },
  redis_kill: { min: 100, max: 1_000 },
  redis_pause: { min: 2_000, max: 5_000 },
  redis_full: { min: 2_000, max: 4_000 },
  // Longer than the pool's own patience of 5 s, so that callers are told.
  pool_exhausted: { min: 5_500, max: 6_500 },
  postgres_disk_full: { min: 1_000, max: 2_500 },
};

/** Points that only requests or only rare events pass: struck at their first or second time, or never. */
const RARE: ReadonlySet<CrashPoint> = new Set([
  'outbox.after_redispatch',
  'outbox.after_sweep',
  'payments.before_key_answer',
  'payments.after_key_answer',
  'routing.after_check_claim',
]);
/** A process that only works does not answer requests. */
const OF_REQUESTS: ReadonlySet<CrashPoint> = new Set([
  'payments.before_accept',
  'payments.after_accept',
  'payments.before_key_answer',
  'payments.after_key_answer',
  'routing.before_webhook_stored',
  'routing.after_webhook_stored',
]);

/** A sweep that finds nothing lost comes there too; what is collected is booked in few, large batches. */
const HARD_TO_MEET: ReadonlySet<CrashPoint> = new Set<CrashPoint>([
  ...[...RARE].filter((point) => point !== 'outbox.after_sweep'),
  'ledger.after_posting',
]);
/** In every so many-th seed a point is due: any ten seeds in a row have each twice, and those that are hard to meet three times. */
const DUE_EVERY = { usual: 4, rare: 3 };
/** Soon, as the others that are due come after it. */
const DUE_WITHIN_HITS = 3;

/** Clocks are off by seconds (no NTP), by minutes (a virtual machine that slept), or by an hour (a wrong time zone). */
const SKEWS_MS = [-3_600_000, -90_000, -4_000, 4_000, 90_000, 3_600_000];
const CHARGE_TIMEOUT_MS = 1_000;
/** Longer than every lease of ours: 15 s of a sender, 10 s of a job, 11 s of a waiting caller's key. */
const OLD_LEASE_MS = { min: 16_000, max: 19_000 };
const SHORT_FREEZE_MS = { min: 1_000, max: 6_000 };

export function planRun(seed: number, seconds: number, profile: Profile): Plan {
  const random = seededRandom(seed);
  const orders = planOrders(random.fork('orders'), seconds, profile.perSecond);
  return {
    seed,
    seconds,
    profile,
    random,
    orders,
    refunds: planRefunds(random.fork('refunds'), orders),
    payouts: planPayouts(random.fork('payouts'), seconds),
    operators: profile.operators === true ? planOperators(random.fork('operators'), seconds, MERCHANT_COUNT) : [],
    moments: planMoments(random.fork('moments'), seconds, profile),
    ...planWeather(random.fork('weather'), seed, seconds, profile),
    starts: planStarts(random.fork('starts'), profile),
    due: profile.duePoints ? planDue(random.fork('due'), seed) : [],
    chargeTimeoutMs: profile.chargeTimeoutsMs?.[seed % profile.chargeTimeoutsMs.length] ?? CHARGE_TIMEOUT_MS,
  };
}

/** Every kind once, in a shuffled order, then all again: a run of 40 s meets them all. */
function planMoments(random: Random, seconds: number, profile: Profile): readonly Moment[] {
  const moments: Moment[] = [];
  if (profile.disturbances.length === 0) return moments;
  let bag: Disturbance[] = [];
  for (let atMs = FIRST_MS; atMs < seconds * 1_000; atMs += random.between(PAUSE_MS.min, PAUSE_MS.max)) {
    if (bag.length === 0) bag = random.shuffled(profile.disturbances);
    const kind = bag.pop() ?? 'kill';
    const lasts = LASTS[kind];
    moments.push({
      atMs,
      kind,
      slot: random.pick(profile.slots),
      ms: lasts === undefined ? 0 : random.between(lasts.min, lasts.max),
    });
  }
  return moments;
}

function planWeather(
  random: Random,
  seed: number,
  seconds: number,
  { gateways }: Profile,
): Pick<Plan, 'weather' | 'weatherAfterwards'> {
  if (gateways !== undefined)
    return { weather: [{ atMs: 0, faults: gateways, order: GATEWAYS, short: [] }], weatherAfterwards: [] };
  const turns = Math.ceil((seconds * 1_000) / WEATHER_MS);
  const all = Array.from({ length: turns + TURNS_AFTERWARDS }, (_, turn) => ({
    faults: mixture(random, turn, seed),
    order: planOrder(random),
    short: shortPurses(random, turn),
  }));
  return {
    weather: all.slice(0, turns).map((turn, index) => ({ ...turn, atMs: index * WEATHER_MS })),
    weatherAfterwards: all.slice(turns),
  };
}

/** In any turn one account is left that has money in a currency: the rarest, which nobody would choose otherwise. */
function shortPurses(random: Random, turn: number): readonly Purse[] {
  const last = LAST_WITH_MONEY[turn % LAST_WITH_MONEY.length];
  return PURSES.filter(({ gateway, currency }) => {
    const isShort = random.chance(SHORT_OF_FLOAT);
    return last?.currency === currency ? gateway !== last.gateway : isShort;
  });
}

/** Often those first that can do little, or those that can do everything would do it. */
function planOrder(random: Random): readonly GatewayName[] {
  const specialistsFirst = [...random.shuffled(SPECIALISTS), ...random.shuffled(GENERALISTS)];
  return random.chance(SPECIALISTS_FIRST) ? specialistsFirst : random.shuffled(GATEWAYS);
}

function planStarts(random: Random, profile: Profile): Plan['starts'] {
  const bags = Object.fromEntries(SLOTS.map((slot) => [slot, planSlot(random.fork(slot), slot, profile)]));
  return { ...bags, ...profile.starts } as Plan['starts'];
}

function planSlot(random: Random, slot: SlotName, profile: Profile): readonly Start[] {
  const points = CRASH_POINTS.filter((point) => slot !== 'worker' || !OF_REQUESTS.has(point));
  let bag: CrashPoint[] = [];
  return Array.from({ length: profile.armedStarts }, () => {
    if (bag.length === 0) bag = random.shuffled(points);
    const point = bag.pop() ?? 'database.before_commit';
    // One start in four dies again while it recovers: the first time that it comes there.
    const hit = random.chance(0.25) ? 1 : random.between(1, RARE.has(point) ? 2 : 40);
    const action = random.chance(0.2) ? 'freeze' : 'kill';
    const freeze = random.chance(0.4) && profile.longFreezes ? OLD_LEASE_MS : SHORT_FREEZE_MS;
    return {
      crashPoints: `${point}:${hit}:${action}`,
      skewMs: random.chance(0.25) ? random.pick(SKEWS_MS) : 0,
      freezeMs: random.between(freeze.min, freeze.max),
    };
  });
}

function planDue(random: Random, seed: number): readonly DuePoint[] {
  return CRASH_POINTS.filter(
    (point, index) => (seed + index) % (HARD_TO_MEET.has(point) ? DUE_EVERY.rare : DUE_EVERY.usual) === 0,
  ).map((point) => ({
    point,
    hit: HARD_TO_MEET.has(point) ? 1 : random.between(1, DUE_WITHIN_HITS),
    isOfRequests: OF_REQUESTS.has(point),
    isRare: HARD_TO_MEET.has(point),
  }));
}

/** The plan as lines, to be read. */
export function describePlan(plan: Plan): string {
  const kinds = new Set(plan.moments.map(({ kind }) => kind));
  return [
    `seed ${plan.seed}, ${plan.seconds} s, ${plan.profile.name}: ${plan.orders.length} payments, ${plan.refunds.length} to be refunded, ${plan.payouts.length} payouts and batches, ${plan.moments.length} disturbances of ${kinds.size} kinds (of ${DISTURBANCES.length})`,
    `  due: ${plan.due.map(({ point, hit }) => `${point}:${hit}`).join(', ') || 'nothing'}`,
    ...plan.moments.map(({ atMs, kind, slot, ms }) => `  ${(atMs / 1_000).toFixed(1)} s ${kind} ${slot} ${ms} ms`),
    ...SLOTS.map(
      (slot) =>
        `  ${slot}: ${plan.starts[slot]
          .slice(0, 8)
          .map(({ crashPoints, skewMs }) => `${crashPoints}${skewMs === 0 ? '' : ` (clock ${skewMs} ms)`}`)
          .join(', ')}, ...`,
    ),
  ].join('\n');
}
