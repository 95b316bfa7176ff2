/** Reads a CSV upload in one pass, whatever its size: batches of lines, then the summary, or FileRefused. */
import { MeteredBytes, open, type ByteSource } from '../bytes.js';
import { Problems } from '../file-refused.js';
import { refuseBinary, refuseOtherThanTable } from '../known-formats.js';
import { BATCH_LINES, MAX_LINES, MAX_PROBLEMS } from '../limits.js';
import { LineRegister } from '../line-register.js';
import type { BankLine, FileLine, FileSummary, ReadStep } from '../lines.js';
import { RunningTotals } from '../running-totals.js';
import { TextDecoding, type Encoding } from '../text-decoding.js';
import { compileBankRow, type BalancedLine } from './bank-row.js';
import { cellText, compileConditions } from './cells.js';
import { usedColumns } from './columns.js';
import { CsvRecords, type CsvRecord } from './csv-records.js';
import { compileGatewayRow } from './gateway-row.js';
import { columnName, findLayout, LineSkipper, refuseDoubledHeaders, type Layout } from './layout.js';
import type { BankMapping, CsvMapping, GatewayMapping } from './mapping.js';
import { RowParts, type Report, type RowReader } from './row-parts.js';
import { RunningBalance } from './running-balance.js';
import { StatedTotals } from './stated-totals.js';

/** @throws {FileRefused} while iterating; what the source throws passes through */
export function readGatewayCsv(source: ByteSource, mapping: GatewayMapping): AsyncGenerator<ReadStep<FileLine>> {
  return readCsv(source, mapping, (layout) => compileGatewayRow(mapping, layout));
}

/** @throws {FileRefused} while iterating; what the source throws passes through */
export async function* readBankCsv(source: ByteSource, mapping: BankMapping): AsyncGenerator<ReadStep<BankLine>> {
  const balance = mapping.balance === undefined ? undefined : new RunningBalance(mapping.balance.order);
  const steps = readCsv(
    source,
    mapping,
    (layout) => compileBankRow(mapping, layout),
    (line, problems) => balance?.add(line, problems),
  );
  for await (const step of steps) {
    if (step.type === 'lines')
      yield { type: 'lines', lines: step.lines.map(({ balanceMinor: _, ...line }: BalancedLine) => line) };
    else yield { type: 'end', summary: { ...step.summary, statements: balance?.statements() ?? [] } };
  }
}

/** latin1 and windows-1252 differ in controls that no text has, and files that say latin1 have the others. */
export function encodingAsked(mapping: CsvMapping): Encoding | undefined {
  if (mapping.encoding === 'auto') return undefined;
  return mapping.encoding === 'latin1' ? 'windows-1252' : mapping.encoding;
}

/**
 * What the first bytes say about the file.
 * @throws {FileRefused} when it is no table, or not one of this mapping
 */
export function headText(
  head: Buffer,
  complete: boolean,
  encoding: Encoding | undefined,
): { text: string; decoding: TextDecoding } {
  refuseBinary(head);
  const decoding = new TextDecoding(head, encoding);
  const start = decoding.push(head);
  const text = complete ? start + decoding.end() : start;
  refuseOtherThanTable(text);
  return { text, decoding };
}

async function* readCsv<Line extends FileLine | BankLine>(
  source: ByteSource,
  mapping: CsvMapping,
  compile: (layout: Layout) => RowReader<Line>,
  follow: (line: Line, problems: Problems) => void = () => undefined,
): AsyncGenerator<ReadStep<Line>> {
  const metered = new MeteredBytes(source);
  const { head, complete, all, close } = await open(metered.steps());
  try {
    const { text } = headText(head, complete, encodingAsked(mapping));
    const layout = findLayout(text, complete, mapping);
    refuseDoubledHeaders(layout, usedColumns(mapping));
    const reading = new CsvReading(mapping, layout, compile(layout), follow);
    const decoding = new TextDecoding(head, encodingAsked(mapping));
    for await (const bytes of all) {
      yield* reading.push(decoding.push(bytes));
    }
    yield* reading.push(decoding.end());
    yield* reading.end();
    yield { type: 'end', summary: reading.summary(metered, decoding.encoding) };
  } finally {
    await close();
  }
}

class CsvReading<Line extends FileLine | BankLine> {
  private readonly problems = new Problems();
  private readonly skipper: LineSkipper;
  private readonly records: CsvRecords;
  private readonly isIgnored: (cells: readonly string[]) => boolean;
  private readonly stated: StatedTotals;
  private readonly register = new LineRegister();
  private readonly totals = new RunningTotals();
  private readonly duplicateLines: { line: number; firstLine: number; id: string }[] = [];
  private readonly width: number;
  private readonly leastWidth: number;
  private rowsAbove: number;
  private batch: Line[] = [];
  private lines = 0;
  private ignored = 0;
  private duplicates = 0;
  private formulas = 0;

  constructor(
    private readonly mapping: CsvMapping,
    private readonly layout: Layout,
    private readonly toLine: RowReader<Line>,
    private readonly follow: (line: Line, problems: Problems) => void,
  ) {
    this.skipper = new LineSkipper(layout.skippedLines);
    this.records = new CsvRecords(layout.delimiter, layout.skippedLines + 1);
    this.isIgnored = compileConditions(mapping.ignore, layout.find);
    this.stated = new StatedTotals(mapping, new RowParts(mapping, layout));
    this.width = layout.headers.length;
    // Exports that end every header with a separator need not end every row with one.
    this.leastWidth =
      layout.headerLine === null ? this.width : layout.headers.findLastIndex((name) => name.trim() !== '') + 1;
    this.rowsAbove = layout.rowsAbove;
  }

