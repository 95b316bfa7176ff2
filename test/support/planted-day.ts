/**
 * A day of payments at one gateway account, as all three sides tell it, with discrepancies planted: what a run must find, and nothing else.
 * The same seed makes the same day.
 */
import { createHash } from 'node:crypto';
import type { IncomingLine } from '../../src/modules/reconciliation/lines/line.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Near midnight a day's books do not tell what is missing in them. */
const EDGE_MS = 30 * MINUTE_MS;

/** How many of each. Of the sound ones, all but `plain` look odd and are not. */
export const PLANTS = [
  'missing_here',
  'missing_there',
  'amount',
  'currency',
  'fee',
  'status_pending_here',
  'status_declined_here',
  'status_failed_there',
  'duplicate',
  'late_pending',
  'late_time',
  'ledger_missing_here',
  'ledger_missing_there',
  'ledger_amount',
  'ledger_currency',
  'ledger_fee',
  'ledger_status',
] as const;
export type Plant = (typeof PLANTS)[number];

export const ODD = [
  'declined',
  'declined_both',
  'pending_both',
  'by_handle',
  'by_amount',
  'instalments',
  'split_line',
  'batched_line',
  'unlisted_fee',
] as const;
export type Odd = (typeof ODD)[number];

export interface DayOptions {
  readonly seed: number;
  readonly gatewayAccountId: string;
  readonly merchantId: string;
  /** Midnight UTC. */
  readonly day: Date;
  readonly plain: number;
  readonly plants: Readonly<Partial<Record<Plant, number>>>;
  readonly odd: Readonly<Partial<Record<Odd, number>>>;
}

export type Row = Readonly<Record<string, unknown>>;

export interface PlantedDay {
  readonly records: readonly Row[];
  readonly movements: readonly Row[];
  readonly lines: readonly IncomingLine[];
  /** What must be found, sorted: `<kind> <side> <attempt, gateway's id of the line, or transfer>`. */
  readonly breaks: readonly string[];
  /** How many records must be matched, by rule. */
  readonly matched: Readonly<Record<string, number>>;
}

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Attempt {
  readonly attemptId: string;
  readonly reference: string;
  readonly gatewayId: string;
  readonly amount: number;
  readonly fee: number;
  readonly startedAt: number;
}

class Day {
  readonly records: Row[] = [];
  readonly movements: Row[] = [];
  readonly lines: IncomingLine[] = [];
  readonly breaks: string[] = [];
  readonly matched: Record<string, number> = { reference: 0, handle: 0, amount: 0, one_to_many: 0, many_to_one: 0 };
  private readonly random: () => number;
  private serial = 0;
  private groups = 0;

  constructor(private readonly options: DayOptions) {
    this.random = randomOf(options.seed);
  }

  /** Amounts are all different, and end in 001: two to six of them add up to none other. */
  attempt(startedAt = this.anyTime()): Attempt {
    this.serial += 1;
    const attemptId = this.uuid('attempt', startedAt);
    const amount = (this.serial + Math.floor(this.random() * 5) * 1_000_000) * 1_000 + 1;
    return {
      attemptId,
      reference: attemptId.replaceAll('-', ''),
      gatewayId: `${this.options.seed}${String(this.serial).padStart(10, '0')}`,
      amount,
      fee: Math.floor(amount * 0.0195),
      startedAt,
    };
  }

  anyTime(): number {
    return this.options.day.getTime() + EDGE_MS + Math.floor(this.random() * (DAY_MS - 2 * EDGE_MS));
  }

  /** Far from the one before: sums are told apart by what is near. */
  groupTime(): number {
    this.groups += 1;
    const places = 500;
    return this.options.day.getTime() + EDGE_MS + ((this.groups * 37) % places) * ((DAY_MS - 3 * EDGE_MS) / places);
  }

  uuid(what: string, at: number): string {
    this.serial += 1;
    const hex = createHash('sha256')
      .update(`${this.options.seed} ${this.options.gatewayAccountId} ${what} ${this.serial}`)
      .digest('hex');
    const time = at.toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
  }

  record(attempt: Attempt, differing: Row = {}): void {
    const status = differing['status'] ?? 'succeeded';
    const isMoved = status === 'succeeded';
    this.records.push({
      attempt_id: attempt.attemptId,
      kind: 'payment',
      subject_id: this.uuid('payment', attempt.startedAt),
      merchant_id: this.options.merchantId,
      livemode: true,
      gateway: 'paystack',
      gateway_account_id: this.options.gatewayAccountId,
      reference: attempt.reference,
      key: attempt.reference,
      handles: [],
      status,
      version: 4,
      amount: attempt.amount,
      currency: 'NGN',
      moved_amount: isMoved ? attempt.amount : null,
      moved_currency: isMoved ? 'NGN' : null,
      fee: isMoved ? attempt.fee : null,
      figures_version: isMoved ? 4 : 0,
      started_at: new Date(attempt.startedAt).toISOString(),
      concluded_at: isMoved || status === 'declined' ? new Date(attempt.startedAt + 9_000).toISOString() : null,
      ...differing,
    });
  }

