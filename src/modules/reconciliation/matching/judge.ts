/** What differs between an attempt and its lines, and between an attempt and its movements. Pure. */
import type { RecordKind } from '../records/record.js';
import type { BreakKind, Difference, Found } from './break.js';
import { AROUND_MS, OUR_LAG_MS, USUAL_MS, type Coverage } from './policy.js';
import {
  amountOf,
  byTime,
  currencyOf,
  isOpen,
  isTransaction,
  took,
  type LineSide,
  type MovementSide,
  type RecordSide,
} from './sides.js';

/** Against what ages are told, and which times the gateway's books cover, by what they hold. */
export interface Circumstances {
  readonly asOf: number;
  readonly coverage: Readonly<Record<RecordKind, readonly Coverage[]>>;
}

const text = (value: bigint | null): string | null => (value === null ? null : String(value));
const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

function ofRecord(
  record: RecordSide,
  kind: BreakKind,
  differences: readonly Difference[],
  more: Partial<Found> = {},
): Found {
  return {
    kind,
    side: 'gateway',
    subject: 'record',
    subjectId: record.attemptId,
    attemptId: record.attemptId,
    lineId: null,
    merchantId: record.merchantId,
    amount: amountOf(record),
    currency: currencyOf(record),
    differences,
    occurredAt: record.startedAt,
    ...more,
  };
}

function ofLine(line: LineSide, kind: BreakKind, differences: readonly Difference[], record?: RecordSide): Found {
  return {
    kind,
    side: 'gateway',
    subject: 'line',
    subjectId: line.id,
    attemptId: record?.attemptId ?? null,
    lineId: line.id,
    merchantId: record?.merchantId ?? null,
    amount: line.amount,
    currency: line.currency,
    differences,
    occurredAt: line.occurredAt,
  };
}

/** A record whose lines are known: they carry its reference or handle, or are the only ones that fit. */
export function judgeMatched(record: RecordSide, lines: readonly LineSide[], now: Circumstances): readonly Found[] {
  const ordered = lines.toSorted(byTime);
  const moved = ordered.filter(({ status, kind }) => status === 'succeeded' && kind !== 'payout_return');
  const { counted, surplus } = split(record, moved);
  return [
    ...judgeStatus(record, ordered, now),
    ...judgeFigures(record, counted),
    ...surplus.map((line) =>
      ofLine(line, 'duplicate', [{ field: 'lines', ours: '1', theirs: String(moved.length) }], record),
    ),
  ];
}

/** Which lines are the attempt, and which took its money once more: several may be instalments of it. */
function split(
  record: RecordSide,
  moved: readonly LineSide[],
): { readonly counted: readonly LineSide[]; readonly surplus: readonly LineSide[] } {
  const [first] = moved;
  if (first === undefined || moved.length === 1) return { counted: moved, surplus: [] };
  const expected = amountOf(record);
  if (expected === null || sum(moved.map(({ amount }) => amount)) <= expected) return { counted: moved, surplus: [] };
  const one = moved.find(({ amount }) => amount === expected) ?? first;
  return { counted: [one], surplus: moved.filter((line) => line !== one) };
}

type Theirs = 'moved' | 'came_back' | 'pending' | 'failed';

function theirsOf(lines: readonly LineSide[]): Theirs {
  if (lines.some(({ status, kind }) => status === 'reversed' || (kind === 'payout_return' && status === 'succeeded')))
    return 'came_back';
  if (lines.some(({ status }) => status === 'succeeded')) return 'moved';
  return lines.some(({ status }) => status === 'pending') ? 'pending' : 'failed';
}

function judgeStatus(record: RecordSide, lines: readonly LineSide[], now: Circumstances): readonly Found[] {
  const theirs = theirsOf(lines);
  const [line] = lines;
  if (line === undefined) return [];
  const usual = USUAL_MS[record.kind];
  const found = (kind: BreakKind, differences: readonly Difference[]): readonly Found[] => [
    ofRecord(record, kind, differences, { lineId: line.id, amount: amountOf(record) ?? line.amount }),
  ];
  const differs = [{ field: 'status', ours: record.status, theirs: line.status }] as const;
  const status = (afterMs: number, since: number): readonly Found[] =>
    now.asOf - since > afterMs ? found('status', differs) : [];
  const late = (): readonly Found[] => (now.asOf - record.startedAt > usual ? found('late', differs) : []);

  if (theirs === 'pending') return took(record) || isOpen(record) ? late() : [];
  if (took(record)) {
    const since = record.concludedAt ?? record.startedAt;
    if (theirs === 'failed') return status(0, since);
    const cameBack = record.status === 'returned' || record.isGivenBack;
    // Of a charge that we give back, some gateways go on saying that it succeeded, and others that it was reversed.
    if (theirs === 'came_back' ? !cameBack : record.status === 'returned') return status(OUR_LAG_MS, since);
    const apart = apartMs(record, line);
    return apart > usual
      ? found('late', [
          { field: 'time', ours: time(record.concludedAt ?? record.startedAt), theirs: time(line.occurredAt) },
        ])
      : [];
  }
  if (theirs === 'moved') return status(OUR_LAG_MS, line.occurredAt);
  // What never moved, or is back, is no loss; that we do not know yet is, once it is unusual.
  return isOpen(record) ? status(usual, record.startedAt) : [];
}

