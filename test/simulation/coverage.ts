/** What many runs together must have met: a fault that never struck is a fault that was never survived. */
import { CRASH_POINTS } from '../../src/kernel/crash-points/crash-point-names.js';
import { GATEWAY_FAULTS } from './faults/gateway-mixture.js';
import { BEHAVIOURS } from './orders.js';
import { DISTURBANCES } from './profile.js';

/** So many runs meet everything, also the rare; fewer may not. */
export const FULL_CAMPAIGN = 100;

const EXPECTED: readonly string[] = [
  ...DISTURBANCES,
  ...CRASH_POINTS.map((point) => `crash ${point}`),
  ...GATEWAY_FAULTS.map((fault) => `gateway ${fault}`),
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

/** Names of counters that stand at nothing. */
export function neverMet(counts: Readonly<Record<string, number>>): readonly string[] {
  return EXPECTED.filter((name) => (counts[name] ?? 0) === 0);
}
