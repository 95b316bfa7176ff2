/** The first look at an upload: what it is, how it would be read, and the first rows with what is wrong about each. */
import { CamtReading, encodingOf } from './camt053/read-camt053.js';
import { MeteredBytes, open, type ByteSource } from './bytes.js';
import { compileBankRow } from './csv/bank-row.js';
import { compileConditions } from './csv/cells.js';
import { usedColumns } from './csv/columns.js';
import type { CsvRecord } from './csv/csv-records.js';
import { compileGatewayRow } from './csv/gateway-row.js';
import { columnName, findLayout, refuseDoubledHeaders, rowsOf, type Layout } from './csv/layout.js';
import type { CsvMapping } from './csv/mapping.js';
import { encodingAsked, headText } from './csv/read-csv.js';
import { FileRefused, type FileProblem } from './file-refused.js';
import { refuseBinary, textFormatOf } from './known-formats.js';
import type { BankLine, FileLine } from './lines.js';
import { TextDecoding } from './text-decoding.js';

export interface PreviewRow {
  readonly line: number;
  /** As the file has them, each cut to 200 characters; empty for XML. */
  readonly cells: readonly string[];
  /** null when the row is left out by the mapping or has problems. */
  readonly parsed: FileLine | BankLine | null;
  readonly isIgnored: boolean;
  readonly problems: readonly FileProblem[];
}

export interface MappingFit {
  readonly id: string;
  readonly name: string;
  /** What keeps the mapping from reading the file at all: missing columns, doubled headers. */
  readonly problems: readonly FileProblem[];
  /** Rows of the preview with problems. */
  readonly rowsWithProblems: number;
  /** Columns of the mapping that the file has. */
  readonly columnsFound: number;
}

export interface Inspection {
  readonly format: 'csv' | 'camt053';
  readonly encoding: string;
  readonly delimiter: string | null;
  readonly headerLine: number | null;
  readonly headers: readonly string[];
  /** All that were offered, the best first. */
  readonly fits: readonly MappingFit[];
  /** Id of the mapping by which the preview was made; null when none reads the file. */
  readonly mapping: string | null;
  readonly rows: readonly PreviewRow[];
  /** What is wrong with the file as a whole, as far as its head shows. */
  readonly problems: readonly FileProblem[];
}

export interface InspectOptions {
  /** Those to choose among; one to see how that one reads the file. */
  readonly mappings: readonly CsvMapping[];
  readonly rows?: number;
}

/** Rows shown when nothing is said. */
const PREVIEW_ROWS = 20;
const SHOWN_CELL = 200;

/**
 * Reads no more than the head of the source and closes it.
 * @throws {FileRefused} when the file is empty, no text, or text of another kind
 */
export async function inspectFile(source: ByteSource, options: InspectOptions): Promise<Inspection> {
  const { head, complete, close } = await open(new MeteredBytes(source).steps());
  await close();
  refuseBinary(head);
  const start = new TextDecoding(head).push(head.subarray(0, 4_096));
  const rows = options.rows ?? PREVIEW_ROWS;
  return textFormatOf(start) === 'xml'
    ? inspectCamt053(head, rows)
    : inspectCsv(head, complete, options.mappings, rows);
}

function inspectCamt053(head: Buffer, limit: number): Inspection {
  const encoding = encodingOf(head);
  const reading = new CamtReading();
  let refusal: readonly FileProblem[] = [];
  try {
    reading.push(new TextDecoding(head, encoding).push(head));
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    refusal = error.problems;
  }
  const { lines, problems } = reading.soFar();
  return {
    format: 'camt053',
    encoding,
    delimiter: null,
    headerLine: null,
    headers: [],
    fits: [],
    mapping: null,
    rows: lines
      .slice(0, limit)
      .map((parsed) => ({ line: parsed.line, cells: [], parsed, isIgnored: false, problems: [] })),
    problems: refusal.length > 0 ? refusal : problems,
  };
}

interface Tried {
  readonly fit: MappingFit;
  readonly mapping: CsvMapping;
  readonly encoding: string;
  readonly layout: Layout | undefined;
  readonly rows: readonly PreviewRow[];
}

