/** Refunds and payouts at every gateway, and every fault that the sandbox can play on each of them, one after the other. */
import { randomUUID } from 'node:crypto';

import { eventually } from '../../support/eventually.js';
import type { Fault } from '../../support/program.js';
import { proveBooks } from './books.js';
import { orderGateways, type AnyGateway } from './gateways.js';
import { postAll, type Order } from './load.js';
import { everyPayment, type PaymentWithAttempts } from './payments.js';
import type { System } from './system.js';

type Kind = 'refund' | 'payout';
type Trouble = Omit<Fault, 'gateway' | 'on'>;

/**
 * Each harmful one after a harmless one, so that no breaker trips: a gateway that is shut out meets no faults. Those of a pair strike refunds
 * of one charge, and the one after which it may stay unknown what became of it comes last. Times in ms.
 */
const PAIRS: readonly (readonly [harmless: Trouble, harmful: Trouble])[] = [
  [{ fault: 'duplicate_webhook' }, { fault: 'timeout_after_charge' }],
  [{ fault: 'late_webhook', ms: 800 }, { fault: 'error_5xx_after_charge' }],
  [{ fault: 'approve_after', ms: 900 }, { fault: 'garbage' }],
  [{ fault: 'no_webhook' }, { fault: 'timeout_before_charge' }],
  [{ fault: 'slow', ms: 500 }, { fault: 'error_5xx_before' }],
  [{ fault: 'returned', ms: 2_500 }, { fault: 'decline' }],
  [{ fault: 'wrong_amount' }, { fault: 'late_success', ms: 2_000 }],
];
const TROUBLES = PAIRS.flat();
export const ROUNDS = TROUBLES.length;

interface Market {
  readonly currency: string;
  readonly method: Readonly<Record<string, string>>;
}

interface Place {
  readonly gateway: AnyGateway;
  /** Who is paid by this gateway while {@link SPECIALISTS_FIRST} is the order. Absent: it pays nobody. */
  readonly receiver?: { readonly currency: string; readonly destination: Readonly<Record<string, string>> };
  /** How a payment comes to this gateway in that order. */
  readonly market: Market;
  readonly refunds: 'parts' | 'whole' | 'none';
  /** What cannot be played there: the API has no word for it, or it would be told by nobody and stands in a statement alone. */
  readonly cannot: readonly `${Kind} ${string}`[];
}

const SPECIALISTS_FIRST: readonly AnyGateway[] = [
  'mtn_momo',
  'hubtel',
  'monnify',
  'wave',
  'orange_money',
  'flutterwave',
  'paystack',
];

const name = 'Ama Mensah';
const wallet = (network: string, phone: string) => ({ type: 'mobile_money', network, phone });
const bank = (code: string) => ({ type: 'bank_account', bank_code: code, account_number: '0111946768', name });
const USSD: Market = { currency: 'NGN', method: { type: 'ussd', bank: '737' } };

/** In the order in which faults go round: Wave begins with `returned`, of which no webhook tells there. */
const PLACES: readonly Place[] = [
  {
    gateway: 'paystack',
    receiver: { currency: 'GHS', destination: bank('280100') },
    market: USSD,
    refunds: 'parts',
    cannot: [],
  },
  {
    gateway: 'flutterwave',
    receiver: { currency: 'XOF', destination: { ...wallet('orange', '+2250701234567'), name } },
    market: USSD,
    refunds: 'parts',
    cannot: ['payout returned', 'refund late_success'],
  },
  {
    gateway: 'mtn_momo',
    receiver: { currency: 'GHS', destination: { ...wallet('mtn', '+233241234567'), name } },
    market: { currency: 'GHS', method: wallet('mtn', '+233241234567') },
    refunds: 'parts',
    cannot: ['payout returned'],
  },
  {
    gateway: 'monnify',
    receiver: { currency: 'NGN', destination: bank('058') },
    market: { currency: 'NGN', method: { type: 'bank_transfer' } },
    refunds: 'parts',
    cannot: [],
  },
  {
    gateway: 'hubtel',
    receiver: { currency: 'GHS', destination: { ...wallet('telecel', '+233501234567'), name } },
    market: { currency: 'GHS', method: wallet('telecel', '+233501234567') },
    refunds: 'none',
    cannot: ['payout returned'],
  },
  {
    gateway: 'wave',
    receiver: { currency: 'XOF', destination: { ...wallet('wave', '+2250101234567'), name } },
    market: { currency: 'XOF', method: wallet('wave', '+2250101234567') },
    refunds: 'whole',
    cannot: ['payout late_success', 'refund late_success', 'refund decline'],
  },
  {
    gateway: 'orange_money',
    market: { currency: 'XOF', method: wallet('orange', '+2250701234567') },
    refunds: 'none',
    cannot: [],
  },
];

