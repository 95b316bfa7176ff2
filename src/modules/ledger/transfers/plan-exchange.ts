/** An exchange of one currency into another, as linked transfers through accounts that hold some of either. Pure. */
import type { Transfer } from './transfer.js';

/** Minor units of the currency that is received per minor unit of the one that is given: exact, never a float. */
export interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Who gives and receives, and through what. */
export interface ExchangeAccounts {
  /** In the currency that is given: the customer's, and the house's that takes it. */
  readonly from: string;
  readonly liquidityIn: string;
  /** In the currency that is received: the house's that gives it, the customer's, and where roundings go. */
  readonly liquidityOut: string;
  readonly to: string;
  readonly residue: string;
}

export interface Exchange {
  readonly accounts: ExchangeAccounts;
  readonly amountMinor: bigint;
  readonly rate: Rate;
  readonly ids: { readonly given: string; readonly received: string; readonly residue: string };
  readonly subjectId: string | null;
  readonly effectiveAt: Date;
}

/**
 * Three transfers at most, all or none: what is given goes to one liquidity account, what is received comes from the other. What the
 * rate makes of the amount is seldom a whole number of minor units: the customer receives it rounded down, the liquidity account gives it
 * rounded to the nearest (a half to the even), so that it neither wins nor loses in the long run, and the difference, none or one minor
 * unit, is the residue. Nothing is made or lost in either currency.
 * @throws {RangeError} when the amount or the rate is not positive, or the customer would receive nothing
 */
export function planExchange(exchange: Exchange): readonly Transfer[] {
  const { accounts, amountMinor, ids, subjectId, effectiveAt } = exchange;
  const { numerator, denominator } = exchange.rate;
  if (amountMinor <= 0n || numerator <= 0n || denominator <= 0n)
    throw new RangeError('An exchange has a positive amount and a positive rate');
  const received = (amountMinor * numerator) / denominator;
  if (received === 0n) throw new RangeError('The amount is worth less than the smallest unit of the other currency');
  const residue = isRoundedUp((amountMinor * numerator) % denominator, denominator, received) ? 1n : 0n;
  const leg = (id: string, debit: string, credit: string, amount: bigint, kind: string): Transfer => ({
    id,
    debitAccountId: debit,
    creditAccountId: credit,
    amountMinor: amount,
    kind,
    subjectId,
    effectiveAt,
  });
  const legs = [
    leg(ids.given, accounts.from, accounts.liquidityIn, amountMinor, 'exchange_given'),
    leg(ids.received, accounts.liquidityOut, accounts.to, received, 'exchange_received'),
    ...(residue === 0n ? [] : [leg(ids.residue, accounts.liquidityOut, accounts.residue, residue, 'exchange_residue')]),
  ];
  return legs.map((each, index) => (index === legs.length - 1 ? each : { ...each, linked: true }));
}

function isRoundedUp(rest: bigint, denominator: bigint, whole: bigint): boolean {
  if (rest * 2n === denominator) return whole % 2n === 1n;
  return rest * 2n > denominator;
}
