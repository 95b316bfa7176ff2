/** Which money at the bank is which settlement of a gateway. Pure. */
import { groupBy } from '../../../kernel/collections/group-by.js';
import { keyOf } from '../records/record.js';

/** What a gateway says that it has paid to our bank; amounts in minor units. */
export interface SettlementSide {
  readonly id: string;
  readonly gatewayAccountId: string;
  /** What the gateway calls it, and what it says that the bank calls it. */
  readonly names: readonly string[];
  readonly net: bigint;
  readonly currency: string;
  /** ms since 1970. */
  readonly settledAt: number;
}

/** Money that came in at the bank. */
export interface CreditSide {
  readonly id: string;
  readonly account: string;
  readonly amount: bigint;
  readonly currency: string;
  /** Midnight UTC of the day on which the bank booked it, in ms since 1970. */
  readonly bookedAt: number;
  /** Everything that the bank says about it, in any order. */
  readonly texts: readonly string[];
}

export type SettlementRule = 'reference' | 'amount' | 'many_to_one';

export interface Received {
  readonly settlements: readonly SettlementSide[];
  readonly credit: CreditSide;
  readonly rule: SettlementRule;
  readonly explanation: string;
}

const DAY_MS = 86_400_000;
/** Books and bank days differ by time zone. */
const EARLIER_MS = DAY_MS;
/** Two banking days, with a weekend and a holiday between them. */
const LATER_MS = 6 * DAY_MS;
/** Shorter names stand in texts by chance. */
const MIN_NAME_LENGTH = 6;
/** Settlements that a bank books as one: of one gateway account, and few. */
const MOST_TOGETHER = 4;

/**
 * By name first; then by amount, where within the days it takes there is one of each and no other; then several of one gateway account that the
 * bank has booked as one, where one combination adds up and no other does.
 *
 * @param isWhole whether these are all there are: of a part nobody can say that there is no other, so that names alone count
 */
export function matchSettlements(
  settlements: readonly SettlementSide[],
  credits: readonly CreditSide[],
  isWhole = true,
): readonly Received[] {
  const byName = matchByName(settlements, credits);
  if (!isWhole) return byName;
  const taken = new Set<SettlementSide | CreditSide>(byName.flatMap((each) => [...each.settlements, each.credit]));
  const left = settlements.filter((each) => !taken.has(each));
  const open = credits.filter((each) => !taken.has(each));
  const byAmount = matchByAmount(left, open);
  for (const each of byAmount) [...each.settlements, each.credit].forEach((side) => taken.add(side));
  const sums = matchSums(
    left.filter((each) => !taken.has(each)),
    open.filter((each) => !taken.has(each)),
  );
  return [...byName, ...byAmount, ...sums];
}

/**
 * A credit that names one settlement, or several of one gateway account: gateways do not pay together. Those first whose amount it is, since two
 * gateways may call theirs the same; of others the one with the longest name, since a short one may be part of it. What names nothing but itself may
 * still differ in its amount: that is a break, and no other match.
 */
function matchByName(settlements: readonly SettlementSide[], credits: readonly CreditSide[]): readonly Received[] {
  const keysOf = new Map(settlements.map((each) => [each, each.names.map(keyOf).filter(isTelling)]));
  const taken = new Set<SettlementSide | CreditSide>();
  /** By gateway account. */
  const namedIn = (credit: CreditSide): readonly NamedTogether[] => {
    const text = ` ${credit.texts.map(wordsOf).join(' ')} `;
    const joined = keyOf(text);
    const named = settlements.flatMap((settlement) => {
      if (taken.has(settlement) || settlement.currency !== credit.currency) return [];
      const found = keysOf.get(settlement)?.filter((key) => isNamed(key, text, joined)) ?? [];
      return found.length === 0 ? [] : [{ settlement, length: Math.max(...found.map((key) => key.length)) }];
    });
    return [...groupBy(named, ({ settlement }) => settlement.gatewayAccountId).values()].map((group) => ({
      settlements: group.map(({ settlement }) => settlement),
      longest: Math.max(...group.map(({ length }) => length)),
    }));
  };
  const take = (among: (named: readonly NamedTogether[], credit: CreditSide) => readonly NamedTogether[]) =>
    credits
      .filter((credit) => !taken.has(credit))
      .flatMap((credit): readonly Received[] => {
        const [named, another] = among(namedIn(credit), credit);
        if (named === undefined || another !== undefined) return [];
        [...named.settlements, credit].forEach((side) => taken.add(side));
        const names = named.settlements.map(({ names: [name] }) => name).join(', ');
        const explanation = `the bank's text names ${names}`;
        return [{ settlements: named.settlements, credit, rule: 'reference', explanation }];
      });
  const found = [...take((named, { amount }) => named.filter((each) => netOf(each) === amount))];
  // What one credit takes no longer stands in the way of another.
  for (let more = take(longestOf); more.length > 0; more = take(longestOf)) found.push(...more);
  return found;
}

