/** The kinds of movement: in, back to the customer, out to a receiver, and out but come back. */
export const LEDGER_KINDS = ['charge', 'refund', 'payout', 'payout_return'] as const;

export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** One movement of money, as the gateway's own books have it. */
export interface LedgerEntry {
  /** Position in the books, from 1. */
  readonly sequence: number;
  readonly gateway: string;
  readonly account: string;
  /** The client's own reference; for a refund at a gateway that takes none, the charge's. */
  readonly reference: string;
  readonly kind: LedgerKind;
  /** Integer minor units by ISO 4217 (XOF has none), whatever unit the gateway speaks on the wire. Always positive. */
  readonly amount: number;
  readonly currency: string;
  /** The reference of the charge that a refund gives back. */
  readonly chargeReference?: string;
  /** The client's note on a refund that has no reference of its own. */
  readonly note?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How many movements of this kind in this currency this reference of this account has had, this one included: 2 is a double. */
  readonly nth: number;
}

/** What a movement is before it has its place in the books. */
export type NewEntry = Omit<LedgerEntry, 'sequence' | 'nth'>;

/** What an account has moved in one currency, by kind. Integer minor units. */
export type Moved = Readonly<Record<LedgerKind, number>>;

const NOTHING_MOVED: Moved = { charge: 0, refund: 0, payout: 0, payout_return: 0 };

/** The name under which the summary counts the references that moved twice, by kind. */
const DOUBLES = {
  charge: 'double_charged_references',
  refund: 'double_refunded_references',
  payout: 'double_paid_out_references',
  payout_return: 'double_returned_references',
} as const;

export interface LedgerTotal {
  readonly gateway: string;
  readonly currency: string;
  readonly kind: LedgerKind;
  readonly count: number;
  readonly amount: number;
  readonly double_charged_references?: number;
  readonly double_refunded_references?: number;
  readonly double_paid_out_references?: number;
  readonly double_returned_references?: number;
}

interface Total {
  readonly gateway: string;
  readonly currency: string;
  readonly kind: LedgerKind;
  count: number;
  amount: number;
  doubles: number;
}

/**
 * What really moved. A movement is written here when the imaginary customer pays or is paid, and only here: whatever the
 * gateway told or failed to tell its client, these books are what a test may believe.
 */
export class MoneyLedger {
  private entries: LedgerEntry[] = [];
  private byReference = new Map<string, LedgerEntry | LedgerEntry[]>();
  private totals = new Map<string, Total>();
  private accounts = new Map<string, Record<LedgerKind, number>>();

  record(movement: NewEntry): void {
    const { gateway, account, currency, amount, kind } = movement;
    const nth = this.soFar(movement) + 1;
    const entry: LedgerEntry = { sequence: this.entries.length + 1, ...movement, nth };
    const total = this.totalOf(gateway, currency, kind);
    total.count += 1;
    total.amount += amount;
    if (nth === 2) total.doubles += 1;
    this.entries.push(entry);
    this.file(entry.reference, entry);
    const { chargeReference } = entry;
    if (chargeReference !== undefined && chargeReference !== entry.reference) this.file(chargeReference, entry);
    const key = `${gateway} ${account} ${currency}`;
    const moved = this.accounts.get(key) ?? { ...NOTHING_MOVED };
    moved[kind] += amount;
    this.accounts.set(key, moved);
  }

  /** @returns every movement under this reference, at any gateway, oldest first; refunds also under their charge's. */
  of(reference: string): LedgerEntry[] {
    const known = this.byReference.get(reference);
    if (known === undefined) return [];
    return Array.isArray(known) ? [...known] : [known];
  }

  /** @returns up to `limit` movements after the given sequence number. */
  page(after: number, limit: number): LedgerEntry[] {
    return this.entries.slice(after, after + limit);
  }

  get size(): number {
    return this.entries.length;
  }

  summary(): LedgerTotal[] {
    return [...this.totals.values()].map(({ doubles, ...total }) => ({ ...total, [DOUBLES[total.kind]]: doubles }));
  }

  /** @returns what the account has moved in this currency, by kind, in minor units. */
  moved(gateway: string, account: string, currency: string): Moved {
    return this.accounts.get(`${gateway} ${account} ${currency}`) ?? NOTHING_MOVED;
  }

  /** @returns the currencies in which the account has moved anything. */
  currencies(gateway: string, account: string): string[] {
    const prefix = `${gateway} ${account} `;
    return [...this.accounts.keys()].flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
  }

  clear(): void {
    this.entries = [];
    this.byReference = new Map();
    this.totals = new Map();
    this.accounts = new Map();
  }

  private file(reference: string, entry: LedgerEntry): void {
    const known = this.byReference.get(reference);
    if (known === undefined) this.byReference.set(reference, entry);
    else if (Array.isArray(known)) known.push(entry);
    else this.byReference.set(reference, [known, entry]);
  }

  private totalOf(gateway: string, currency: string, kind: LedgerKind): Total {
    const key = `${gateway} ${currency} ${kind}`;
    const known = this.totals.get(key);
    if (known) return known;
    const total: Total = { gateway, currency, kind, count: 0, amount: 0, doubles: 0 };
    this.totals.set(key, total);
    return total;
  }

  /**
   * A reference belongs to one account of one gateway: the same text elsewhere is another payment. Refunds that borrow
   * their charge's reference are the same only when their notes are; without a note each stands for itself.
   */
  private soFar(movement: NewEntry): number {
    const { kind, gateway, account, currency, reference, note } = movement;
    if (kind === 'refund' && reference === movement.chargeReference && note === undefined) return 0;
    const known = this.byReference.get(reference);
    if (known === undefined) return 0;
    const list = Array.isArray(known) ? known : [known];
    const last = list.findLast(
      (entry) =>
        entry.kind === kind &&
        entry.reference === reference &&
        entry.gateway === gateway &&
        entry.account === account &&
        entry.currency === currency &&
        entry.note === note,
    );
    return last?.nth ?? 0;
  }
}
