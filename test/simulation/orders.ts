/** What the merchants' customers buy: a pure function of the seed. */
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
  /** What the customer does; one who is asked on a handset does what their number says. */
  readonly customer: Disposition;
}

/** What somebody pays with, where, and which merchants sell there. */
interface Market {
  readonly currency: string;
  readonly method: Readonly<Record<string, string>>;
  /** Indices: each sells where it has a gateway account of its own, and all sell in Nigeria. */
  readonly merchants: readonly number[];
  /** How many of the payments, in proportion. */
  readonly share: number;
  /** What the customer's number says to a gateway that is sent no number: Orange reads it here. */
  readonly description?: string;
}

const GHANA = { currency: 'GHS', merchants: [0] };
const NIGERIA = { currency: 'NGN', merchants: [0, 1, 2] };
const IVORY_COAST = { currency: 'XOF', merchants: [1] };
const CAMEROON = { currency: 'XAF', merchants: [2] };
const GUINEA = { currency: 'GNF', merchants: [2] };
const wallet = (network: string, phone: string): Market['method'] => ({ type: 'mobile_money', network, phone });

/**
 * Every way to pay at every gateway, with shares that give each gateway about as much. Digits at the end of a phone are magic: `9901` has no
 * money, `9902` refuses, `9903` never decides, the answer about `9904` never comes (see the sandbox's README).
 */
const MARKETS: readonly Market[] = [
  { ...GHANA, method: wallet('mtn', '+233241234567'), share: 14 },
  { ...GHANA, method: wallet('telecel', '+233501234567'), share: 8 },
  { ...GHANA, method: wallet('mtn', '+233241239904'), share: 4 },
  { ...GHANA, method: wallet('mtn', '+233241239901'), share: 3 },
  { ...GHANA, method: wallet('telecel', '+233501239902'), share: 2 },
  { ...GHANA, method: wallet('mtn', '+233241239903'), share: 1 },
  { ...GHANA, method: { type: 'card' }, share: 5 },
  { ...NIGERIA, method: { type: 'bank_transfer' }, share: 12 },
  { ...NIGERIA, method: { type: 'card' }, share: 8 },
  { ...NIGERIA, method: { type: 'ussd', bank: '737' }, share: 6 },
  { ...IVORY_COAST, method: wallet('wave', '+2250101234567'), share: 11 },
  { ...IVORY_COAST, method: wallet('wave', '+2250101239904'), share: 2 },
  { ...IVORY_COAST, method: wallet('wave', '+2250101239902'), share: 1 },
  { ...IVORY_COAST, method: wallet('orange', '+2250701234567'), share: 9 },
  { ...IVORY_COAST, method: wallet('orange', '+2250701239904'), description: '+2250701239904', share: 2 },
  { ...IVORY_COAST, method: wallet('mtn', '+2250501234567'), share: 5 },
  { ...CAMEROON, method: wallet('mtn', '+237671234567'), share: 4 },
  { ...CAMEROON, method: wallet('orange', '+237691234567'), share: 2 },
  { ...GUINEA, method: wallet('orange', '+224621234567'), share: 7 },
  { ...GUINEA, method: wallet('orange', '+224621239902'), description: '+224621239902', share: 1 },
];
/** One market as often as its share says. */
const CUSTOMERS: readonly Market[] = MARKETS.flatMap((market) => Array.from({ length: market.share }, () => market));

/** What somebody does who is sent to a gateway's page, or asked on a handset. */
export const DISPOSITIONS = ['pays', 'refuses', 'never'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];
const REFUSES_ON_PAGE = 0.1;
const NEVER_OPENS_PAGE = 0.1;

/** Above what `wrong_amount` takes less. */
const MIN_AMOUNT = 1_000;
const MAX_AMOUNT = 900_000;

export function planOrders(random: Random, seconds: number, perSecond: number): readonly Order[] {
  const orders: Order[] = [];
  for (let atMs = 0; ;) {
    // Exponential pauses: bursts and lulls, as customers come.
    atMs += (-Math.log(1 - random.next()) / perSecond) * 1_000;
    if (atMs > seconds * 1_000) return orders;
    const { currency, method, merchants, description } = random.pick(CUSTOMERS);
    const amount = random.between(MIN_AMOUNT, MAX_AMOUNT);
    const behaviour = random.chance(0.45) ? 'plain' : random.pick(BEHAVIOURS);
    orders.push({
      atMs: Math.round(atMs),
      merchant: random.pick(merchants),
      key: random.uuid(),
      body: {
        amount,
        currency,
        reference: `order-${random.uuid()}`,
        method,
        ...(description === undefined ? {} : { description }),
      },
      behaviour,
      waitSeconds: random.chance(0.25) ? random.between(1, 2) : 0,
      at: random.between(0, 1),
      laterMs: behaviour === 'abort' ? random.between(1, 60) : random.between(0, 4_000),
      customer: dispositionOf(method, random.next()),
    });
  }
}

/** @param chance from 0 to 1: it decides for those who are sent to a page */
function dispositionOf({ type, phone }: Market['method'], chance: number): Disposition {
  if (type === 'card') {
    if (chance < REFUSES_ON_PAGE) return 'refuses';
    return chance < REFUSES_ON_PAGE + NEVER_OPENS_PAGE ? 'never' : 'pays';
  }
  return phone?.endsWith('9903') === true ? 'never' : 'pays';
}
