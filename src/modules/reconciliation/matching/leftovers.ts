/** What reference and handle left over: by amount, then by sums. Pure, and the same whatever the order. */
import { groupBy } from '../../../kernel/collections/group-by.js';
import {
  amountOf,
  byTime,
  currencyOf,
  isOpen,
  isTransaction,
  looksOurs,
  took,
  type LineSide,
  type RecordSide,
} from './sides.js';
import { onlySum } from './sums.js';

const MINUTE_MS = 60_000;
/** A gateway notes a transaction at most so long before we say that it began (clocks), in ms. */
export const BEFORE_MS = 10 * MINUTE_MS;
/** And at most so long after. Who approves later than this is found by reference, or by people. */
export const AFTER_MS = 60 * MINUTE_MS;
/** Sums are looked for near by first, where few are to choose from and one that fits means something. */
const SUM_WITHIN_MS = [10 * MINUTE_MS, AFTER_MS] as const;
/**
 * How far beyond a window its neighbours must be known, in ms: whether a record and a line are each other's only ones depends on what is
 * near the one and near the other, and whether two sums contend for a part on what is near that.
 */
export const NEIGHBOURHOOD_MS = 4 * (BEFORE_MS + AFTER_MS);

export type ResemblanceRule = 'amount' | 'many_to_one' | 'one_to_many';

export interface Resemblance {
  readonly rule: ResemblanceRule;
  readonly records: readonly RecordSide[];
  readonly lines: readonly LineSide[];
  /** 0 to 100: how much it may be relied upon. */
  readonly score: number;
  readonly explanation: string;
}

interface Candidate {
  readonly record: RecordSide;
  readonly amount: bigint;
  readonly unit: string;
}

const unitOf = (kind: string, currency: string | null): string => `${kind} ${currency ?? ''}`;

/** Lines that may be anybody's: they say that money moved, and name no attempt of ours. */
export const mayResemble = (line: LineSide): boolean =>
  line.status === 'succeeded' && isTransaction(line) && line.kind !== 'payout_return' && !looksOurs(line.key);

/** Records that may have a line: money moved, or may have. */
export const mayHaveLine = (record: RecordSide): boolean => took(record) || isOpen(record);

export function matchLeftovers(records: readonly RecordSide[], lines: readonly LineSide[]): readonly Resemblance[] {
  const candidates = records.filter(mayHaveLine).flatMap((record): readonly Candidate[] => {
    const amount = amountOf(record);
    const kind = record.kind === 'payment' ? 'charge' : record.kind;
    return amount === null ? [] : [{ record, amount, unit: unitOf(kind, currencyOf(record)) }];
  });
  candidates.sort(
    (a, b) => a.record.startedAt - b.record.startedAt || (a.record.attemptId < b.record.attemptId ? -1 : 1),
  );
  const strays = lines.filter(mayResemble).toSorted(byTime);
  const byAmount = matchAmounts(candidates, strays);
  const matched = new Set(byAmount.flatMap((each) => [...each.records, ...each.lines]));
  const bySum = matchSums(
    candidates.filter(({ record }) => !matched.has(record) && took(record)),
    strays.filter((line) => !matched.has(line)),
  );
  return [...byAmount, ...bySum];
}