  book(
    attempt: Attempt,
    differing: { readonly amount?: number; readonly fee?: number; readonly currency?: string } = {},
  ): void {
    const { amount = attempt.amount, fee = attempt.fee, currency = 'NGN' } = differing;
    const of = (kind: string, side: string, value: number): Row => ({
      transfer_id: this.uuid(kind, attempt.startedAt),
      attempt_id: attempt.attemptId,
      gateway_account_id: this.options.gatewayAccountId,
      livemode: true,
      kind,
      side,
      amount: value,
      currency,
      effective_at: new Date(attempt.startedAt + 9_500).toISOString(),
    });
    this.movements.push(of('collection', 'debit', amount), of('gateway_fee', 'credit', fee));
  }

  line(attempt: Attempt, differing: Partial<IncomingLine> = {}): void {
    this.lines.push({
      line: this.lines.length + 2,
      id: attempt.gatewayId,
      reference: attempt.reference,
      handles: {},
      kind: 'charge',
      status: 'succeeded',
      amountMinor: BigInt(attempt.amount),
      feeMinor: BigInt(attempt.fee),
      netMinor: null,
      currency: 'NGN',
      occurredAt: new Date(attempt.startedAt + 4_000),
      settlementId: null,
      description: null,
      ...differing,
    });
  }

  plain(): void {
    const attempt = this.attempt();
    this.record(attempt);
    this.book(attempt);
    this.line(attempt);
    this.match('reference');
  }

  match(rule: string, count = 1): void {
    this.matched[rule] = (this.matched[rule] ?? 0) + count;
  }

  expect(kind: string, subject: string, side = 'gateway'): void {
    this.breaks.push(`${kind} ${side} ${subject}`);
  }

  plant(plant: Plant): void {
    const attempt = this.attempt();
    const { attemptId } = attempt;
    const isLedger = plant.startsWith('ledger_');
    const side = isLedger ? 'ledger' : 'gateway';
    const kind = (isLedger ? plant.slice('ledger_'.length) : plant).replace(/^(status|late)_.*/, '$1');
    if (plant !== 'missing_here' && plant !== 'missing_there' && plant !== 'ledger_missing_here')
      this.match('reference');
    if (plant === 'missing_here') {
      this.line(attempt);
      this.expect(kind, attempt.gatewayId);
    } else if (plant === 'missing_there') {
      this.record(attempt);
      this.book(attempt);
      this.expect(kind, attemptId);
    } else if (plant === 'duplicate') {
      const second = `${attempt.gatewayId}9`;
      this.record(attempt);
      this.book(attempt);
      this.line(attempt);
      this.line(attempt, { id: second, occurredAt: new Date(attempt.startedAt + 30_000) });
      this.expect(kind, second);
    } else if (plant === 'ledger_missing_here') {
      this.book(attempt);
      for (const { transfer_id: id } of this.movements.slice(-2)) this.expect(kind, String(id), side);
    } else {
      this.differ(plant, attempt);
      this.expect(kind, attemptId, side);
    }
  }

  /** One record, one line, and one thing about them that is not as it should be. */
  private differ(plant: Plant, attempt: Attempt): void {
    const record: Row =
      plant === 'status_pending_here'
        ? { status: 'pending' }
        : plant === 'status_declined_here' || plant === 'ledger_status'
          ? { status: 'declined' }
          : {};
    const lines: Readonly<Partial<Record<Plant, Partial<IncomingLine>>>> = {
      amount: { amountMinor: BigInt(attempt.amount - 500) },
      currency: { currency: 'GHS' },
      fee: { feeMinor: BigInt(attempt.fee + 3) },
      status_failed_there: { status: 'failed' },
      late_pending: { status: 'pending' },
      late_time: { occurredAt: new Date(attempt.startedAt + 5 * 60 * MINUTE_MS) },
      ledger_status: { status: 'failed' },
    };
    const booked: Readonly<Partial<Record<Plant, Parameters<Day['book']>[1]>>> = {
      ledger_amount: { amount: attempt.amount + 100 },
      ledger_fee: { fee: attempt.fee + 1 },
      ledger_currency: { currency: 'GHS' },
    };
    this.record(attempt, record);
    this.line(attempt, lines[plant]);
    const isBooked = plant === 'ledger_status' || (record['status'] === undefined && plant !== 'ledger_missing_there');
    if (isBooked) this.book(attempt, booked[plant]);
  }

