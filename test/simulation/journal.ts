/** What the merchants' systems remember: the outside view of every payment, refund and payout. */
import type { IdKind } from '../../src/kernel/ids/ids.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export type WishKind = 'payment' | 'refund' | 'payout' | 'payout_batch';

/** What each is called among ids. */
export const ID_KINDS = {
  payment: 'payment',
  refund: 'refund',
  payout: 'payout',
  payout_batch: 'payoutBatch',
} as const satisfies Record<WishKind, IdKind>;

/** One thing that a merchant wants: where it is sent, and under which key. */
export interface Wish {
  readonly kind: WishKind;
  /** Where it is posted to. */
  readonly path: string;
  /** Index of the merchant. */
  readonly merchant: number;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** One of several that exclude each other: whichever comes later is refused. */
  readonly mayBeRefused?: boolean;
}

export interface JournalEntry extends Wish {
  /** Every answer of acceptance that came under this key, in order. */
  readonly accepted: Answer[];
  /** Answers of refusal, where there may be such. */
  readonly refused: Answer[];
  /** What its GET answered when everything had come to rest. */
  shown?: Readonly<Record<string, unknown>>;
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

  open(wish: Wish): JournalEntry {
    const entry: JournalEntry = { ...wish, accepted: [], refused: [] };
    this.entries.push(entry);
    return entry;
  }

  surprise(surprise: Surprise): void {
    this.surprises.push(surprise);
  }
}

/** The public id of what an entry was answered with. */
export function publicIdOf(entry: JournalEntry): string | undefined {
  const [first] = entry.accepted;
  return first === undefined ? undefined : (JSON.parse(first.text) as { id: string }).id;
}