const PAYING = PLACES.flatMap(({ receiver, ...place }) => (receiver === undefined ? [] : [{ ...place, receiver }]));
const GIVING_BACK = PLACES.filter(({ refunds }) => refunds !== 'none');

/** What was paid at each gateway, for refunds to come out of. */
export type Charged = ReadonlyMap<AnyGateway, readonly PaymentWithAttempts[]>;

/** No two amounts are one, so that a mix-up shows; all are above the 100 naira that Monnify gives back at least, and what `wrong_amount` takes less. */
let nextAmount = 11_000;
const anAmount = (): number => (nextAmount += 1);
const CHARGED = 300_000;

/** A charge whose answer is late may wait for a customer who was never told where to pay: then there is another one, after so many ms. */
const CHARGE_AGAIN_AFTER_MS = 10_000;

/** So many payments at each of the seven gateways, or one for each round where only the whole of one can be given back. From now on specialists go first. */
export async function chargeEverywhere(system: System, perGateway: number): Promise<Charged> {
  const pay = async (places: readonly Place[]): Promise<void> => {
    let chargeAt = 0;
    await eventually(
      async () => {
        const paid = (await everyPayment(system)).filter(({ status }) => status === 'succeeded');
        const missing = places.flatMap((place) => {
          const wanted = place.refunds === 'whole' ? 2 * perGateway : perGateway;
          const there = paid.filter(({ gateway }) => gateway === place.gateway).length;
          return Array.from({ length: Math.max(0, wanted - there) }, () => place);
        });
        if (missing.length > 0 && Date.now() >= chargeAt) {
          chargeAt = Date.now() + CHARGE_AGAIN_AFTER_MS;
          const orders = missing.map(({ market }): Order => {
            const body = { amount: CHARGED + anAmount(), reference: randomUUID(), ...market };
            return { key: randomUUID(), body };
          });
          await postAll(system, orders);
        }
        expect(missing.map(({ gateway }) => gateway)).toEqual([]);
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
  };
  await pay(PLACES.filter(({ gateway }) => gateway === 'paystack'));
  await orderGateways(system, SPECIALISTS_FIRST);
  await pay(PLACES.filter(({ gateway }) => gateway !== 'paystack'));
  await proveBooks(system, 60_000);
  const payments = await everyPayment(system);
  const at = (wanted: AnyGateway) =>
    payments.filter(({ gateway, status }) => status === 'succeeded' && gateway === wanted);
  return new Map(PLACES.map(({ gateway }) => [gateway, at(gateway)]));
}

function payoutTo({ receiver }: Pick<(typeof PAYING)[number], 'receiver'>): Order {
  return { key: randomUUID(), path: '/v1/payouts', body: payoutRow(receiver) };
}

const payoutRow = ({ currency, destination }: NonNullable<Place['receiver']>) => ({
  amount: anAmount(),
  currency,
  reference: `po-${randomUUID()}`,
  destination,
});

/** A payout through each gateway that pays. */
export function payoutsEverywhere(): readonly Order[] {
  return PAYING.map(payoutTo);
}

/** So many rows for each gateway that pays. */
export function batchEverywhere(rows: number): Order {
  const payouts = PAYING.flatMap(({ receiver }) => Array.from({ length: rows }, () => payoutRow(receiver)));
  return { key: randomUUID(), path: '/v1/payout_batches', body: { reference: `batch-${randomUUID()}`, payouts } };
}

/** @param amount absent: all that is left */
function refundOf(payment: PaymentWithAttempts | undefined, amount?: number): Order {
  if (payment === undefined) throw new Error('There is no payment left to give back');
  const body = amount === undefined ? {} : { amount };
  return { key: randomUUID(), path: `/v1/payments/${payment.id}/refunds`, body };
}

/** A part of the payment of this turn at each gateway that gives back, or the whole of one where nothing less is possible. */
export function refundsEverywhere(charged: Charged, turnOf: (gateway: AnyGateway) => number): readonly Order[] {
  return GIVING_BACK.map(({ gateway, refunds }) => {
    const payments = charged.get(gateway) ?? [];
    return refunds === 'whole'
      ? refundOf(payments[turnOf(gateway)])
      : refundOf(payments[Math.floor(turnOf(gateway) / 2)], anAmount());
  });
}

/** Which of the troubles a gateway has in a round: all have harmless ones in even rounds and harmful ones in odd rounds, and each has each. */
const turnIn = (round: number, gateway: AnyGateway): number =>
  (round + 2 * PLACES.findIndex((place) => place.gateway === gateway)) % ROUNDS;

/** Puts the faults of a round in force, and sends a refund and a payout into each, and a batch besides. Returns once every fault has struck. */
export async function playRound(system: System, charged: Charged, round: number): Promise<void> {
  await system.sandbox.clearFaults();
  for (const { gateway, cannot, refunds, receiver } of PLACES) {
    const trouble = TROUBLES[turnIn(round, gateway)];
    if (trouble === undefined) continue;
    const kinds: Kind[] = [
      ...(refunds === 'none' ? [] : ['refund' as const]),
      ...(receiver ? ['payout' as const] : []),
    ];
    for (const on of kinds) {
      const isPlayed = !cannot.includes(`${on} ${trouble.fault}`) && (trouble.fault !== 'returned' || on === 'payout');
      if (isPlayed) await system.sandbox.setFault({ ...trouble, gateway, on });
    }
  }
  const orders = [
    ...refundsEverywhere(charged, (gateway) => turnIn(round, gateway)),
    ...payoutsEverywhere(),
    batchEverywhere(1),
  ];
  await postAll(system, orders);
  await untilStruck(system);
}

/** Often enough nobody hears what became of a refund or payout, at whichever gateway. */
export async function setDoubts(system: System): Promise<void> {
  const doubts = {
    timeout_after_charge: 0.05,
    error_5xx_after_charge: 0.05,
    garbage: 0.05,
    no_webhook: 0.2,
    duplicate_webhook: 0.1,
  };
  for (const on of ['refund', 'payout'] as const)
    for (const [index, [fault, rate]] of Object.entries(doubts).entries())
      await system.sandbox.setFault({ gateway: '*', fault, rate, on, seed: index + 1 });
}

/** How long a payout may be on its way to its gateway before another one is sent there, in ms: a breaker that tripped lets a probe through by then. */
const SEND_AGAIN_AFTER_MS = 2_500;

/** Every fault in force has been met. Payouts that went elsewhere, since a breaker was open, are followed by others. */
async function untilStruck(system: System): Promise<void> {
  let sendAgainAt = Date.now() + SEND_AGAIN_AFTER_MS;
  await eventually(
    async () => {
      const answer = await fetch(`${system.sandbox.controlUrl}/_faults`);
      const { data } = (await answer.json()) as { data: { gateway: string; fault: string; on: Kind; hits: number }[] };
      const missed = data.filter(({ hits }) => hits === 0);
      if (Date.now() >= sendAgainAt) {
        sendAgainAt = Date.now() + SEND_AGAIN_AFTER_MS;
        const isMissed = ({ gateway }: Place): boolean =>
          missed.some((each) => each.on === 'payout' && each.gateway === gateway);
        await postAll(system, PAYING.filter(isMissed).map(payoutTo));
      }
      expect(missed.map(({ gateway, on, fault }) => `${gateway} ${on} ${fault}`)).toEqual([]);
    },
    { timeoutMs: 60_000, everyMs: 50 },
  );
}