  odd(odd: Odd): void {
    const attempt = this.attempt(odd === 'split_line' || odd === 'batched_line' ? this.groupTime() : undefined);
    const anonymous = { reference: null } as const;
    if (odd !== 'batched_line' && odd !== 'by_handle')
      this.record(
        attempt,
        odd.startsWith('declined') ? { status: 'declined' } : odd === 'pending_both' ? { status: 'pending' } : {},
      );
    if (!odd.startsWith('declined') && odd !== 'pending_both' && odd !== 'batched_line') this.book(attempt);
    switch (odd) {
      case 'declined':
        return;
      case 'declined_both':
        this.line(attempt, { status: 'failed' });
        return this.match('reference');
      case 'pending_both':
        // Nothing has moved, and the gateway says so.
        this.line(attempt, { status: 'failed' });
        this.expect('status', attempt.attemptId);
        return this.match('reference');
      case 'by_handle':
        this.record(attempt, { handles: [attempt.gatewayId] });
        this.line(attempt, anonymous);
        return this.match('handle');
      case 'by_amount':
        this.line(attempt, { ...anonymous, id: `x${attempt.gatewayId}`, feeMinor: null });
        return this.match('amount');
      case 'instalments':
        this.line(attempt, { id: `${attempt.gatewayId}1`, amountMinor: 400n, feeMinor: 0n });
        this.line(attempt, {
          id: `${attempt.gatewayId}2`,
          amountMinor: BigInt(attempt.amount - 400),
          occurredAt: new Date(attempt.startedAt + 90 * MINUTE_MS),
        });
        return this.match('reference');
      case 'split_line': {
        const first = Math.floor(attempt.amount * (0.2 + this.random() * 0.25)) + 7;
        this.line(attempt, { ...anonymous, id: `${attempt.gatewayId}1`, amountMinor: BigInt(first), feeMinor: null });
        this.line(attempt, {
          ...anonymous,
          id: `${attempt.gatewayId}2`,
          amountMinor: BigInt(attempt.amount - first),
          feeMinor: null,
          occurredAt: new Date(attempt.startedAt + 2 * MINUTE_MS),
        });
        return this.match('one_to_many');
      }
      case 'batched_line': {
        const parts = [attempt, this.attempt(attempt.startedAt + 20_000), this.attempt(attempt.startedAt + 40_000)];
        for (const part of parts) {
          this.record(part);
          this.book(part);
        }
        const sum = parts.reduce((total, { amount }) => total + amount, 0);
        const fee = parts.reduce((total, each) => total + each.fee, 0);
        this.line(attempt, {
          reference: `BATCH-${this.groups}`,
          amountMinor: BigInt(sum),
          feeMinor: BigInt(fee),
          occurredAt: new Date(attempt.startedAt + 3 * MINUTE_MS),
        });
        return this.match('many_to_one', parts.length);
      }
      case 'unlisted_fee':
        this.line(attempt, { feeMinor: null });
        return this.match('reference');
    }
  }

  /** In no order that means anything. */
  shuffledLines(): readonly IncomingLine[] {
    const lines = [...this.lines];
    for (let index = lines.length - 1; index > 0; index -= 1) {
      const other = Math.floor(this.random() * (index + 1));
      const [a, b] = [lines[index], lines[other]];
      if (a !== undefined && b !== undefined) [lines[index], lines[other]] = [b, a];
    }
    return lines.map((line, index) => ({ ...line, line: index + 2 }));
  }
}

export function plantDay(options: DayOptions): PlantedDay {
  const day = new Day(options);
  for (let index = 0; index < options.plain; index += 1) day.plain();
  for (const plant of PLANTS) for (let index = 0; index < (options.plants[plant] ?? 0); index += 1) day.plant(plant);
  for (const odd of ODD) for (let index = 0; index < (options.odd[odd] ?? 0); index += 1) day.odd(odd);
  const { records, movements, breaks, matched } = day;
  return { records, movements, lines: day.shuffledLines(), breaks: breaks.toSorted(), matched };
}

type Query = (sql: string, values: unknown[]) => Promise<unknown>;

/** Rows per statement. */
const ROWS = 10_000;

/** Writes what we and the ledger say; the gateway's lines go the way of all lines. */
export async function storeDay(query: Query, day: Pick<PlantedDay, 'records' | 'movements'>): Promise<void> {
  for (const [table, rows] of [
    ['record', day.records],
    ['movement', day.movements],
  ] as const)
    for (let from = 0; from < rows.length; from += ROWS)
      await query(
        `INSERT INTO reconciliation.${table} SELECT * FROM json_populate_recordset(NULL::reconciliation.${table}, $1)`,
        [JSON.stringify(rows.slice(from, from + ROWS))],
      );
}

/** Every open break as {@link PlantedDay.breaks} has it. */
export const FOUND_BREAKS = `SELECT b.kind || ' ' || b.side || ' ' ||
    CASE b.subject WHEN 'line' THEN (SELECT gateway_id FROM reconciliation.line l WHERE l.id = b.subject_id) ELSE b.subject_id::text END AS found
  FROM reconciliation.break b WHERE b.gateway_account_id = $1 AND b.closed_at IS NULL`;

export async function* inBatches(
  lines: readonly IncomingLine[],
  size = 1_000,
): AsyncGenerator<readonly IncomingLine[]> {
  for (let from = 0; from < lines.length; from += size) yield await Promise.resolve(lines.slice(from, from + size));
}
