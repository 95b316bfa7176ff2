/** What the merchants' systems remember: the outside view of every payment. */

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One payment that a merchant wants. */
export interface JournalEntry {
  /** Index of the merchant. */
  readonly merchant: number;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Every answer of acceptance that came under this key, in order. */
  readonly accepted: Answer[];
}

export interface Surprise {
  readonly invariant: 'same_key_same_bytes' | 'one_payment_per_reference' | 'no_row_crosses_a_tenant';
  readonly text: string;
  readonly key: string;
}

export class Journal {
  readonly entries: JournalEntry[] = [];
  /** Answers that no client should get. */
  readonly surprises: Surprise[] = [];

  open(merchant: number, key: string, body: Readonly<Record<string, unknown>>): JournalEntry {
    const entry: JournalEntry = { merchant, key, body, accepted: [] };
    this.entries.push(entry);
    return entry;
  }

  surprise(surprise: Surprise): void {
    this.surprises.push(surprise);
  }
}

/** The public id of the payment that an entry was answered with. */
export function paymentIdOf(entry: JournalEntry): string | undefined {
  const [first] = entry.accepted;
  return first === undefined ? undefined : (JSON.parse(first.text) as { id: string }).id;
}
