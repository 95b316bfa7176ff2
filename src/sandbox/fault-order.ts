import { FAULT_NAMES, FAULT_TARGETS, targetOf, type FaultName, type FaultOrder, type FaultTarget } from './faults.js';
import type { JsonObject } from './wire.js';

/** The seed of a fault that was posted without one: fixed, so that such a fault is repeatable too. */
const DEFAULT_SEED = 1;

/** The longest delay that can be asked for: Node's timers end at 2^31 - 1 ms. */
const MAX_MS = 2_147_483_647;

/** What has to be known of what a fault is aimed at. */
interface Aimable {
  readonly name: string;
  readonly moneyOut?: { readonly returnsPayouts: boolean };
}

const FIELDS = ['gateway', 'fault', 'rate', 'seed', 'after', 'ms', 'code', 'on'];

/**
 * Reads the body of `POST /_faults`.
 *
 * @returns the order, or the sentence that says what is wrong with it
 */
export function readFaultOrder(body: JsonObject, gateways: readonly Aimable[]): FaultOrder | string {
  const unknown = Object.keys(body).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return `unknown field ${unknown}; valid fields: ${FIELDS.join(', ')}`;
  const { gateway, fault, rate = 1, seed = DEFAULT_SEED, after = 0, ms, code, on } = body;
  const aimedAt = gateways.filter(({ name }) => gateway === '*' || gateway === name);
  if (typeof gateway !== 'string' || aimedAt.length === 0) {
    return `unknown gateway; valid gateways: ${gateways.map(({ name }) => name).join(', ')}, *`;
  }
  if (!isFaultName(fault)) return `unknown fault; valid faults: ${FAULT_NAMES.join(', ')}`;
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) return 'rate must be a number from 0 to 1';
  if (!isInteger(seed)) return 'seed must be a whole number';
  if (!isInteger(after) || after < 0) return 'after must be a whole number, 0 or more';
  if (ms !== undefined && (!isInteger(ms) || ms > MAX_MS)) return `ms must be a whole number of at most ${MAX_MS}`;
  if (isInteger(ms) && ms < 0 && fault !== 'approve_after') return 'ms must be 0 or more';
  if (code !== undefined && (typeof code !== 'string' || code === '')) return 'code must be a non-empty string';
  if (on !== undefined && !isTarget(on)) return `unknown on; valid targets: ${FAULT_TARGETS.join(', ')}`;
  const wrongAim = wrongAimOf(fault, on, aimedAt);
  if (wrongAim !== undefined) return wrongAim;
  return {
    gateway,
    fault,
    rate,
    seed,
    after,
    ...(isInteger(ms) ? { ms } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(on === undefined ? {} : { on }),
  };
}

/** @returns why this fault cannot strike what it is aimed at, at the gateways it is meant for. */
function wrongAimOf(fault: FaultName, on: FaultTarget | undefined, gateways: readonly Aimable[]): string | undefined {
  const target = targetOf({ fault, ...(on === undefined ? {} : { on }) });
  const names = gateways.map(({ name }) => name).join(', ');
  const paying = gateways.filter(({ moneyOut }) => moneyOut !== undefined);
  if ((fault === 'down' || fault === 'refuse') && target !== 'any') {
    return `${fault} closes the door to every request and cannot be aimed at one kind`;
  }
  if (fault === 'forged_webhook' && (target === 'refund' || target === 'payout')) {
    return 'forged_webhook can be aimed at charges only';
  }
  if (fault === 'returned') {
    if (target !== 'payout' && target !== 'any') return 'returned can be aimed at payouts only';
    if (!paying.some(({ moneyOut }) => moneyOut?.returnsPayouts === true)) {
      return `the API of ${names} has no word for a payout that was paid and came back: returned cannot be played there`;
    }
  }
  if ((target === 'refund' || target === 'payout') && paying.length === 0) return `no money goes out through ${names}`;
  return undefined;
}

function isTarget(value: unknown): value is FaultTarget {
  return FAULT_TARGETS.some((target) => target === value);
}

function isFaultName(value: unknown): value is FaultName {
  return FAULT_NAMES.some((name) => name === value);
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
