/**
 * How the program is run for a suite. Every suite must pass in each of them: what a module may rely on is the outbox and its
 * own tables, and a process of its own shows whether that is so.
 */
import { describeWithRedis, describeWithRedisControl } from '../../support/redis-suites.js';

export interface Mode {
  readonly name: string;
  readonly queue: 'redis' | 'postgresql';
  /** Every module in a process of its own. */
  readonly split: boolean;
}

export const ONE_PROCESS: Mode = { name: 'one process on Redis', queue: 'redis', split: false };
const SPLIT: Mode = { name: 'each module in its own process, Redis between them', queue: 'redis', split: true };
export const ON_POSTGRESQL: Mode = { name: 'one process on PostgreSQL alone', queue: 'postgresql', split: false };

/**
 * E2E_SPLIT=true: only split; E2E_SPLIT=false: only in one process; E2E_SPLIT=both: both, as under CI. Unset: in one of them, so that a developer's
 * run takes half the time and still sees each mode in half of the suites; which one, a suite's title decides.
 */
function modesUnderTest(title: string): readonly Mode[] {
  const wanted = process.env['E2E_SPLIT'] ?? '';
  if (wanted === 'both' || (wanted === '' && isOfCi)) return [ONE_PROCESS, SPLIT];
  if (wanted === '') return [sumOf(title) % 2 === 0 ? ONE_PROCESS : SPLIT];
  return [wanted === 'true' ? SPLIT : ONE_PROCESS];
}

const isOfCi = (process.env['CI'] ?? '') !== '';
const sumOf = (text: string): number => Buffer.from(text).reduce((sum, byte) => sum + byte, 0);

/** The suite once per mode. */
export function describeInEachMode(title: string, suite: (mode: Mode) => void): void {
  for (const mode of modesUnderTest(title)) describeWithRedis(`${title}, ${mode.name}`, () => suite(mode));
}

/** The same for suites that stop Redis. */
export function describeInEachModeWithRedisControl(title: string, suite: (mode: Mode) => void): void {
  for (const mode of modesUnderTest(title)) describeWithRedisControl(`${title}, ${mode.name}`, () => suite(mode));
}

/** A size that may be set from outside: a few in everyday runs, as many as somebody has the patience for otherwise. */
export function sizeFrom(variable: string, fallback: number): number {
  const given = process.env[variable] ?? '';
  if (given === '') return fallback;
  if (!/^[1-9]\d{0,6}$/.test(given)) throw new Error(`${variable} must be a whole number from 1`);
  return Number(given);
}
