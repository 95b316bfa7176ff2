import { FAULT_NAMES, type FaultName, type FaultOrder } from './faults.js';
import type { JsonObject } from './wire.js';

/** The seed of a fault that was posted without one: fixed, so that such a fault is repeatable too. */
const DEFAULT_SEED = 1;

/** The longest delay that can be asked for: Node's timers end at 2^31 - 1 ms. */
const MAX_MS = 2_147_483_647;

const FIELDS = ['gateway', 'fault', 'rate', 'seed', 'after', 'ms', 'code'];

/**
 * Reads the body of `POST /_faults`.
 *
 * @returns the order, or the sentence that says what is wrong with it
 */
export function readFaultOrder(body: JsonObject, gateways: readonly string[]): FaultOrder | string {
  const unknown = Object.keys(body).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return `unknown field ${unknown}; valid fields: ${FIELDS.join(', ')}`;
  const { gateway, fault, rate = 1, seed = DEFAULT_SEED, after = 0, ms, code } = body;
  if (typeof gateway !== 'string' || (gateway !== '*' && !gateways.includes(gateway))) {
    return `unknown gateway; valid gateways: ${gateways.join(', ')}, *`;
  }
  if (!isFaultName(fault)) return `unknown fault; valid faults: ${FAULT_NAMES.join(', ')}`;
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) return 'rate must be a number from 0 to 1';
  if (!isInteger(seed)) return 'seed must be a whole number';
  if (!isInteger(after) || after < 0) return 'after must be a whole number, 0 or more';
  if (ms !== undefined && (!isInteger(ms) || ms > MAX_MS)) return `ms must be a whole number of at most ${MAX_MS}`;
  if (isInteger(ms) && ms < 0 && fault !== 'approve_after') return 'ms must be 0 or more';
  if (code !== undefined && (typeof code !== 'string' || code === '')) return 'code must be a non-empty string';
  return {
    gateway,
    fault,
    rate,
    seed,
    after,
    ...(isInteger(ms) ? { ms } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  };
}

function isFaultName(value: unknown): value is FaultName {
  return FAULT_NAMES.some((name) => name === value);
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
