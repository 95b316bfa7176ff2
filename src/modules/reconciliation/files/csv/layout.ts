/** Where things stand in a file: what separates cells, where the header is, which column is which. Found from the head alone. */
import { FileRefused, refused, type FileProblem } from '../file-refused.js';
import { HEADER_WITHIN_ROWS } from '../limits.js';
import { headerKey, type FindColumn } from './cells.js';
import { CsvRecords, type CsvRecord } from './csv-records.js';
import { requiredColumns, type NamedColumn } from './columns.js';
import type { Column, CsvMapping } from './mapping.js';

const DELIMITERS = [',', ';', '\t', '|'] as const;

export interface Layout {
  readonly delimiter: string;
  /** Lines at the top that are not read at all. */
  readonly skippedLines: number;
  /** Rows above the first line, the header among them. */
  readonly rowsAbove: number;
  /** Line of the header, or null when there is none. */
  readonly headerLine: number | null;
  /** As the file writes them; by place when there is no header. */
  readonly headers: readonly string[];
  readonly find: FindColumn;
}

/** How a column is called to an operator: by its header, else by its place. */
export function columnName(layout: Layout, at: number): string {
  const header = layout.headers[at]?.trim();
  return header === undefined || header === '' ? `column ${at + 1}` : header;
}

/** Leaves out the lines at the top, in whatever pieces the text comes. */
export class LineSkipper {
  private afterCr = false;

  constructor(private left: number) {}

  push(text: string): string {
    let at = 0;
    while ((this.left > 0 || this.afterCr) && at < text.length) {
      const code = text.charCodeAt(at);
      if (this.afterCr && code !== 0x0a) {
        this.afterCr = false;
        if (this.left === 0) break;
      } else if (this.afterCr) {
        this.afterCr = false;
        at += 1;
        continue;
      }
      if (code === 0x0d) this.afterCr = true;
      if (code === 0x0a || code === 0x0d) this.left -= 1;
      at += 1;
    }
    return text.slice(at);
  }
}

/** The rows of the head; what is cut off at its end is left out. */
export function rowsOf(text: string, delimiter: string, skippedLines: number, complete: boolean): CsvRecord[] {
  const records = new CsvRecords(delimiter, skippedLines + 1);
  const rows: CsvRecord[] = [];
  try {
    rows.push(...records.push(new LineSkipper(skippedLines).push(text)));
    if (complete) rows.push(...records.end());
  } catch (error) {
    // With the wrong delimiter quotation marks stand in wrong places. With the right one, reading will say so, with the line.
    if (!(error instanceof FileRefused)) throw error;
    rows.push(...records.push(''));
  }
  return rows;
}

interface Candidate {
  readonly delimiter: string;
  readonly rows: readonly CsvRecord[];
  /** Which of the rows is the header; -1 for none. */
  readonly headerAt: number;
  readonly missing: readonly NamedColumn[];
}

/**
 * @param text the head, decoded
 * @param complete whether the head is the whole file
 * @throws {FileRefused} when the header is not found
 */
export function findLayout(text: string, complete: boolean, mapping: CsvMapping): Layout {
  if (text.trim() === '') throw refused('empty', 'The file has no text in it.');
  const told = /^sep=(.)\r?\n/.exec(text)?.[1];
  const skippedLines = mapping.skipLines + (told === undefined ? 0 : 1);
  const asked = mapping.delimiter === 'auto' ? told : mapping.delimiter;
  const candidates = (asked === undefined ? DELIMITERS : [asked]).map((delimiter) =>
    candidate(delimiter, rowsOf(text, delimiter, skippedLines, complete), mapping),
  );
  const best = candidates.reduce((one, other) => (isBetter(other, one) ? other : one));
  if (best.missing.length > 0) throw new FileRefused(best.missing.map((missing) => missingColumn(missing, best)));
  const header = mapping.header === 'none' ? undefined : best.rows[best.headerAt];
  const headers = header?.cells ?? best.rows[0]?.cells.map(() => '') ?? [];
  return {
    delimiter: best.delimiter,
    skippedLines,
    rowsAbove: best.headerAt + 1,
    headerLine: header?.line ?? null,
    headers,
    find: finder(headers),
  };
}