/** How far a line lies outside the time in which we say that the attempt was under way. */
function apartMs(record: RecordSide, line: LineSide): number {
  const end = record.concludedAt ?? record.startedAt;
  return Math.max(record.startedAt - line.occurredAt, line.occurredAt - end, 0);
}

function judgeFigures(record: RecordSide, lines: readonly LineSide[]): readonly Found[] {
  const [first] = lines;
  if (first === undefined || !took(record)) return [];
  const currency = currencyOf(record);
  if (first.currency !== currency)
    return [
      ofRecord(record, 'currency', [{ field: 'currency', ours: currency, theirs: first.currency }], {
        lineId: first.id,
      }),
    ];
  const theirs = sum(lines.map(({ amount }) => amount));
  const ours = amountOf(record);
  if (ours !== theirs)
    return [
      ofRecord(record, 'amount', [{ field: 'amount', ours: text(ours), theirs: text(theirs) }], {
        lineId: first.id,
        amount: difference(ours ?? 0n, theirs),
      }),
    ];
  const fees = lines.flatMap(({ fee }) => (fee === null ? [] : [fee]));
  const fee = fees.length === lines.length ? sum(fees) : null;
  if (fee === null || record.fee === null || fee === record.fee) return [];
  return [
    ofRecord(record, 'fee', [{ field: 'fee', ours: text(record.fee), theirs: text(fee) }], {
      lineId: first.id,
      amount: difference(record.fee, fee),
    }),
  ];
}

const difference = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

/** A record without any line: missed where money moved, and the gateway's books cover the time in which it did. */
export function judgeUnmatched(record: RecordSide, now: Circumstances): readonly Found[] {
  if (!took(record)) return [];
  const [from, to] = [record.startedAt - AROUND_MS, (record.concludedAt ?? record.startedAt) + AROUND_MS];
  if (!now.coverage[record.kind].some((span) => span.from <= from && to <= span.to)) return [];
  return [ofRecord(record, 'missing_there', [{ field: 'status', ours: record.status, theirs: null }])];
}

/** A line that belongs to no record. */
export function judgeStray(line: LineSide, now: Circumstances): readonly Found[] {
  if (!isTransaction(line) || line.status === 'failed') return [];
  const allowed = line.status === 'pending' ? USUAL_MS.payment : OUR_LAG_MS;
  if (now.asOf - line.occurredAt <= allowed) return [];
  return [ofLine(line, 'missing_here', [{ field: 'status', ours: null, theirs: line.status }])];
}

/** What is booked when money that went out is here again: what was meant to go, and what went twice. */
const CAME_BACK = /_(returned|recovered)$/;

/** What the ledger booked for an attempt. */
export function judgeBooked(
  record: RecordSide,
  all: readonly MovementSide[],
  { asOf }: Pick<Circumstances, 'asOf'>,
): readonly Found[] {
  // What was decided about a difference has its own papers.
  const movements = all.filter(({ kind }) => kind !== 'adjustment');
  const back = movements.filter(({ kind }) => CAME_BACK.test(kind));
  const fees = movements.filter(({ kind }) => kind.endsWith('_fee'));
  const principal = movements.filter((each) => !back.includes(each) && !fees.includes(each));
  const found = (
    kind: BreakKind,
    field: Difference['field'],
    ours: string | null,
    theirs: string | null,
    amount?: bigint,
  ) => [
    ofRecord(record, kind, [{ field, ours, theirs }], { side: 'ledger', ...(amount === undefined ? {} : { amount }) }),
  ];
  const [first] = principal;
  if (!took(record))
    return first === undefined ? [] : found('status', 'status', record.status, first.kind, sum(amounts(principal)));
  if (first === undefined || (record.status === 'returned' && back.length === 0)) {
    // Announced by others, after they have heard of it themselves.
    if (asOf - (record.concludedAt ?? record.startedAt) <= OUR_LAG_MS) return [];
    return found('missing_there', 'status', record.status, first?.kind ?? null);
  }
  const currency = currencyOf(record);
  if (first.currency !== currency) return found('currency', 'currency', currency, first.currency);
  const [ours, booked] = [amountOf(record) ?? 0n, sum(amounts(principal))];
  if (ours !== booked) return found('amount', 'amount', text(ours), text(booked), difference(ours, booked));
  const [fee, bookedFee] = [record.fee ?? 0n, sum(amounts(fees))];
  return fee === bookedFee ? [] : found('fee', 'fee', text(fee), text(bookedFee), difference(fee, bookedFee));
}

const amounts = (movements: readonly MovementSide[]): readonly bigint[] => movements.map(({ amount }) => amount);

/** A transfer for an attempt that we do not know. */
export function judgeUnowned(movement: MovementSide, { asOf }: Pick<Circumstances, 'asOf'>): readonly Found[] {
  if (asOf - movement.effectiveAt <= OUR_LAG_MS) return [];
  return [
    {
      kind: 'missing_here',
      side: 'ledger',
      subject: 'movement',
      subjectId: movement.transferId,
      attemptId: movement.attemptId,
      lineId: null,
      merchantId: null,
      amount: movement.amount,
      currency: movement.currency,
      differences: [{ field: 'status', ours: null, theirs: movement.kind }],
      occurredAt: movement.effectiveAt,
    },
  ];
}
