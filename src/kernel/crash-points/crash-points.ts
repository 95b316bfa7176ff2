/**
 * Crash points: named places at which the simulator makes this process die (SIGKILL) or freeze (SIGSTOP), to see what is left.
 * Inert unless {@link armCrashPoints} was called, which main.ts does for SIMULATION_CRASH_POINTS only; then each costs one test
 * of a variable.
 */
import { writeSync } from 'node:fs';
import { CRASH_POINTS, type CrashPoint } from './crash-point-names.js';

/** `kill`: the process ends at once, as by a power cut. `freeze`: it stops until somebody sends SIGCONT. */
type Action = 'kill' | 'freeze';

const SIGNAL = { kill: 'SIGKILL', freeze: 'SIGSTOP' } as const;
const STDERR = 2;

interface Armed {
  /** Times each point was met, for those that were. */
  readonly met: Map<CrashPoint, number>;
  readonly strikes: readonly { readonly point: CrashPoint; readonly hit: number; readonly action: Action }[];
}

let armed: Armed | undefined;

/** Marks a place. Where it is armed, nothing after it happens; what happened before it stays. */
export function crashPoint(point: CrashPoint): void {
  if (armed !== undefined) meet(armed, point);
}

/**
 * Arms this process, which from now on also tells on stderr (a line of JSON each) which points it meets for the first time.
 * @param orders `<point>:<hit>:<kill|freeze>`, separated by commas: strikes when the point is met for the nth time; or `watch`,
 *   which only tells
 * @throws {TypeError} for a point that does not exist
 */
export function armCrashPoints(orders: string): void {
  armed = { met: new Map(), strikes: orders === 'watch' ? [] : orders.split(',').map(readOrder) };
}

function readOrder(order: string): Armed['strikes'][number] {
  const [name, hit, action] = order.split(':');
  const point = CRASH_POINTS.find((each) => each === name);
  if (point === undefined) throw new TypeError(`SIMULATION_CRASH_POINTS names ${name ?? ''}, which is no crash point`);
  return { point, hit: Number(hit), action: action === 'freeze' ? 'freeze' : 'kill' };
}

function meet({ met, strikes }: Armed, point: CrashPoint): void {
  const hit = (met.get(point) ?? 0) + 1;
  met.set(point, hit);
  if (hit === 1) tell({ crash_point_met: point });
  const strike = strikes.find((each) => each.point === point && each.hit === hit);
  if (strike === undefined) return;
  tell({ crash_point_struck: point, action: strike.action });
  process.kill(process.pid, SIGNAL[strike.action]);
}

/** Written at once: there is no later. */
function tell(line: Readonly<Record<string, string>>): void {
  writeSync(STDERR, `${JSON.stringify(line)}\n`);
}
