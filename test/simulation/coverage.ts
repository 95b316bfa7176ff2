/** What many runs together must have met: a fault that never struck is a fault that was never survived. */
import { CRASH_POINTS } from '../../src/kernel/crash-points/crash-point-names.js';
import { GATEWAY_FAULTS } from './faults/gateway-mixture.js';
import { REFUND_BEHAVIOURS } from './money-out-orders.js';
import { OPERATOR_ACTIONS } from './operator-orders.js';
import { BEHAVIOURS, DISPOSITIONS } from './orders.js';
import { DISTURBANCES } from './profile.js';
import { LISTED_WRONGLY } from './reconcile.js';
import { SETTLED_AT_BANK } from './settle-at-bank.js';
import { GATEWAYS } from './world/gateway-accounts.js';

/** Whoever did not hear Orange's answer cannot ask: see `cannotBeAsked`. */
const NEVER_LEARNED = 'orange_money unknown_then_success';

const MONEY_OUT = [
  ...['refund', 'payout'].flatMap((kind) => [`${kind} succeeded`, `${kind} failed`, `${kind} unknown_then_success`]),
  'payout returned',
  'payout insufficient_funds',
  'refund of_surplus',
  'refund of_operators',
  'payout succeeded_after_failure',
  'refund succeeded_after_failure',
  'payout quarantined',
  'refund quarantined',
  'refund_refused',
  'short_of_float',
  ...GATEWAYS.flatMap((gateway) => [`${gateway} refund succeeded`, `${gateway} payout succeeded`]).filter(
    (name) => !name.startsWith('orange_money') && name !== 'hubtel refund succeeded',
  ),
];

/** What is played in every run, so that some runs together have met it. */
const FREQUENT: readonly string[] = [
  ...DISTURBANCES,
  ...GATEWAY_FAULTS,
  ...GATEWAYS.flatMap((gateway) => [`${gateway} captured`, `${gateway} unknown_then_success`]).filter(
    (name) => name !== NEVER_LEARNED,
  ),
  ...DISPOSITIONS.map((disposition) => `customer ${disposition}`),
  ...REFUND_BEHAVIOURS.map((behaviour) => `load refund ${behaviour}`),
  ...BEHAVIOURS.map((behaviour) => `load payout ${behaviour}`),
  ...MONEY_OUT,
  ...LISTED_WRONGLY,
  ...SETTLED_AT_BANK,
  ...OPERATOR_ACTIONS.map((action) => `operator ${action}`),
  'cannot_be_asked',
  'waits_for_customer',
  ...BEHAVIOURS.map((behaviour) => `load ${behaviour}`),
  'clock_skew',
  'double_crash',
  'freeze_points_struck',
  'merchant_server_failed',
  'unknown_then_success',
  'quarantined',
  'failed_over',
  'surplus',
];
const CRASHES: readonly string[] = CRASH_POINTS.map((point) => `crash ${point}`);
const EVERYTHING: readonly string[] = [...FREQUENT, ...CRASHES];

/** So many seeds in a row meet everything: the director sees to it. */
const SOME_RUNS = 10;

export interface Coverage {
  /** Names of counters that stand at nothing. */
  readonly neverMet: readonly string[];
  /** Those of them that so many runs must have met. */
  readonly missing: readonly string[];
}

export function coverageOf(counts: Readonly<Record<string, number>>, runs: number): Coverage {
  const among = (names: readonly string[]): readonly string[] => names.filter((name) => (counts[name] ?? 0) === 0);
  const neverMet = among(EVERYTHING);
  return { neverMet, missing: runs >= SOME_RUNS ? neverMet : [] };
}