/** Settlements of one gateway account that a credit names. */
interface NamedTogether {
  readonly settlements: readonly SettlementSide[];
  /** Characters of the longest name of them that the credit has. */
  readonly longest: number;
}

const netOf = ({ settlements }: NamedTogether): bigint => settlements.reduce((sum, { net }) => sum + net, 0n);

function longestOf(named: readonly NamedTogether[]): readonly NamedTogether[] {
  const most = Math.max(...named.map(({ longest }) => longest));
  return named.filter(({ longest }) => longest === most);
}

const wordsOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ');

const isTelling = (key: string): boolean => key.length >= MIN_NAME_LENGTH;

/** Digits alone must stand by themselves: they would be found inside of longer numbers. */
function isNamed(key: string, text: string, joined: string): boolean {
  return /^\d+$/.test(key) ? text.includes(` ${key} `) : joined.includes(key);
}

const isInTime = ({ settledAt }: SettlementSide, { bookedAt }: CreditSide): boolean =>
  bookedAt >= startOfDay(settledAt) - EARLIER_MS && bookedAt <= settledAt + LATER_MS;
const startOfDay = (ms: number): number => ms - (ms % DAY_MS);

function matchByAmount(settlements: readonly SettlementSide[], credits: readonly CreditSide[]): readonly Received[] {
  const fits = (settlement: SettlementSide, credit: CreditSide): boolean =>
    settlement.net === credit.amount && settlement.currency === credit.currency && isInTime(settlement, credit);
  return settlements.flatMap((settlement): readonly Received[] => {
    const [credit, another] = credits.filter((each) => fits(settlement, each));
    if (credit === undefined || another !== undefined) return [];
    if (settlements.some((other) => other !== settlement && fits(other, credit))) return [];
    const explanation = 'the only settlement and the only credit of this amount within the days it takes';
    return [{ settlements: [settlement], credit, rule: 'amount', explanation }];
  });
}

function matchSums(settlements: readonly SettlementSide[], credits: readonly CreditSide[]): readonly Received[] {
  const found = credits.flatMap((credit): readonly Received[] => {
    const near = settlements.filter((each) => each.currency === credit.currency && isInTime(each, credit));
    const groups = [...new Set(near.map(({ gatewayAccountId }) => gatewayAccountId))].flatMap((account) =>
      combinations(
        near.filter(({ gatewayAccountId }) => gatewayAccountId === account),
        credit.amount,
      ),
    );
    const [group, another] = groups;
    if (group === undefined || another !== undefined) return [];
    const explanation = `${group.length} settlements of one gateway account add up to it, and no others do`;
    return [{ settlements: group, credit, rule: 'many_to_one', explanation }];
  });
  // One that would be part of two sums is part of none.
  const uses = new Map<SettlementSide, number>();
  for (const { settlements: group } of found) group.forEach((each) => uses.set(each, (uses.get(each) ?? 0) + 1));
  return found.filter(({ settlements: group }) => group.every((each) => uses.get(each) === 1));
}

/** More than so many settlements within some days are not told apart by what they add up to. */
const MOST_CANDIDATES = 24;

/** Two to four that add up; no more than two of such, as more than one says nothing. */
function combinations(of: readonly SettlementSide[], amount: bigint): readonly (readonly SettlementSide[])[] {
  if (of.length > MOST_CANDIDATES) return [];
  const found: SettlementSide[][] = [];
  const extend = (chosen: readonly SettlementSide[], from: number, rest: bigint): void => {
    if (rest === 0n && chosen.length > 1) found.push([...chosen]);
    if (rest <= 0n || chosen.length === MOST_TOGETHER) return;
    for (const [index, next] of of.entries())
      if (index >= from && found.length < 2 && next.net > 0n) extend([...chosen, next], index + 1, rest - next.net);
  };
  extend([], 0, amount);
  return found;
}