  *push(text: string): Generator<ReadStep<Line>> {
    yield* this.take(() => this.records.push(this.skipper.push(text)));
  }

  *end(): Generator<ReadStep<Line>> {
    yield* this.take(() => this.records.end());
    this.stated.check(this.problems);
    this.problems.throwIfAny();
    if (this.batch.length > 0) yield { type: 'lines', lines: this.flushed() };
  }

  summary(metered: MeteredBytes, encoding: Encoding): FileSummary {
    return {
      format: this.mapping.id,
      encoding,
      lines: this.lines,
      ignored: this.ignored,
      duplicates: this.duplicates,
      duplicateLines: this.duplicateLines,
      totals: this.totals.list(),
      statements: [],
      bytes: metered.bytes,
      sha256: metered.sha256(),
      notices: this.notices(),
    };
  }

  private *take(rows: () => readonly CsvRecord[]): Generator<ReadStep<Line>> {
    try {
      for (const record of rows()) {
        this.row(record);
        // What is going to be refused need not be staged.
        if (this.problems.list.length > 0) this.batch = [];
        else if (this.batch.length >= BATCH_LINES) yield { type: 'lines', lines: this.flushed() };
      }
    } catch (error) {
      throw this.problems.joined(error);
    }
  }

  private flushed(): Line[] {
    const lines = this.batch;
    this.batch = [];
    return lines;
  }

  private row(record: CsvRecord): void {
    if (this.rowsAbove > 0) {
      this.rowsAbove -= 1;
      return;
    }
    if (record.cells.every((cell) => cell.trim() === '')) return;
    const report = this.reporter(record);
    if (this.stated.take(record, report) || this.isIgnored(record.cells) || this.isHeaderAgain(record)) {
      this.ignored += 1;
      return;
    }
    if (!this.hasRightWidth(record)) return;
    const result = this.toLine({ record, report });
    if (result === 'ignored') this.ignored += 1;
    if (result === undefined || result === 'ignored') return;
    this.stated.count(result.written);
    if (result.key !== null && this.isDuplicate(result.key, result.content, record)) return;
    this.follow(result.line, this.problems);
    this.lines += 1;
    if (this.lines > MAX_LINES) {
      this.problems.add({
        code: 'too_many_lines',
        line: record.line,
        column: null,
        message: `The file has more than ${MAX_LINES} lines; export a shorter period.`,
      });
    }
    const { currency, status, direction, amountMinor } = result.line;
    this.totals.add(currency, status, direction, amountMinor, result.feeMinor);
    this.noteFormulas(record);
    this.batch.push(result.line);
  }

  private reporter({ line }: CsvRecord): Report {
    return (code, at, text) => {
      const column = columnName(this.layout, at);
      this.problems.add({ code, line, column, message: `Line ${line}, ${column}: ${text}.` });
    };
  }

  private hasRightWidth({ line, cells }: CsvRecord): boolean {
    const tooWide = cells.length > this.width && cells.slice(this.width).some((cell) => cell.trim() !== '');
    if (!tooWide && cells.length >= this.leastWidth) return true;
    const why = tooWide
      ? 'a cell with a separator in it is not in quotation marks'
      : 'it was cut off, or a line end stands inside a cell without quotation marks';
    const than = this.layout.headerLine === null ? 'the first row' : 'the header';
    this.problems.add({
      code: 'row_width',
      line,
      column: null,
      message: `Line ${line} has ${cells.length} cells, ${than} ${this.width}: ${why}.`,
    });
    return false;
  }

  /** Exports of several months put one below the other repeat the header. */
  private isHeaderAgain({ cells }: CsvRecord): boolean {
    const { headers, headerLine } = this.layout;
    if (headerLine === null || cells.length !== headers.length) return false;
    return cells.every((cell, at) => cell.trim() === headers[at]?.trim());
  }

  private isDuplicate(id: string, content: string, { line }: CsvRecord): boolean {
    const earlier = this.register.add(id, content, line);
    if (earlier === undefined) return false;
    if (earlier.same) {
      this.duplicates += 1;
      if (this.duplicateLines.length < MAX_PROBLEMS)
        this.duplicateLines.push({ line, firstLine: earlier.firstLine, id });
    } else {
      const message = `Line ${line} has the id of line ${earlier.firstLine} (${id.slice(0, 60)}), but says something else.`;
      this.problems.add({ code: 'duplicate', line, column: null, message });
    }
    return true;
  }

  private noteFormulas({ cells }: CsvRecord): void {
    for (let at = 0; at < cells.length; at++) {
      const code = cells[at]?.charCodeAt(0);
      // Plus and minus begin numbers too, which are far more common and harmless.
      if ((code === 0x3d || code === 0x40) && cellText(cells, at).charCodeAt(0) === code) this.formulas += 1;
    }
  }

  private notices(): string[] {
    const notices: string[] = [];
    if (this.lines === 0) notices.push('The file has a header but no lines.');
    if (!this.records.endsWithLineEnd) {
      notices.push(
        'The last line has no line end. Some programs leave it out; but if the file was cut off, it was in its last cell.',
      );
    }
    if (this.duplicates > 0)
      notices.push(
        this.duplicates === 1
          ? 'A row repeats an earlier one and was counted once.'
          : `${this.duplicates} rows repeat earlier ones and were counted once.`,
      );
    if (this.formulas > 0)
      notices.push(
        this.formulas === 1
          ? 'A cell looks like a formula; it was read as text.'
          : `${this.formulas} cells look like formulas; they were read as text.`,
      );
    return notices;
  }
}
