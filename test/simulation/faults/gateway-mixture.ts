/** Everything that can go wrong with a gateway, at rates that a seed decides. */
import type { Fault } from '../../support/program.js';
import type { Random } from '../random.js';

const GATEWAYS = ['paystack', 'flutterwave', 'mtn_momo'] as const;

/** With the highest rate of each. Times in ms, short enough that a run does not wait for them. */
const EVERYWHERE: readonly (Omit<Fault, 'gateway' | 'seed'> & { readonly rate: number })[] = [
  { fault: 'down', rate: 0.05 },
  { fault: 'refuse', rate: 0.05 },
  { fault: 'slow', rate: 0.04, ms: 700 },
  { fault: 'timeout_before_charge', rate: 0.03 },
  { fault: 'timeout_after_charge', rate: 0.08 },
  { fault: 'error_5xx_before', rate: 0.03 },
  { fault: 'error_5xx_after_charge', rate: 0.08 },
  { fault: 'garbage', rate: 0.06 },
  { fault: 'decline', rate: 0.08 },
  { fault: 'duplicate_webhook', rate: 0.2 },
  { fault: 'late_webhook', rate: 0.1, ms: 1_500 },
  { fault: 'forged_webhook', rate: 0.1 },
  { fault: 'wrong_amount', rate: 0.04 },
  { fault: 'approve_after', rate: 0.1, ms: 900 },
];

/**
 * A success that a gateway neither reported when it was asked nor tells of later can be found in its statement alone. So these two
 * are never in force at one gateway together, and MTN, which calls back once and never again, has no late success.
 */
const LATE_SUCCESS = { fault: 'late_success', rate: 0.06, ms: 2_000 } as const;
/** The failure that is reported first is the gateway's own: another one takes the payment, and what comes late is surplus. */
const LATE_SURPLUS = { ...LATE_SUCCESS, code: 'System Malfunction' } as const;
const SILENCE = { fault: 'no_webhook', rate: 0.15 } as const;

/** The name of every fault that is played. */
export const GATEWAY_FAULTS: readonly string[] = [...EVERYWHERE, LATE_SUCCESS, SILENCE].map(({ fault }) => fault);

/** A gateway that is away altogether for one turn: also questions are not answered then. */
const OUTAGE = 0.2;

/** @param turn decides which gateways are late and which are silent */
export function mixture(random: Random, turn: number): readonly Fault[] {
  const gone = random.chance(OUTAGE) ? random.pick(GATEWAYS) : undefined;
  return GATEWAYS.flatMap((gateway, place) => {
    const seed = (): number => random.between(1, 1_000_000);
    if (gateway === gone) return [{ gateway, fault: random.pick(['down', 'refuse']), rate: 1, seed: seed() }];
    const isLate = gateway !== 'mtn_momo' && place % 2 === turn % 2;
    const late = turn % 4 < 2 ? LATE_SURPLUS : LATE_SUCCESS;
    return [...EVERYWHERE, isLate ? late : SILENCE].map((fault) => ({
      ...fault,
      gateway,
      seed: seed(),
      rate: fault.rate * random.next(),
    }));
  });
}
