/** What should stand against what does stand. Pure. */
import { identityOf, type BreakKind, type Found } from '../matching/break.js';

export type MatchRule = 'reference' | 'handle' | 'manual' | 'amount' | 'many_to_one' | 'one_to_many';

export interface Pair {
  readonly attemptId: string;
  readonly lineId: string;
  readonly rule: MatchRule;
  readonly score: number;
  readonly explanation: string;
}

export type StandingPair = Pick<Pair, 'attemptId' | 'lineId' | 'rule' | 'explanation'>;

export interface StandingBreak extends Pick<Found, 'kind' | 'side' | 'subjectId'> {
  readonly id: string;
  /** What it says, as text: the same text is the same break. */
  readonly content: string;
}

export const pairKey = ({ attemptId, lineId }: Pick<Pair, 'attemptId' | 'lineId'>): string => `${attemptId} ${lineId}`;

/** A break's content as it is compared, and kept beside nothing: what is stored gives the same text again. */
export function contentOf(
  found: Pick<Found, 'attemptId' | 'lineId' | 'merchantId' | 'amount' | 'currency' | 'differences'>,
): string {
  return JSON.stringify([
    found.attemptId,
    found.lineId,
    found.merchantId,
    found.amount === null ? null : String(found.amount),
    found.currency,
    found.differences.map(({ field, ours, theirs }) => [field, ours, theirs]),
  ]);
}

/** What a decision about a break is about. */
export const contentsOf = (found: Found): { readonly identity: string; readonly content: string } => ({
  identity: identityOf(found),
  content: contentOf(found),
});

export interface PairChanges {
  readonly made: readonly Pair[];
  readonly dropped: readonly StandingPair[];
}

/** @param mayDrop which of those that stand are this step's to judge */
export function changedPairs(
  wanted: readonly Pair[],
  standing: readonly StandingPair[],
  mayDrop: (pair: StandingPair) => boolean,
): PairChanges {
  const stands = new Map(standing.map((pair) => [pairKey(pair), pair]));
  const wants = new Set(wanted.map(pairKey));
  return {
    made: wanted.filter((pair) => {
      const known = stands.get(pairKey(pair));
      return known === undefined || known.rule !== pair.rule || known.explanation !== pair.explanation;
    }),
    dropped: standing.filter((pair) => !wants.has(pairKey(pair)) && mayDrop(pair)),
  };
}

export interface BreakChanges {
  readonly opened: readonly Found[];
  readonly changed: readonly { readonly id: string; readonly found: Found }[];
  readonly closed: readonly { readonly id: string; readonly why: string }[];
}

const WHY_CLOSED: Readonly<Record<BreakKind, string>> = {
  missing_here: 'it belongs to something that we know of',
  missing_there: 'the other side has it',
  amount: 'both say the same amount',
  currency: 'both say the same currency',
  fee: 'both say the same fee',
  status: 'both say the same, or one of them may still change',
  duplicate: 'it is no duplicate of another line',
  late: 'it is not under way any more',
};

/** @param mayClose which of those that stand are this step's to judge */
export function changedBreaks(
  wanted: readonly Found[],
  standing: readonly StandingBreak[],
  mayClose: (found: StandingBreak) => boolean,
): BreakChanges {
  const stands = new Map(standing.map((each) => [identityOf(each), each]));
  const wants = new Map(wanted.map((found) => [identityOf(found), found]));
  const known = [...wants].map(([identity, found]) => ({ found, standing: stands.get(identity) }));
  return {
    opened: known.flatMap(({ found, standing: stood }) => (stood === undefined ? [found] : [])),
    changed: known.flatMap(({ found, standing: stood }) =>
      stood === undefined || stood.content === contentOf(found) ? [] : [{ id: stood.id, found }],
    ),
    closed: standing
      .filter((each) => !wants.has(identityOf(each)) && mayClose(each))
      .map(({ id, kind }) => ({ id, why: WHY_CLOSED[kind] })),
  };
}
