/** What a file says that it has: of which time, and of which kinds. Pure. */
import type { FileLine, GatewayMapping, LineKind } from '../files/index.js';
import type { RecordKind } from '../records/record.js';

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
/** A month, as a run that somebody asks for. */
const RUN_DAYS = 31;
/** Lines further apart than a year are no export, but a date that was read wrongly; and each month is a run. */
export const MAX_DAYS = 366;

export interface Span {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** What was read of a file so far. */
export class Extent {
  readonly kinds = new Set<RecordKind>();
  private first = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;

  add({ kind, occurredAt }: Pick<FileLine, 'kind' | 'occurredAt'>): void {
    const at = occurredAt.getTime();
    if (at < this.first) this.first = at;
    if (at > this.last) this.last = at;
    const compared = comparedWith(kind);
    if (compared !== undefined) this.kinds.add(compared);
  }

  /**
   * From the first line to the last, in whole seconds; undefined where there are none. Not in whole days: that a file begins at ten in the morning does not
   * prove that nothing happened before, and every payment of that morning would be missed in it.
   */
  span(): Span | undefined {
    if (this.first > this.last) return undefined;
    const from = Math.floor(this.first / SECOND_MS) * SECOND_MS;
    const to = Math.floor(this.last / SECOND_MS) * SECOND_MS + SECOND_MS;
    return { from: new Date(from), to: new Date(to) };
  }
}

/** With which records lines of a kind are compared; fees and settlements with none. */
function comparedWith(kind: LineKind): RecordKind | undefined {
  if (kind === 'charge') return 'payment';
  if (kind === 'refund') return 'refund';
  return kind === 'payout' || kind === 'payout_return' ? 'payout' : undefined;
}

/**
 * Of what would be in it: the kinds that the file has lines of. Where its mapping reads one kind alone, that one, also if there are no lines. A mapping that knows
 * the word for payouts does not prove that the file would have them: some gateways export collections and disbursements apart.
 */
export function coversOf(mapping: Pick<GatewayMapping, 'kind'>, extent: Pick<Extent, 'kinds'>): readonly RecordKind[] {
  const constant = 'constant' in mapping.kind ? comparedWith(mapping.kind.constant) : undefined;
  return [...(constant === undefined ? extent.kinds : [constant])].toSorted();
}

export const daysOf = ({ from, to }: Span): number => (to.getTime() - from.getTime()) / DAY_MS;

/** Both, and what lies between them. */
export function hullOf(one: Span, other: Span | undefined): Span {
  if (other === undefined) return one;
  return {
    from: one.from < other.from ? one.from : other.from,
    to: one.to > other.to ? one.to : other.to,
  };
}

export function overlap(one: Span, other: Span): boolean {
  return one.from < other.to && other.from < one.to;
}

/** In parts of a month at most, each of which is a run that can be canceled by itself. */
export function* partsOf({ from, to }: Span): Generator<Span> {
  for (let at = from.getTime(); at < to.getTime(); at += RUN_DAYS * DAY_MS)
    yield { from: new Date(at), to: new Date(Math.min(at + RUN_DAYS * DAY_MS, to.getTime())) };
}
