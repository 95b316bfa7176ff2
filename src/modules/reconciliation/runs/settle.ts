/** What should stand for a set of records or of leftovers. Pure: the store has fetched all that bears on them. */
import { groupBy } from '../../../kernel/collections/group-by.js';
import type { Found } from '../matching/break.js';
import type { Identified } from '../matching/identity.js';
import { judgeBooked, judgeMatched, judgeStray, judgeUnmatched, type Circumstances } from '../matching/judge.js';
import { matchLeftovers, mayHaveLine, type Resemblance } from '../matching/leftovers.js';
import { isProved } from '../matching/proof.js';
import type { LineSide, MovementSide, RecordSide } from '../matching/sides.js';
import type { Pair, StandingBreak, StandingPair } from './results.js';

/** What a step decides, and which of what stands it has judged. */
export interface Settled {
  readonly pairs: readonly Pair[];
  readonly breaks: readonly Found[];
  /** Attempts whose captures the gateway's books confirm. */
  readonly proved: readonly string[];
  mayDrop(pair: StandingPair): boolean;
  mayClose(found: StandingBreak): boolean;
}

const SCORE = { reference: 100, handle: 95, manual: 100 } as const;
const isIdentity = ({ rule }: StandingPair): boolean => rule in SCORE;

/**
 * Records, with the lines that name them. One that no line names is left for later, unless it can have none; what the ledger booked is judged
 * for all.
 */
export function settleNamed(
  records: readonly RecordSide[],
  identified: readonly Identified[],
  movements: readonly MovementSide[],
  now: Circumstances,
): Settled {
  const linesOf = groupBy(identified, ({ record }) => record.attemptId);
  const movementsOf = groupBy(movements, ({ attemptId }) => attemptId);
  const judgedHere = new Set(
    records.filter((record) => linesOf.has(record.attemptId) || !mayHaveLine(record)).map(({ attemptId }) => attemptId),
  );
  const here = new Set(records.map(({ attemptId }) => attemptId));
  const lines = new Set(identified.map(({ line }) => line.id));
  const judged = records.map((record) => {
    const named = (linesOf.get(record.attemptId) ?? []).filter(({ isShared }) => isShared !== true);
    const own = named.map(({ line }) => line);
    return { record, own, breaks: own.length === 0 ? [] : judgeMatched(record, own, now) };
  });
  return {
    pairs: identified.map(({ record, line, rule, explanation }) => ({
      attemptId: record.attemptId,
      lineId: line.id,
      rule,
      score: SCORE[rule],
      explanation,
    })),
    breaks: judged.flatMap(({ record, breaks }) => [
      ...breaks,
      ...judgeBooked(record, movementsOf.get(record.attemptId) ?? [], now),
    ]),
    proved: judged
      .filter(({ record, own, breaks }) => isProved(record, own, breaks))
      .map(({ record }) => record.attemptId),
    // A line that names a record is nobody else's.
    mayDrop: (pair) =>
      lines.has(pair.lineId) || judgedHere.has(pair.attemptId) || (here.has(pair.attemptId) && isIdentity(pair)),
    mayClose: ({ subjectId, side }) =>
      lines.has(subjectId) || judgedHere.has(subjectId) || (side === 'ledger' && here.has(subjectId)),
  };
}

/**
 * Records without lines and lines without records, of a window and its neighbourhood. What lies in the window is judged, and what resembles
 * something there.
 */
export function settleLeftovers(
  records: readonly RecordSide[],
  lines: readonly LineSide[],
  isInWindow: (atMs: number) => boolean,
  now: Circumstances,
): Settled {
  const groups = matchLeftovers(records, lines).filter(
    (group) =>
      group.records.some(({ startedAt }) => isInWindow(startedAt)) ||
      group.lines.some(({ occurredAt }) => isInWindow(occurredAt)),
  );
  const matched = new Set<RecordSide | LineSide>(groups.flatMap((group) => [...group.records, ...group.lines]));
  const lonelyRecords = records.filter((record) => !matched.has(record) && isInWindow(record.startedAt));
  const lonelyLines = lines.filter((line) => !matched.has(line) && isInWindow(line.occurredAt));
  const judged = new Set([
    ...[...lonelyRecords, ...groups.flatMap((group) => group.records)].map(({ attemptId }) => attemptId),
    ...[...lonelyLines, ...groups.flatMap((group) => group.lines)].map(({ id }) => id),
  ]);
  return {
    pairs: groups.flatMap(pairsOf),
    breaks: [
      ...groups.flatMap((group) => judgeGroup(group, now)),
      ...lonelyRecords.flatMap((record) => judgeUnmatched(record, now)),
      ...lonelyLines.flatMap((line) => judgeStray(line, now)),
    ],
    // What only resembles each other proves nothing.
    proved: [],
    mayDrop: ({ attemptId, lineId }) => judged.has(attemptId) || judged.has(lineId),
    // What the ledger booked has been judged before.
    mayClose: ({ subjectId, side }) => side === 'gateway' && judged.has(subjectId),
  };
}

function pairsOf({ records, lines, rule, score, explanation }: Resemblance): readonly Pair[] {
  return records.flatMap(({ attemptId }) =>
    lines.map(({ id }) => ({ attemptId, lineId: id, rule, score, explanation })),
  );
}

/** What adds up differs in nothing but its fee, which is the whole line's and no single record's. */
function judgeGroup({ records, lines }: Resemblance, now: Circumstances): readonly Found[] {
  const [record, second] = records;
  if (record === undefined) return [];
  if (second === undefined) return judgeMatched(record, lines, now);
  const [line] = lines;
  const ours = records.reduce((sum, { fee }) => sum + (fee ?? 0n), 0n);
  if (line === undefined || line.fee === null || line.fee === ours) return [];
  return [
    {
      kind: 'fee',
      side: 'gateway',
      subject: 'line',
      subjectId: line.id,
      attemptId: null,
      lineId: line.id,
      merchantId: null,
      amount: line.fee > ours ? line.fee - ours : ours - line.fee,
      currency: line.currency,
      differences: [{ field: 'fee', ours: String(ours), theirs: String(line.fee) }],
      occurredAt: line.occurredAt,
    },
  ];
}
