/** One transaction in a gateway's own books, as any source says it. Pure. */
import { createHash } from 'node:crypto';
import { LineRegister } from '../files/line-register.js';
import { handlesOf, keyOf } from '../records/record.js';

/** `fee` and `settlement` are no transactions of ours: they are kept, and compared with nothing here. */
export type LineKind = 'charge' | 'refund' | 'payout' | 'payout_return' | 'fee' | 'settlement';
export type LineStatus = 'succeeded' | 'pending' | 'failed' | 'reversed';

/** What a source says; amounts in minor units, never negative. */
export interface IncomingLine {
  /** Which line of its source it is; no two have the same. */
  readonly line: number;
  /** The gateway's own id of it. */
  readonly id: string | null;
  /** The reference that we gave the gateway. */
  readonly reference: string | null;
  /** Further names of the same thing. */
  readonly handles: Readonly<Record<string, string>>;
  readonly kind: LineKind;
  readonly status: LineStatus;
  /** Before fees. */
  readonly amountMinor: bigint;
  /** Null when the source does not say. */
  readonly feeMinor: bigint | null;
  readonly netMinor: bigint | null;
  readonly currency: string;
  readonly occurredAt: Date;
  readonly settlementId: string | null;
  readonly description: string | null;
}

/** A line as it is staged: its id, and the columns of its row. */
export interface StagedLine {
  readonly ordinal: number;
  readonly id: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Hex digits of a SHA-256 that make a UUID. */
const UUID_DIGITS = 32;

/**
 * Gives lines of one source their ids: of the account and the gateway's id, else of all that the line says and which of several equal ones
 * it is. The same line has the same id in every source, and two that a file has twice without an id of their own stay two.
 */
export class LineIds {
  /** Of a million lines without an id hardly any two are equal: strings are kept of those only. */
  private readonly seen = new LineRegister();
  private readonly copies = new Map<string, number>();

  constructor(private readonly gatewayAccountId: string) {}

  idOf(line: IncomingLine): string {
    if (line.id !== null) return this.hash(['id', line.kind, line.id]);
    const content = [
      line.kind,
      line.status,
      line.reference ?? '',
      ...Object.values(line.handles).toSorted(),
      String(line.amountMinor),
      line.currency,
      line.occurredAt.toISOString(),
      line.settlementId ?? '',
      line.description ?? '',
    ];
    const equal = this.hash(content);
    const isFirst = this.seen.add(equal, '', 1) === undefined;
    const copy = isFirst ? 0 : (this.copies.get(equal) ?? 0) + 1;
    if (!isFirst) this.copies.set(equal, copy);
    return this.hash(['copy', String(copy), ...content]);
  }

  /** A UUIDv8: what a hash makes is nobody's random or time. */
  private hash(parts: readonly string[]): string {
    const hex = createHash('sha256')
      .update(JSON.stringify([this.gatewayAccountId, ...parts]))
      .digest('hex')
      .slice(0, UUID_DIGITS);
    const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

export function stagedLine(line: IncomingLine, ids: LineIds): StagedLine {
  const { reference } = line;
  const key = reference === null ? '' : keyOf(reference);
  return {
    ordinal: line.line,
    id: ids.idOf(line),
    content: {
      gateway_id: line.id,
      reference,
      key: key === '' ? null : key,
      aliases: handlesOf([...(line.id === null ? [] : [line.id]), ...Object.values(line.handles)]),
      kind: line.kind,
      status: line.status,
      amount: String(line.amountMinor),
      fee: line.feeMinor === null ? null : String(line.feeMinor),
      net: line.netMinor === null ? null : String(line.netMinor),
      currency: line.currency,
      occurred_at: line.occurredAt.toISOString(),
      settlement_id: line.settlementId,
      description: line.description,
    },
  };
}