function candidate(delimiter: string, rows: readonly CsvRecord[], mapping: CsvMapping): Candidate {
  const wanted = requiredColumns(mapping);
  if (mapping.header === 'none') {
    const widest = rows.slice(0, HEADER_WITHIN_ROWS).reduce((width, row) => Math.max(width, row.cells.length), 0);
    const missing = wanted.filter(({ column }) => !('position' in column) || column.position > widest);
    return { delimiter, rows, headerAt: -1, missing };
  }
  const asked = mapping.header === 'first' ? 1 : HEADER_WITHIN_ROWS;
  let best: Candidate = { delimiter, rows, headerAt: -1, missing: wanted };
  for (const [at, row] of rows.slice(0, asked).entries()) {
    const find = finder(row.cells);
    const missing = wanted.filter(({ column }) => find(column) === -1);
    const isFirst = best.headerAt === -1;
    if (isFirst || missing.length < best.missing.length) best = { delimiter, rows, headerAt: at, missing };
    if (missing.length === 0) break;
  }
  return best;
}

/** Fewer missing columns; then, where there is no header to go by, more columns. */
function isBetter(one: Candidate, other: Candidate): boolean {
  if (one.missing.length !== other.missing.length) return one.missing.length < other.missing.length;
  return one.headerAt === -1 && (one.rows[0]?.cells.length ?? 0) > (other.rows[0]?.cells.length ?? 0);
}

function finder(headers: readonly string[]): FindColumn {
  const keys = headers.map(headerKey);
  return (column: Column) => {
    if ('position' in column) return column.position <= headers.length ? column.position - 1 : -1;
    for (const name of column) {
      const at = keys.indexOf(headerKey(name));
      if (at !== -1) return at;
    }
    return -1;
  };
}

function missingColumn({ purpose, column }: NamedColumn, { rows, headerAt }: Candidate): FileProblem {
  const row = rows[headerAt];
  const line = row?.line ?? null;
  if ('position' in column) {
    const message = `The ${purpose} should be in column ${column.position}, but the rows are not that wide.`;
    return { code: 'column_missing', line, column: `column ${column.position}`, message };
  }
  const names = column.join('", "');
  const where = line === null ? '' : ` The closest to a header is line ${line}: ${shortList(row?.cells ?? [])}.`;
  const message = `No column for the ${purpose}: none is called "${names}".${where}`;
  return { code: 'column_missing', line, column: column[0] ?? null, message };
}

/** Headers are no secrets, but a line of data may have been taken for them: only a little of it is shown. */
function shortList(cells: readonly string[]): string {
  const shown = cells.slice(0, 12).map((cell) => cell.trim().slice(0, 30));
  return shown.join(', ') + (cells.length > shown.length ? ', ...' : '');
}

/**
 * A header that stands twice is only wrong when the mapping uses it.
 * @throws {FileRefused}
 */
export function refuseDoubledHeaders(layout: Layout, used: readonly NamedColumn[]): void {
  if (layout.headerLine === null) return;
  const keys = layout.headers.map(headerKey);
  const problems = used.flatMap(({ purpose, column }): FileProblem[] => {
    const at = layout.find(column);
    if ('position' in column || at === -1) return [];
    const again = keys.indexOf(keys[at] ?? '', at + 1);
    if (again === -1) return [];
    const name = columnName(layout, at);
    const message = `Line ${layout.headerLine}: the header "${name}", which should hold the ${purpose}, stands over columns ${at + 1} and ${again + 1}.`;
    return [{ code: 'column_twice', line: layout.headerLine, column: name, message }];
  });
  if (problems.length > 0) throw new FileRefused(problems);
}
