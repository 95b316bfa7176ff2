/** What can go wrong with refunds and payouts at a gateway, at rates that a seed decides. */
import type { Fault } from '../../support/program.js';
import type { Random } from '../random.js';
import type { GatewayName } from '../world/gateway-accounts.js';

type Kind = 'refund' | 'payout';
type Trouble = Omit<Fault, 'gateway' | 'seed' | 'on'> & { readonly rate: number };

/** How the call that moves money ends. With the highest rate of each: there are fewer of them than of charges, so that each is struck more often. */
const ANSWERS: readonly Trouble[] = [
  { fault: 'timeout_before_charge', rate: 0.06 },
  { fault: 'timeout_after_charge', rate: 0.15 },
  { fault: 'error_5xx_before', rate: 0.06 },
  { fault: 'error_5xx_after_charge', rate: 0.15 },
  { fault: 'garbage', rate: 0.1 },
  { fault: 'decline', rate: 0.1 },
];
/** What follows, and when. Times in ms. */
const AFTERWARDS: readonly Trouble[] = [
  { fault: 'duplicate_webhook', rate: 0.2 },
  { fault: 'late_webhook', rate: 0.1, ms: 1_500 },
  { fault: 'approve_after', rate: 0.15, ms: 900 },
];
/** Every gateway through which money goes out tells how much did. */
const WRONG_AMOUNT: Trouble = { fault: 'wrong_amount', rate: 0.1 };
const SILENCE: Trouble = { fault: 'no_webhook', rate: 0.2 };
const LATE_SUCCESS: Trouble = { fault: 'late_success', rate: 0.1, ms: 2_000 };
/** Of each kind two strike often in any turn: some gateways give back a handful of payments in a run, and ten runs are to meet everything. */
export const OFTEN = 0.45;
const RETURNED: Trouble = { fault: 'returned', rate: 0.15, ms: 1_500 };

/** Besides those that are always in force, one of silence and late success, and one of those two. */
const AFTERWARDS_IN_FORCE = AFTERWARDS.length + 2;

/** Where money goes out at all. Orange collects only, and Hubtel gives nothing back. */
const KINDS: Readonly<Record<GatewayName, readonly Kind[]>> = {
  paystack: ['refund', 'payout'],
  flutterwave: ['refund', 'payout'],
  mtn_momo: ['refund', 'payout'],
  monnify: ['refund', 'payout'],
  hubtel: ['payout'],
  wave: ['refund', 'payout'],
  orange_money: [],
};

/**
 * What is paid after it had been refused is told by webhook or stands in a statement alone. So it is played only where a webhook comes again
 * until it is taken (Flutterwave has none for refunds, Wave none at all, MTN and Hubtel call back once), and never together with silence.
 */
const TELLS_AFTERWARDS: Readonly<Record<Kind, ReadonlySet<GatewayName>>> = {
  refund: new Set<GatewayName>(['paystack', 'monnify']),
  payout: new Set<GatewayName>(['paystack', 'flutterwave', 'monnify']),
};
/** What was paid is looked after, so that this one is found without a webhook too. The others have no word for it. */
const TELLS_RETURNS: ReadonlySet<GatewayName> = new Set<GatewayName>(['paystack', 'monnify', 'wave']);

/** Every fault that is played, and where: `wave refund garbage`. */
export function moneyOutFaults(gateways: readonly GatewayName[]): readonly string[] {
  return gateways.flatMap((gateway) =>
    KINDS[gateway].flatMap((on) =>
      [...ANSWERS, ...AFTERWARDS, WRONG_AMOUNT, SILENCE, ...lateSuccess(gateway, on), ...returned(gateway, on)].map(
        ({ fault }) => `${gateway} ${on} ${fault}`,
      ),
    ),
  );
}

/**
 * A payout of another amount that comes back too is people's to find: nothing moves a quarantined attempt any more. So the two are never in force
 * together.
 *
 * @param isSilent whether webhooks may be missing this turn
 * @param round decides which faults strike often, one after the other
 */
export function moneyOutMixture(
  random: Random,
  gateway: GatewayName,
  { isSilent, round }: { readonly isSilent: boolean; readonly round: number },
): readonly Fault[] {
  return KINDS[gateway].flatMap((on) => {
    const late = lateSuccess(gateway, on);
    const back = returned(gateway, on);
    const afterwards = [
      ...AFTERWARDS,
      ...(late.length === 0 || isSilent ? [SILENCE] : late),
      // All come in a round; in the next one it is the other's turn.
      ...(back.length > 0 && Math.floor(round / AFTERWARDS_IN_FORCE) % 2 === 0 ? back : [WRONG_AMOUNT]),
    ];
    const often = [...twoOf(ANSWERS, round), ...twoOf(afterwards, round)];
    return [...ANSWERS, ...afterwards].map((fault) => ({
      ...fault,
      gateway,
      on,
      seed: random.between(1, 1_000_000),
      rate: often.includes(fault) ? OFTEN : fault.rate * random.next(),
    }));
  });
}

/** Every one comes in a round, and again half a round later. */
function twoOf(troubles: readonly Trouble[], round: number): readonly (Trouble | undefined)[] {
  return [round, round + Math.floor(troubles.length / 2)].map((at) => troubles[at % troubles.length]);
}

function lateSuccess(gateway: GatewayName, on: Kind): readonly Trouble[] {
  return TELLS_AFTERWARDS[on].has(gateway) ? [LATE_SUCCESS] : [];
}

function returned(gateway: GatewayName, on: Kind): readonly Trouble[] {
  return on === 'payout' && TELLS_RETURNS.has(gateway) ? [RETURNED] : [];
}
