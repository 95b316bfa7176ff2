/** The rows of a batch: each is judged as a payout by itself would be, and each fault has a pointer. Pure. */
import { setImmediate } from 'node:timers/promises';
import type { PayoutDestination } from '../../../contracts/shared.js';
import type { FieldError } from '../../../kernel/errors/domain-error.js';
import { rowErrors } from '../../../kernel/http/dto-validator.js';
import { CreatePayoutDto } from './create-payout.dto.js';
import { readDestination } from './destination-rules.js';

/** Enough to see what is wrong with a file; ten thousand would be an answer larger than the request. */
export const MAX_ERRORS = 100;
/** Rows judged in one turn of the event loop: some 5 ms, after which others have theirs. */
const ROWS_PER_TURN = 500;

export interface Row {
  readonly body: CreatePayoutDto;
  readonly destination: PayoutDestination;
}

/** @returns the rows, or the first {@link MAX_ERRORS} faults in them */
export async function readRows(
  given: readonly unknown[],
): Promise<{ readonly rows: readonly Row[]; readonly errors: readonly FieldError[] }> {
  const rows: Row[] = [];
  const errors: FieldError[] = [];
  const firstWith = new Map<string, number>();
  for (const [index, row] of given.entries()) {
    if (index > 0 && index % ROWS_PER_TURN === 0) await setImmediate();
    const pointer = `/payouts/${index}`;
    const read = readRow(row, pointer);
    if ('errors' in read) errors.push(...read.errors);
    else {
      const first = firstWith.get(read.row.body.reference);
      if (first === undefined) firstWith.set(read.row.body.reference, index);
      else errors.push(duplicateReference(pointer, `it is that of /payouts/${first} as well`));
      rows.push(read.row);
    }
    if (errors.length >= MAX_ERRORS) break;
  }
  return { rows, errors: errors.slice(0, MAX_ERRORS) };
}

export function duplicateReference(pointer: string, detail: string): FieldError {
  return { pointer: `${pointer}/reference`, code: 'duplicate_reference', detail };
}

function readRow(row: unknown, pointer: string): { readonly row: Row } | { readonly errors: readonly FieldError[] } {
  const faults = rowErrors(CreatePayoutDto, row, pointer);
  if (faults.length > 0) return { errors: faults };
  const body = row as CreatePayoutDto;
  const { destination, errors } = readDestination(body.destination, body.currency, `${pointer}/destination`);
  return errors === undefined ? { row: { body, destination } } : { errors };
}
