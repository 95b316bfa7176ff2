/** CSV for people and spreadsheets: what looks like a formula is made harmless, since a customer may have named a payment so. */

/** A number is written as it is; text goes through every precaution. */
export type CsvValue = string | number | bigint | boolean | Date | null | undefined;

export interface WriteCsvOptions {
  readonly delimiter?: ',' | ';' | '\t';
  /** Excel reads UTF-8 as such only with one. */
  readonly byteOrderMark?: boolean;
}

/**
 * Characters that make spreadsheets take a cell for a formula, when they stand first or behind spaces (OWASP, CSV injection). The
 * full-width ones are taken for their plain forms by some of them.
 */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const NUMBER = /^[+-]?\d{1,15}(\.\d{1,15})?$/;

/**
 * @returns the text with an apostrophe before what would be a formula: spreadsheets show it as text. A plain number stays one, also
 *   below zero.
 */
export function neutralised(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

function cellOf(value: CsvValue, special: RegExp): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  const text = neutralised(value);
  return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows until a piece of about this many characters is full: a piece per row would cost more than the rows. */
const PIECE = 16_384;

/**
 * Rows end with CRLF as RFC 4180 has it. One piece of text after the other, none before it is asked for.
 *
 * @param rows in the order of the header
 */
export async function* writeCsv(
  header: readonly string[],
  rows: Iterable<readonly CsvValue[]> | AsyncIterable<readonly CsvValue[]>,
  options: WriteCsvOptions = {},
): AsyncGenerator<string> {
  const { delimiter = ',', byteOrderMark = false } = options;
  const special = new RegExp(`["\\r\\n${delimiter}]|^\\s|\\s$`);
  const lineOf = (cells: readonly CsvValue[]) => {
    const line = cells.map((cell) => cellOf(cell, special)).join(delimiter);
    // A row of one empty cell would be an empty line, which readers leave out.
    return `${line === '' ? '""' : line}\r\n`;
  };
  let piece = (byteOrderMark ? '\ufeff' : '') + lineOf(header);
  for await (const row of rows) {
    if (row.length !== header.length)
      throw new RangeError(`A row has ${row.length} cells, the header ${header.length}`);
    piece += lineOf(row);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
