/** Sealing anew, under the master key that seals now, whatever a table holds that is not. */
import { describeError } from '../errors/describe.js';

/** Rows of one reading: all of them are opened and sealed in some tens of milliseconds. */
export const RESEAL_PAGE = 100;

export interface Resealed {
  /** Sealed anew, or for the first time. */
  readonly resealed: number;
  /** Were sealed under the first master key already. */
  readonly current: number;
  /** Cannot be opened: their ids, and why. */
  readonly failed: readonly { readonly id: string; readonly problem: string }[];
}

/** `changed`: it was no longer as it was read, so somebody else has sealed or deleted it. */
export type ResealOutcome = 'resealed' | 'current' | 'changed';

/**
 * Goes through all rows, whatever becomes of one. Nothing is lost by ending halfway, by running twice, or at the same time: a row is replaced in one
 * statement, and only if it still is as it was read.
 * @param page the rows after the last one, in the order of their key; none: there are no more
 */
export async function resealAll<Row extends { readonly id: string }>(
  page: (last: Row | undefined) => Promise<readonly Row[]>,
  reseal: (row: Row) => Promise<ResealOutcome>,
): Promise<Resealed> {
  const failed: { id: string; problem: string }[] = [];
  const counts = { resealed: 0, current: 0, changed: 0 };
  for (let rows = await page(undefined); rows.length > 0; rows = await page(rows.at(-1))) {
    for (const row of rows) {
      try {
        counts[await reseal(row)] += 1;
      } catch (error) {
        failed.push({ id: row.id, problem: describeError(error) });
      }
    }
  }
  return { resealed: counts.resealed, current: counts.current, failed };
}
