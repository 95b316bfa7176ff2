/** What merchants give back and pay out: a pure function of the seed. */
import { BEHAVIOURS, type Behaviour, type Order } from './orders.js';
import type { Random } from './random.js';

/**
 * How a merchant's system gives back a payment.
 * - `plain`: sends until it is accepted. `twins`: twice at once, to two processes. `repeat`: again, later, with the same key.
 * - `overdone`: two refunds at once that together are more than was captured: one of them must be refused.
 */
export const REFUND_BEHAVIOURS = ['plain', 'twins', 'repeat', 'overdone'] as const;
export type RefundBehaviour = (typeof REFUND_BEHAVIOURS)[number];

/** What is to be given back of a payment once its merchant hears that it succeeded. */
export interface RefundOrder {
  readonly merchant: number;
  /** The payment's reference. */
  readonly reference: string;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly behaviour: RefundBehaviour;
  /** After the merchant heard. */
  readonly laterMs: number;
  readonly at: number;
}

export interface PayoutOrder {
  readonly atMs: number;
  readonly merchant: number;
  readonly kind: 'payout' | 'payout_batch';
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly behaviour: Behaviour;
  readonly at: number;
  readonly laterMs: number;
  /** What its merchant looks for in their balance before they ask; undefined for one that asks without looking. */
  readonly funds: Funds | undefined;
}

export interface Funds {
  readonly currency: string;
  readonly amount: number;
}

interface Destination {
  readonly currency: string;
  /** Indices: those who take this currency, so that they have something to pay out of. */
  readonly merchants: readonly number[];
  readonly destination: Readonly<Record<string, string>>;
  readonly share: number;
}

const NAME = 'Ama Mensah';
const wallet = (network: string, phone: string): Destination['destination'] => ({
  type: 'mobile_money',
  network,
  phone,
  name: NAME,
});
const bank = (accountNumber: string): Destination['destination'] => ({
  type: 'bank_account',
  bank_code: '058',
  account_number: accountNumber,
  name: NAME,
});

/** Ends of a phone are as magic as a customer's: `9901` cannot be paid, `9903` never hears, the answer about `9904` never comes. */
const DESTINATIONS: readonly Destination[] = [
  { currency: 'GHS', merchants: [0], destination: wallet('mtn', '+233241234567'), share: 8 },
  { currency: 'GHS', merchants: [0], destination: wallet('telecel', '+233501234567'), share: 4 },
  { currency: 'GHS', merchants: [0], destination: wallet('mtn', '+233241239901'), share: 1 },
  { currency: 'GHS', merchants: [0], destination: wallet('mtn', '+233241239903'), share: 1 },
  { currency: 'GHS', merchants: [0], destination: wallet('mtn', '+233241239904'), share: 1 },
  { currency: 'NGN', merchants: [0, 1, 2], destination: bank('0111946768'), share: 10 },
  { currency: 'XOF', merchants: [1], destination: wallet('wave', '+2250101234567'), share: 8 },
  { currency: 'XOF', merchants: [1], destination: wallet('mtn', '+2250501234567'), share: 3 },
  { currency: 'XAF', merchants: [2], destination: wallet('mtn', '+237671234567'), share: 5 },
];
const RECEIVERS: readonly Destination[] = DESTINATIONS.flatMap((each) =>
  Array.from({ length: each.share }, () => each),
);

const REFUNDED = 0.25;
/** Of what Wave collects: it gives back whole payments only, so that few of its refunds would reach it. */
const REFUNDED_BY_WAVE = 0.5;
const WHOLE = 0.5;
const WHOLE_BY_WAVE = 0.8;
/** Per second, together. */
const PAYOUTS_PER_SECOND = 3;
const BATCHES = 0.08;
const BATCH_SIZE = { min: 2, max: 5 };
/** Far below what one payment brings, so that most find their money; above what `wrong_amount` takes less. */
const PAYOUT_AMOUNT = { min: 1_000, max: 30_000 };
/** Merchants who look into their balance first, so that they do not ask before their first payments have been booked. */
const LOOKING = 0.8;
/** More than a merchant takes in a run: it must be refused, and nothing held. */
const OVERDRAWN = 0.04;
const OVERDRAFT_AMOUNT = 5_000_000_000;
/** The balance is empty before the first payments have come through. */
const FIRST_PAYOUT_MS = 4_000;

export function planRefunds(random: Random, orders: readonly Order[]): readonly RefundOrder[] {
  return orders
    .filter((order) => random.chance(isOfWave(order) ? REFUNDED_BY_WAVE : REFUNDED))
    .map((order) => {
      const { merchant, body } = order;
      const behaviour = random.chance(0.5) ? 'plain' : random.pick(REFUND_BEHAVIOURS);
      const amount = Number(body['amount']);
      // An overdone one asks for more than half, twice. Without an amount everything is given back.
      const part =
        behaviour === 'overdone' ? random.between(Math.ceil(amount * 0.51), amount) : random.between(1, amount);
      const isWhole = behaviour !== 'overdone' && random.chance(isOfWave(order) ? WHOLE_BY_WAVE : WHOLE);
      return {
        merchant,
        reference: String(body['reference']),
        key: random.uuid(),
        body: { ...(isWhole ? {} : { amount: part }), reason: 'goods were returned' },
        behaviour,
        laterMs: random.between(0, 5_000),
        at: random.between(0, 1),
      };
    });
}

function isOfWave({ body }: Order): boolean {
  return (body['method'] as { readonly network?: string }).network === 'wave';
}

export function planPayouts(random: Random, seconds: number): readonly PayoutOrder[] {
  const payouts: PayoutOrder[] = [];
  for (let atMs = FIRST_PAYOUT_MS; ;) {
    atMs += (-Math.log(1 - random.next()) / PAYOUTS_PER_SECOND) * 1_000;
    if (atMs > seconds * 1_000) return payouts;
    const { merchants, ...receiver } = random.pick(RECEIVERS);
    const isBatch = random.chance(BATCHES);
    const single = payoutTo(random, receiver);
    const batch = isBatch ? batchOf(random, receiver) : undefined;
    const amount = (batch?.payouts ?? [single]).reduce((sum, each) => sum + each.amount, 0);
    const isLooking = random.chance(LOOKING) && amount < OVERDRAFT_AMOUNT;
    const behaviour = random.chance(0.5) ? 'plain' : random.pick(BEHAVIOURS);
    payouts.push({
      atMs: Math.round(atMs),
      merchant: random.pick(merchants),
      kind: isBatch ? 'payout_batch' : 'payout',
      key: random.uuid(),
      body: batch ?? single,
      // A batch has no amount of its own that could change.
      behaviour: isBatch && behaviour === 'other_amount' ? 'repeat' : behaviour,
      at: random.between(0, 1),
      laterMs: behaviour === 'abort' ? random.between(1, 60) : random.between(0, 4_000),
      funds: isLooking ? { currency: receiver.currency, amount } : undefined,
    });
  }
}

function payoutTo(random: Random, { currency, destination }: Omit<Destination, 'merchants'>) {
  const amount = random.chance(OVERDRAWN) ? OVERDRAFT_AMOUNT : random.between(PAYOUT_AMOUNT.min, PAYOUT_AMOUNT.max);
  return { amount, currency, reference: `payout-${random.uuid()}`, destination };
}

function batchOf(random: Random, receiver: Omit<Destination, 'merchants'>) {
  const payouts = Array.from({ length: random.between(BATCH_SIZE.min, BATCH_SIZE.max) }, () =>
    payoutTo(random, receiver),
  );
  return { reference: `batch-${random.uuid()}`, payouts };
}
