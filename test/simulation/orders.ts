/** What the merchants' customers buy: a pure function of the seed. */
import { MERCHANT_COUNT } from './world/merchants.js';
import type { Random } from './random.js';

/**
 * How a merchant's system behaves around one payment.
 * - `plain`: sends until it is accepted. `twins`: twice at once, to two processes. `repeat`: again, later, with the same key.
 * - `other_amount`: the key again with another amount. `other_key`: the reference again under another key.
 * - `abort`: gives the first try up in the middle, then sends again. `stranger`: another merchant uses the same key and reference.
 */
export const BEHAVIOURS = ['plain', 'twins', 'repeat', 'other_amount', 'other_key', 'abort', 'stranger'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export interface Order {
  readonly atMs: number;
  readonly merchant: number;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly behaviour: Behaviour;
  /** Seconds of `Prefer: wait`; 0: none. */
  readonly waitSeconds: number;
  /** Which process is asked first. */
  readonly at: number;
  /** When the second request of a behaviour follows, or the first is given up, after so long. */
  readonly laterMs: number;
}

/** What three markets pay with. Digits at the end of the phone may be magic: see the sandbox's README. */
const METHODS: readonly (readonly [currency: string, method: Readonly<Record<string, string>>])[] = [
  ['GHS', { type: 'mobile_money', network: 'mtn', phone: '+233241234567' }],
  ['XOF', { type: 'mobile_money', network: 'orange', phone: '+2250701234567' }],
  ['NGN', { type: 'bank_transfer' }],
  ['GHS', { type: 'mobile_money', network: 'telecel', phone: '+233501234567' }],
  ['XOF', { type: 'mobile_money', network: 'mtn', phone: '+2250501234567' }],
  ['NGN', { type: 'ussd', bank: '737' }],
  ['GHS', { type: 'mobile_money', network: 'mtn', phone: '+233241239904' }],
  ['GHS', { type: 'mobile_money', network: 'mtn', phone: '+233241239901' }],
];

/** Above what `wrong_amount` takes less. */
const MIN_AMOUNT = 1_000;
const MAX_AMOUNT = 900_000;

export function planOrders(random: Random, seconds: number, perSecond: number): readonly Order[] {
  const orders: Order[] = [];
  for (let atMs = 0; ;) {
    // Exponential pauses: bursts and lulls, as customers come.
    atMs += (-Math.log(1 - random.next()) / perSecond) * 1_000;
    if (atMs > seconds * 1_000) return orders;
    const [currency, method] = random.pick(METHODS);
    const amount = random.between(MIN_AMOUNT, MAX_AMOUNT);
    const behaviour = random.chance(0.45) ? 'plain' : random.pick(BEHAVIOURS);
    orders.push({
      atMs: Math.round(atMs),
      merchant: random.between(0, MERCHANT_COUNT - 1),
      key: random.uuid(),
      body: { amount, currency, reference: `order-${random.uuid()}`, method },
      behaviour,
      waitSeconds: random.chance(0.25) ? random.between(1, 2) : 0,
      at: random.between(0, 1),
      laterMs: behaviour === 'abort' ? random.between(1, 60) : random.between(0, 4_000),
    });
  }
}