function inspectCsv(head: Buffer, complete: boolean, mappings: readonly CsvMapping[], limit: number): Inspection {
  const tried = mappings.map((mapping) => tryMapping(head, complete, mapping, limit));
  const ranked = [...tried].sort(
    (one, other) =>
      one.fit.problems.length - other.fit.problems.length ||
      one.fit.rowsWithProblems - other.fit.rowsWithProblems ||
      other.fit.columnsFound - one.fit.columnsFound,
  );
  const best = ranked[0];
  if (best === undefined) throw new RangeError('There is no mapping to inspect a CSV file by');
  const fits = ranked.map(({ fit }) => fit);
  return {
    format: 'csv',
    encoding: best.encoding,
    delimiter: best.layout?.delimiter ?? null,
    headerLine: best.layout?.headerLine ?? null,
    headers: best.layout?.headers ?? [],
    fits,
    mapping: best.fit.problems.length === 0 ? best.mapping.id : null,
    rows: best.rows,
    problems: best.fit.problems,
  };
}

function tryMapping(head: Buffer, complete: boolean, mapping: CsvMapping, limit: number): Tried {
  const { text, decoding } = headText(head, complete, encodingAsked(mapping));
  const { id, name } = mapping;
  try {
    const layout = findLayout(text, complete, mapping);
    const used = usedColumns(mapping);
    refuseDoubledHeaders(layout, used);
    const rows = preview(text, complete, mapping, layout, limit);
    const fit = {
      id,
      name,
      problems: [],
      rowsWithProblems: rows.filter((row) => row.problems.length > 0).length,
      columnsFound: new Set(used.map(({ column }) => layout.find(column))).size,
    };
    return { fit, mapping, encoding: decoding.encoding, layout, rows };
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    const fit = { id, name, problems: error.problems, rowsWithProblems: 0, columnsFound: 0 };
    return { fit, mapping, encoding: decoding.encoding, layout: undefined, rows: rawRows(text, limit) };
  }
}

/** Rows as they stand, for whoever has to make a mapping for them: cut by the separator that gives the most cells. */
function rawRows(text: string, limit: number): PreviewRow[] {
  const cut = [',', ';', '\t', '|'].map((delimiter) => rowsOf(text, delimiter, 0, false).slice(0, limit));
  const cells = (rows: readonly CsvRecord[]) => rows.reduce((sum, row) => sum + row.cells.length, 0);
  const widest = cut.reduce((one, other) => (cells(other) > cells(one) ? other : one));
  return widest.map((record) => ({ ...shown(record), parsed: null, isIgnored: false, problems: [] }));
}

function shown({ line, cells }: CsvRecord): Pick<PreviewRow, 'line' | 'cells'> {
  return { line, cells: cells.map((cell) => cell.slice(0, SHOWN_CELL)) };
}

function preview(text: string, complete: boolean, mapping: CsvMapping, layout: Layout, limit: number): PreviewRow[] {
  const read =
    mapping.produces === 'gateway_lines' ? compileGatewayRow(mapping, layout) : compileBankRow(mapping, layout);
  const conditions = mapping.totals === undefined ? mapping.ignore : [...mapping.ignore, mapping.totals.when];
  const isIgnored = compileConditions(conditions, layout.find);
  return rowsOf(text, layout.delimiter, layout.skippedLines, complete)
    .slice(layout.rowsAbove)
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
    .slice(0, limit)
    .map((record): PreviewRow => {
      const problems: FileProblem[] = [];
      const result = isIgnored(record.cells)
        ? 'ignored'
        : read({
            record,
            report: (code, at, what) => {
              const column = columnName(layout, at);
              problems.push({ code, line: record.line, column, message: `Line ${record.line}, ${column}: ${what}.` });
            },
          });
      return {
        ...shown(record),
        parsed: result === undefined || result === 'ignored' || problems.length > 0 ? null : result.line,
        isIgnored: result === 'ignored',
        problems,
      };
    });
}