/** Index of the first line at or after a time. */
function firstFrom(lines: readonly LineSide[], at: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.occurredAt ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One record and one line of the same amount, each the other's only one within reach. */
function matchAmounts(candidates: readonly Candidate[], strays: readonly LineSide[]): readonly Resemblance[] {
  const linesOf = groupBy(strays, (line) => `${unitOf(line.kind, line.currency)} ${line.amount}`);
  const found: Resemblance[] = [];
  for (const [key, records] of groupBy(candidates, ({ unit, amount }) => `${unit} ${amount}`)) {
    const lines = linesOf.get(key) ?? [];
    if (lines.length === 0) continue;
    const reach = records.map(({ record }) => ({
      record,
      from: firstFrom(lines, record.startedAt - BEFORE_MS),
      to: firstFrom(lines, record.startedAt + AFTER_MS + 1),
    }));
    // How many records reach each line: where ranges begin and end, summed up.
    const steps = new Int32Array(lines.length + 1);
    for (const { from, to } of reach) {
      steps[from] = (steps[from] ?? 0) + 1;
      steps[to] = (steps[to] ?? 0) - 1;
    }
    for (let index = 1; index <= lines.length; index += 1) steps[index] = (steps[index] ?? 0) + (steps[index - 1] ?? 0);
    for (const { record, from, to } of reach) {
      const line = lines[from];
      if (to - from !== 1 || steps[from] !== 1 || line === undefined) continue;
      found.push(resemblance(record, line));
    }
  }
  return found;
}

/** Seconds apart per point of score that is lost: an hour apart leaves 60. */
const SECONDS_PER_POINT = 120;
const BEST_BY_AMOUNT = 90;
const LEAST_BY_AMOUNT = 60;

function resemblance(record: RecordSide, line: LineSide): Resemblance {
  const apart = Math.round(Math.abs(line.occurredAt - record.startedAt) / 1_000);
  return {
    rule: 'amount',
    records: [record],
    lines: [line],
    score: Math.max(LEAST_BY_AMOUNT, BEST_BY_AMOUNT - Math.floor(apart / SECONDS_PER_POINT)),
    explanation: `within an hour no other line and no other record is of ${line.amount} ${line.currency}; they are ${apart} s apart`,
  };
}

interface Proposal {
  readonly rule: 'many_to_one' | 'one_to_many';
  readonly records: readonly RecordSide[];
  readonly lines: readonly LineSide[];
  readonly explanation: string;
}

/** One line for several records, or several lines for one record. What two sums would have, neither gets. */
function matchSums(candidates: readonly Candidate[], strays: readonly LineSide[]): readonly Resemblance[] {
  const linesOf = groupBy(strays, (line) => unitOf(line.kind, line.currency));
  const recordsOf = groupBy(candidates, ({ unit }) => unit);
  const proposals: Proposal[] = [];
  for (const { record, amount, unit } of candidates) {
    const lines = linesOf.get(unit) ?? [];
    const sum = nearestSum(amount, (withinMs) =>
      lines.slice(firstFrom(lines, record.startedAt - BEFORE_MS), firstFrom(lines, record.startedAt + withinMs + 1)),
    );
    if (sum !== undefined)
      proposals.push({
        rule: 'one_to_many',
        records: [record],
        lines: sum.parts,
        explanation: `of the lines ${sum.words}`,
      });
  }
  for (const line of strays) {
    const near = recordsOf.get(unitOf(line.kind, line.currency)) ?? [];
    const sum = nearestSum(line.amount, (withinMs) =>
      near.filter(
        ({ record }) =>
          record.startedAt <= line.occurredAt + BEFORE_MS && record.startedAt >= line.occurredAt - withinMs,
      ),
    );
    if (sum !== undefined)
      proposals.push({
        rule: 'many_to_one',
        records: sum.parts.map(({ record }) => record),
        lines: [line],
        explanation: `of the records ${sum.words}`,
      });
  }
  const claims = new Map<RecordSide | LineSide, number>();
  for (const each of proposals.flatMap(({ records, lines }) => [...records, ...lines]))
    claims.set(each, (claims.get(each) ?? 0) + 1);
  return proposals
    .filter(({ records, lines }) => [...records, ...lines].every((each) => claims.get(each) === 1))
    .map((proposal) => ({ ...proposal, score: SCORE_OF_SUMS }));
}

/** Below every match of one amount with another. */
const SCORE_OF_SUMS = 55;

function nearestSum<P extends { readonly amount: bigint }>(
  target: bigint,
  candidatesWithin: (withinMs: number) => readonly P[],
): { readonly parts: readonly P[]; readonly words: string } | undefined {
  for (const withinMs of SUM_WITHIN_MS) {
    const candidates = candidatesWithin(withinMs);
    const sum = onlySum(target, candidates);
    if (sum === undefined) continue;
    const words =
      `within ${withinMs / MINUTE_MS} minutes only these ${sum.parts.length} of ${candidates.length} add up to ${target}; ` +
      `of ${sum.combinations} combinations ${sum.chance.toPrecision(1)} would by accident`;
    return { parts: sum.parts, words };
  }
  return undefined;
}
