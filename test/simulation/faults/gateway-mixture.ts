/** Everything that can go wrong with a gateway, at rates that a seed decides. */
import type { Fault } from '../../support/program.js';
import type { Random } from '../random.js';
import { GATEWAYS, type GatewayName } from '../world/gateway-accounts.js';
import { moneyOutFaults, moneyOutMixture } from './money-out-mixture.js';

type Trouble = Omit<Fault, 'gateway' | 'seed'> & { readonly rate: number };

/** With the highest rate of each. Times in ms, short enough that a run does not wait for them. */
const EVERYWHERE: readonly Trouble[] = [
  { fault: 'down', rate: 0.05 },
  { fault: 'refuse', rate: 0.05 },
  { fault: 'slow', rate: 0.04, ms: 700 },
  { fault: 'timeout_before_charge', rate: 0.05 },
  { fault: 'timeout_after_charge', rate: 0.08 },
  { fault: 'error_5xx_before', rate: 0.05 },
  { fault: 'error_5xx_after_charge', rate: 0.08 },
  { fault: 'garbage', rate: 0.06 },
  { fault: 'decline', rate: 0.08 },
  { fault: 'duplicate_webhook', rate: 0.2 },
  { fault: 'late_webhook', rate: 0.1, ms: 1_500 },
  { fault: 'forged_webhook', rate: 0.1 },
  { fault: 'wrong_amount', rate: 0.06 },
  { fault: 'approve_after', rate: 0.1, ms: 900 },
];
const LATE_SUCCESS: Trouble = { fault: 'late_success', rate: 0.08, ms: 2_000 };
/** The failure that is reported first is the gateway's own: another one takes the payment, and what comes late is surplus. */
const LATE_SURPLUS: Trouble = { ...LATE_SUCCESS, code: 'System Malfunction' };
const SILENCE: Trouble = { fault: 'no_webhook', rate: 0.15 };

/**
 * What can be found in a gateway's statement alone is not played: it waits for reconciliation.
 * - `in_turn`: a success that it neither reported when it was asked nor tells of later. So the two are never in force together.
 * - `never`: the same of a gateway that calls back once and never again (MTN), or without naming the payment (Orange).
 * - `together`: it goes on being asked, as its word for a failure is not final (Hubtel's `Unpaid`, Wave's open session).
 */
const LATE_AND_SILENT: Readonly<Record<GatewayName, 'in_turn' | 'never' | 'together'>> = {
  paystack: 'in_turn',
  flutterwave: 'in_turn',
  mtn_momo: 'never',
  monnify: 'in_turn',
  hubtel: 'together',
  wave: 'together',
  orange_money: 'never',
};
/** No answer of Orange has an amount: that another one was taken stands in its statement alone. */
const TELLS_NO_AMOUNT: GatewayName = 'orange_money';

/** Every fault that is played, and where: `wave late_webhook`. */
export const GATEWAY_FAULTS: readonly string[] = [
  ...GATEWAYS.flatMap((gateway) =>
    [...everywhere(gateway), SILENCE, ...(LATE_AND_SILENT[gateway] === 'never' ? [] : [LATE_SUCCESS])].map(
      ({ fault }) => `${gateway} ${fault}`,
    ),
  ),
  ...moneyOutFaults(GATEWAYS),
];

/** A gateway that is away altogether for one turn: also questions are not answered then. */
const OUTAGE = 0.4;

/** @param turn decides which gateways are late and which are silent, and with the seed which faults of money that goes out strike often */
export function mixture(random: Random, turn: number, seedOfRun: number): readonly Fault[] {
  const gone = random.chance(OUTAGE) ? random.pick(GATEWAYS) : undefined;
  return GATEWAYS.flatMap((gateway, place) => {
    const seed = (): number => random.between(1, 1_000_000);
    if (gateway === gone) return [{ gateway, fault: random.pick(['down', 'refuse']), rate: 1, seed: seed() }];
    const faults = [...everywhere(gateway), ...lateOrSilent(gateway, place, turn)].map((fault) => ({
      ...fault,
      gateway,
      seed: seed(),
      rate: fault.rate * random.next(),
    }));
    return [
      ...faults,
      ...moneyOutMixture(random, gateway, { isSilent: place % 2 === turn % 2, round: seedOfRun + turn + place }),
    ];
  });
}

function everywhere(gateway: GatewayName): readonly Trouble[] {
  return EVERYWHERE.filter(({ fault }) => fault !== 'wrong_amount' || gateway !== TELLS_NO_AMOUNT);
}

function lateOrSilent(gateway: GatewayName, place: number, turn: number): readonly Trouble[] {
  const late = turn % 4 < 2 ? LATE_SURPLUS : LATE_SUCCESS;
  switch (LATE_AND_SILENT[gateway]) {
    case 'never':
      return [SILENCE];
    case 'together':
      return [late, SILENCE];
    case 'in_turn':
      return [place % 2 === turn % 2 ? late : SILENCE];
  }
}
