/**
 * Text to rows of cells, as RFC 4180 has it, in whatever pieces the text comes. It exists beside the libraries for what they do not
 * give: the line on which each row begins, a bound on what an unclosed quotation mark may swallow, quotation marks inside plain
 * cells taken as they are (`5" pipe`, `="007"`), and 100 MB in a second.
 */
import { refused } from '../file-refused.js';
import { MAX_CELL_LENGTH, MAX_COLUMNS } from '../limits.js';

export interface CsvRecord {
  /** Line of the file where it begins, counted from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

enum At {
  /** Nothing of the cell but spaces has come. */
  Start,
  Plain,
  Quoted,
  /** A quotation mark inside a quoted cell: its end, or the first of two that mean one. */
  AfterQuote,
  /** Spaces behind a quoted cell. */
  Behind,
}

export class CsvRecords {
  private readonly delimiter: number;
  private at = At.Start;
  private cell = '';
  private cells: string[] = [];
  private startLine: number;
  private quoteLine = 0;
  /** The last character was a carriage return, so a line feed belongs to the same line end. */
  private afterCr = false;
  private out: CsvRecord[] = [];
  /** Whether the last row was ended by a line end. */
  endsWithLineEnd = true;

  /** @param line of the file at which the text begins */
  constructor(
    delimiter: string,
    private line = 1,
  ) {
    this.delimiter = delimiter.charCodeAt(0);
    this.startLine = line;
  }

  /**
   * @returns the rows that are complete by now
   * @throws {FileRefused}
   */
  push(text: string): CsvRecord[] {
    // Where that begins which is not yet in `cell`.
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const endsCr = this.afterCr && code === LF;
      this.afterCr = code === CR;
      if (this.at === At.Quoted) {
        if (code === QUOTE) {
          this.take(text, from, at);
          from = at + 1;
          this.at = At.AfterQuote;
        } else if (code === CR || (code === LF && !endsCr)) this.line += 1;
        continue;
      }
      if (endsCr) {
        from = at + 1;
        continue;
      }
      if (code === this.delimiter) {
        this.endCell(text, from, at);
        from = at + 1;
      } else if (code === LF || code === CR) {
        this.endCell(text, from, at);
        this.endRecord();
        this.line += 1;
        this.startLine = this.line;
        from = at + 1;
      } else if (this.at === At.Start) {
        if (code === QUOTE) {
          this.cell = '';
          from = at + 1;
          this.quoteLine = this.line;
          this.at = At.Quoted;
        } else if (code !== SPACE) this.at = At.Plain;
      } else if (this.at !== At.Plain) {
        from = this.behindQuote(code, from, at);
      }
    }
    if (this.at !== At.AfterQuote && this.at !== At.Behind) this.take(text, from, text.length);
    const out = this.out;
    this.out = [];
    return out;
  }

  /**
   * @returns the last row, if no line end stood behind it
   * @throws {FileRefused} when a quotation mark was never closed
   */
  end(): CsvRecord[] {
    if (this.at === At.Quoted) throw this.unclosed();
    this.endsWithLineEnd = this.at === At.Start && this.cell === '' && this.cells.length === 0;
    if (!this.endsWithLineEnd) {
      this.endCell('', 0, 0);
      this.endRecord();
    }
    const out = this.out;
    this.out = [];
    return out;
  }

  /** What a character means behind the quotation mark that may have ended a cell; returns from where the cell goes on. */
  private behindQuote(code: number, from: number, at: number): number {
    if (code === QUOTE && this.at === At.AfterQuote) {
      this.cell += '"';
      this.at = At.Quoted;
      return at + 1;
    }
    if (code !== SPACE) {
      throw refused(
        'quotation',
        `Line ${this.line}: text stands behind the closing quotation mark of cell ${this.cells.length + 1}; a quotation mark inside a cell is written twice.`,
        this.line,
        `column ${this.cells.length + 1}`,
      );
    }
    this.at = At.Behind;
    return from;
  }

  private take(text: string, from: number, to: number): void {
    if (to > from) this.cell = this.cell === '' ? text.slice(from, to) : this.cell + text.slice(from, to);
    if (this.cell.length <= MAX_CELL_LENGTH) return;
    if (this.at === At.Quoted) throw this.unclosed();
    const column = `column ${this.cells.length + 1}`;
    throw refused(
      'cell_too_long',
      `Line ${this.line}: ${column} is longer than ${MAX_CELL_LENGTH} characters.`,
      this.line,
      column,
    );
  }

  private endCell(text: string, from: number, to: number): void {
    if (this.at === At.Start || this.at === At.Plain) this.take(text, from, to);
    this.cells.push(this.cell);
    this.cell = '';
    this.at = At.Start;
    if (this.cells.length > MAX_COLUMNS) {
      throw refused('too_many_columns', `Line ${this.startLine} has more than ${MAX_COLUMNS} columns.`, this.startLine);
    }
  }

  private endRecord(): void {
    this.out.push({ line: this.startLine, cells: this.cells });
    this.cells = [];
  }

  private unclosed() {
    return refused(
      'quotation',
      `Line ${this.quoteLine}: a quotation mark opens column ${this.cells.length + 1} and is not closed; the file was cut off there, or the mark belongs to the text and must be written twice.`,
      this.quoteLine,
      `column ${this.cells.length + 1}`,
    );
  }
}
