import { MAX_PROBLEMS } from './limits.js';

/** What can be wrong with a file. Stable: screens and tests go by it; the message is for people. */
export type FileProblemCode =
  | 'empty'
  | 'too_large'
  | 'too_many_lines'
  | 'not_text'
  | 'other_format'
  | 'encoding'
  | 'control_character'
  | 'cut_off'
  | 'quotation'
  | 'cell_too_long'
  | 'too_many_columns'
  | 'header_missing'
  | 'column_missing'
  | 'column_twice'
  | 'row_width'
  | 'value_missing'
  | 'value_unknown'
  | 'value_damaged'
  | 'amount'
  | 'decimals'
  | 'amount_too_large'
  | 'sign'
  | 'currency'
  | 'time'
  | 'duplicate'
  | 'total'
  | 'balance'
  | 'xml'
  | 'xml_forbidden'
  | 'statement';

export interface FileProblem {
  readonly code: FileProblemCode;
  /** Of the file, counted from 1, as an editor shows it; null when it is the whole file's. */
  readonly line: number | null;
  /** The column's header as the file writes it, or `column 3`; an element's name in XML. */
  readonly column: string | null;
  /** One sentence in plain English, which says where. It may quote up to 60 characters of an amount, a time or a code word. */
  readonly message: string;
}

/**
 * The file as a whole is refused; nothing of it may be kept. What the caller's stream of bytes throws is not this: it passes
 * through as it is.
 */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';

  constructor(
    /** At least one, at most a hundred, in the order of the file. */
    readonly problems: readonly FileProblem[],
    /** Whether reading ended early because there were too many. */
    readonly more = false,
  ) {
    const rest = problems.length > 1 ? ` (and ${problems.length - 1}${more ? ' or more' : ''} other problems)` : '';
    super(`${problems[0]?.message ?? 'The file is refused'}${rest}`);
  }
}

/** A refusal for one reason, which ends reading at once. */
export function refused(
  code: FileProblemCode,
  message: string,
  line: number | null = null,
  column: string | null = null,
) {
  return new FileRefused([{ code, line, column, message }]);
}

/** What a problem may quote of the file: short, on one line. */
export function quoted(text: string): string {
  const plain = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return plain.length > 60 ? `"${plain.slice(0, 57)}..."` : `"${plain}"`;
}

/** Collects what is wrong, so that an operator is told of everything at once rather than one thing per upload. */
export class Problems {
  readonly list: FileProblem[] = [];

  /** @throws {FileRefused} when the list is full */
  add(problem: FileProblem): void {
    this.list.push(problem);
    if (this.list.length >= MAX_PROBLEMS) throw new FileRefused(this.list, true);
  }

  /** @throws {FileRefused} when there is any */
  throwIfAny(): void {
    if (this.list.length > 0) throw new FileRefused(this.list);
  }

  /** What a refusal becomes that ended reading: what was found before it belongs to it. */
  joined(error: unknown): unknown {
    if (!(error instanceof FileRefused) || this.list.length === 0 || error.problems === this.list) return error;
    return new FileRefused([...this.list, ...error.problems].slice(0, MAX_PROBLEMS), error.more);
  }
}
