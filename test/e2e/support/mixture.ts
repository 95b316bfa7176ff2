/** Everything that can go wrong with a gateway, at rates, in an order that a seed decides. */
import { randomUUID } from 'node:crypto';

import type { Fault } from '../../support/program.js';
import type { Gateway } from './gateways.js';
import type { Order } from './load.js';
import type { System } from './system.js';

const GATEWAYS: readonly Gateway[] = ['paystack', 'flutterwave', 'mtn_momo'];

/** Times in ms, short enough that a run does not wait for them. */
const EVERYWHERE: readonly Omit<Fault, 'gateway' | 'seed'>[] = [
  { fault: 'down', rate: 0.02 },
  { fault: 'refuse', rate: 0.02 },
  { fault: 'slow', rate: 0.01, ms: 400 },
  { fault: 'timeout_before_charge', rate: 0.005 },
  { fault: 'timeout_after_charge', rate: 0.02 },
  { fault: 'error_5xx_before', rate: 0.005 },
  { fault: 'error_5xx_after_charge', rate: 0.03 },
  { fault: 'garbage', rate: 0.03 },
  { fault: 'decline', rate: 0.05 },
  { fault: 'duplicate_webhook', rate: 0.1 },
  { fault: 'late_webhook', rate: 0.05, ms: 1_500 },
  { fault: 'forged_webhook', rate: 0.05 },
  { fault: 'wrong_amount', rate: 0.03 },
  { fault: 'approve_after', rate: 0.05, ms: 700 },
];

/**
 * A success that a gateway neither reported when it was asked nor tells of later can be found in its statement alone. So
 * these two take turns: no gateway has both at a time, and over a whole run each has each.
 */
const LATE_SUCCESS: Omit<Fault, 'gateway' | 'seed'> = { fault: 'late_success', rate: 0.04, ms: 2_500 };
const SILENCE: Omit<Fault, 'gateway' | 'seed'> = { fault: 'no_webhook', rate: 0.08 };

/** Puts the faults of one half of a run in force. */
export async function setMixture(system: System, half: 0 | 1): Promise<void> {
  await system.sandbox.clearFaults();
  for (const [place, gateway] of GATEWAYS.entries()) {
    const faults = [...EVERYWHERE, place % 2 === half ? LATE_SUCCESS : SILENCE];
    for (const [index, fault] of faults.entries())
      await system.sandbox.setFault({ gateway, seed: 1_000 * half + 100 * place + index + 1, ...fault });
  }
}

/** In turns, what three markets pay with. */
const METHODS: readonly (readonly [currency: string, method: Readonly<Record<string, string>>])[] = [
  ['GHS', { type: 'mobile_money', network: 'mtn', phone: '+233241234567' }],
  ['XOF', { type: 'mobile_money', network: 'orange', phone: '+2250701234567' }],
  ['NGN', { type: 'bank_transfer' }],
  ['GHS', { type: 'mobile_money', network: 'telecel', phone: '+233501234567' }],
  ['XOF', { type: 'mobile_money', network: 'mtn', phone: '+2250501234567' }],
  ['NGN', { type: 'ussd', bank: '737' }],
];

/** Amounts differ, so that a mix-up shows; each is above the 100 minor units by which `wrong_amount` misses. */
export function mixedOrders(count: number): Order[] {
  return Array.from({ length: count }, (_, index) => {
    const [currency, method] = METHODS[index % METHODS.length] ?? ['GHS', {}];
    return { key: randomUUID(), body: { amount: 5_000 + index, currency, reference: randomUUID(), method } };
  });
}
