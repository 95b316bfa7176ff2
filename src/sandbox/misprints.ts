/** Mistakes in what a gateway lists of its charges: another than its books, as exports have them. What is asked about one charge alone is answered right. */

/**
 * - `amount`: more was asked for and taken than it was. `failed`: it failed. `twice`: it stands there once more, as another charge with the same reference.
 * - `left_out`: it does not stand there.
 */
export const MISPRINTS = ['amount', 'failed', 'twice', 'left_out'] as const;
export type Misprint = (typeof MISPRINTS)[number];

/** A whole unit in currencies of two decimals. */
const MORE_MINOR = 100;
/** Further than a gateway gets in a run: no other charge has this id. */
const OTHER_ID = 1_000_000_000;

/** What of a charge can be listed wrongly. */
interface Listed {
  readonly id: number;
  readonly status: string;
  readonly requestedMinor: number;
  readonly chargedMinor: number;
}

/** @returns as what it is listed, newest first */
export function printed<T extends Listed>(transaction: T, misprint: Misprint | undefined): readonly T[] {
  switch (misprint) {
    case undefined:
      return [transaction];
    case 'amount':
      // Both: what was taken beyond what was asked for would be a fee that the customer bore.
      return [
        {
          ...transaction,
          requestedMinor: transaction.requestedMinor + MORE_MINOR,
          chargedMinor: transaction.chargedMinor + MORE_MINOR,
        },
      ];
    case 'failed':
      return [{ ...transaction, status: 'failed' }];
    case 'twice':
      return [{ ...transaction, id: transaction.id + OTHER_ID }, transaction];
    case 'left_out':
      return [];
  }
}
