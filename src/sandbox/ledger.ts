/** One movement of money, as the gateway's own books have it. */
export interface LedgerEntry {
  /** Position in the books, from 1. */
  readonly sequence: number;
  readonly gateway: string;
  readonly account: string;
  readonly reference: string;
  readonly kind: 'charge';
  /** Integer minor units by ISO 4217 (XOF has none), whatever unit the gateway speaks on the wire. */
  readonly amount: number;
  readonly currency: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How many charges in this currency this reference of this account has had, this one included: 2 is a double charge. */
  readonly nth: number;
}

export interface LedgerTotal {
  readonly gateway: string;
  readonly currency: string;
  readonly kind: 'charge';
  count: number;
  amount: number;
  double_charged_references: number;
}

/**
 * What really moved. A charge is written here when the imaginary customer pays, and only here: whatever the gateway told
 * or failed to tell its client, these books are what a test may believe.
 */
export class MoneyLedger {
  private entries: LedgerEntry[] = [];
  private byReference = new Map<string, LedgerEntry | LedgerEntry[]>();
  private totals = new Map<string, LedgerTotal>();
  private balances = new Map<string, number>();

  charge(movement: Omit<LedgerEntry, 'sequence' | 'kind' | 'nth'>): void {
    const { gateway, account, currency, amount } = movement;
    const nth = this.chargesSoFar(movement) + 1;
    const entry: LedgerEntry = { sequence: this.entries.length + 1, kind: 'charge', ...movement, nth };
    const total = this.totalOf(gateway, currency);
    total.count += 1;
    total.amount += amount;
    if (nth === 2) total.double_charged_references += 1;
    this.entries.push(entry);
    const known = this.byReference.get(entry.reference);
    if (known === undefined) this.byReference.set(entry.reference, entry);
    else if (Array.isArray(known)) known.push(entry);
    else this.byReference.set(entry.reference, [known, entry]);
    const balance = `${gateway} ${account} ${currency}`;
    this.balances.set(balance, (this.balances.get(balance) ?? 0) + amount);
  }

  /** @returns every movement under this reference, at any gateway, oldest first. */
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
    return [...this.totals.values()];
  }

  /** @returns what the account has collected in this currency, in minor units. */
  balance(gateway: string, account: string, currency: string): number {
    return this.balances.get(`${gateway} ${account} ${currency}`) ?? 0;
  }

  clear(): void {
    this.entries = [];
    this.byReference = new Map();
    this.totals = new Map();
    this.balances = new Map();
  }

  private totalOf(gateway: string, currency: string): LedgerTotal {
    const key = `${gateway} ${currency}`;
    const known = this.totals.get(key);
    if (known) return known;
    const total: LedgerTotal = { gateway, currency, kind: 'charge', count: 0, amount: 0, double_charged_references: 0 };
    this.totals.set(key, total);
    return total;
  }

  /** A reference belongs to one account of one gateway: the same text elsewhere is another payment. */
  private chargesSoFar(movement: Pick<LedgerEntry, 'gateway' | 'account' | 'currency' | 'reference'>): number {
    const known = this.byReference.get(movement.reference);
    if (known === undefined) return 0;
    const list = Array.isArray(known) ? known : [known];
    const last = list.findLast(
      (entry) =>
        entry.gateway === movement.gateway &&
        entry.account === movement.account &&
        entry.currency === movement.currency,
    );
    return last?.nth ?? 0;
  }
}
