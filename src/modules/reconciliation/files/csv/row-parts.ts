/** The parts of a row that gateway exports and bank statements share: amounts, currencies, code words, names of things. */
import { isCurrency, type Currency } from '../../../../kernel/money/money.js';
import { quoted, type FileProblemCode } from '../file-refused.js';
import { MAX_NAME_LENGTH } from '../limits.js';
import type { Direction } from '../lines.js';
import { compileAmounts, type AmountReader, type Rounding } from './amount-text.js';
import { cellText, wordKey } from './cells.js';
import type { CsvRecord } from './csv-records.js';
import { columnName, type Layout } from './layout.js';
import type { AmountSource, Column, CurrencySource, CsvMapping, SideAmount } from './mapping.js';

/** Says what is wrong with a row; `at` is the column, from 0. The text completes a sentence that names line and column. */
export type Report = (code: FileProblemCode, at: number, text: string) => void;

/** A row on its way to a line. */
export interface Row {
  readonly record: CsvRecord;
  readonly report: Report;
}

/** What a row wrote, sign and all, for the check of stated totals. Minor units. */
export interface Written {
  readonly currency: Currency;
  readonly amount: bigint;
  readonly debit: bigint;
  readonly credit: bigint;
  readonly fee: bigint;
  readonly net: bigint;
}

/** What becomes of a row: a line, or nothing on purpose, or undefined when a problem was reported. */
export type RowResult<Line> =
  | {
      readonly line: Line;
      readonly written: Written;
      readonly feeMinor: bigint | null;
      readonly key: string | null;
      readonly content: string;
    }
  | 'ignored'
  | undefined;

export type RowReader<Line> = (row: Row) => RowResult<Line>;

export interface AmountOfRow {
  /** Never negative. */
  readonly size: bigint;
  /** undefined when the file does not say: the kind does then. */
  readonly direction: Direction | undefined;
  /** As written. */
  readonly written: bigint;
}

export class RowParts {
  readonly amounts: AmountReader;

  constructor(
    mapping: CsvMapping,
    readonly layout: Layout,
  ) {
    this.amounts = compileAmounts(mapping.numbers);
  }

  at(column: Column | undefined): number {
    return column === undefined ? -1 : this.layout.find(column);
  }

  name(at: number): string {
    return columnName(this.layout, at);
  }

  /** A column of names: ids, references. @returns null when the cell is empty or the file has no such column */
  names(column: Column | undefined): (row: Row) => string | null {
    const at = this.at(column);
    return ({ record, report }) => {
      const text = at === -1 ? '' : cellText(record.cells, at);
      if (/^\d([.,]\d+)?E\+\d+$/i.test(text)) {
        report(
          'value_damaged',
          at,
          `${quoted(text)} was shortened by a spreadsheet program, which lost its digits; export the file again and do not open it before uploading`,
        );
      }
      if (text.length > MAX_NAME_LENGTH) {
        report(
          'cell_too_long',
          at,
          `${quoted(text)} is longer than the ${MAX_NAME_LENGTH} characters that an id or a reference has at most`,
        );
      }
      return text === '' ? null : text;
    };
  }

  named(columns: Readonly<Record<string, Column>>): (row: Row) => Record<string, string> {
    const readers = Object.entries(columns)
      .filter(([, column]) => this.at(column) !== -1)
      .map(([name, column]) => [name, this.names(column)] as const);
    return (row) => {
      const found: Record<string, string> = {};
      for (const [name, read] of readers) {
        const value = read(row);
        if (value !== null) found[name] = value;
      }
      return found;
    };
  }

  currency(source: CurrencySource): (row: Row) => Currency | undefined {
    if ('constant' in source) return () => source.constant;
    const at = this.at(source.column);
    const words = new Map(Object.entries(source.values).map(([word, code]) => [wordKey(word), code]));
    return ({ record, report }) => {
      const text = cellText(record.cells, at);
      const code = words.get(wordKey(text)) ?? text.toUpperCase();
      if (isCurrency(code)) return code;
      if (text === '') report('value_missing', at, 'is empty: no currency');
      else report('currency', at, `${quoted(text)} is not a currency that is booked here`);
      return undefined;
    };
  }

  /** A column of code words. @returns undefined when the word is unknown, which is reported */
  words<Meaning extends string>(
    source: {
      readonly column: Column;
      readonly values: Readonly<Record<string, Meaning>>;
      readonly otherwise?: Meaning | undefined;
    },
    what: string,
  ): (row: Row) => Meaning | undefined {
    const at = this.at(source.column);
    const meanings = new Map(Object.entries(source.values).map(([word, meaning]) => [wordKey(word), meaning]));
    return ({ record, report }) => {
      const text = cellText(record.cells, at);
      const meaning = meanings.get(wordKey(text)) ?? source.otherwise;
      if (meaning !== undefined) return meaning;
      if (text === '') report('value_missing', at, `is empty: no ${what}`);
      else report('value_unknown', at, `${quoted(text)} is not a ${what} that the mapping knows`);
      return undefined;
    };
  }

  /** @returns undefined when there is no readable amount, which is reported */
  amount(source: AmountSource): (row: Row, currency: Currency) => AmountOfRow | undefined {
    return source.from === 'column' ? this.oneColumn(source) : this.twoColumns(source);
  }

  private oneColumn(source: Extract<AmountSource, { from: 'column' }>) {
    const at = this.at(source.column);
    const mark = source.marker === undefined ? undefined : this.mark(source.marker);
    return (row: Row, currency: Currency): AmountOfRow | undefined => {
      const written = this.read(row, at, currency, 'refuse');
      if (written === null) row.report('value_missing', at, 'is empty: no amount');
      if (written === null || written === undefined) return undefined;
      if (source.sign === 'unsigned') {
        if (written < 0n) {
          row.report(
            'sign',
            at,
            `${quoted(cellText(row.record.cells, at))} is below zero, which this kind of file does not have`,
          );
          return undefined;
        }
        const direction = mark?.(row);
        return mark !== undefined && direction === undefined ? undefined : { size: written, direction, written };
      }
      const gained = source.sign === 'signed' ? written : -written;
      // Nothing moves with zero, so the kind says which way.
      const direction = gained === 0n ? undefined : gained > 0n ? ('credit' as const) : ('debit' as const);
      return { size: written < 0n ? -written : written, direction, written };
    };
  }

  private mark(marker: { column: Column; credit: readonly string[]; debit: readonly string[] }) {
    const values: Record<string, Direction> = {};
    for (const word of marker.credit) values[word] = 'credit';
    for (const word of marker.debit) values[word] = 'debit';
    return this.words({ column: marker.column, values }, 'mark of debit or credit');
  }

  private twoColumns(source: Extract<AmountSource, { from: 'debit_credit' }>) {
    const debitAt = this.at(source.debit);
    const creditAt = this.at(source.credit);
    return (row: Row, currency: Currency): AmountOfRow | undefined => {
      const debitWritten = this.read(row, debitAt, currency, 'refuse');
      const creditWritten = this.read(row, creditAt, currency, 'refuse');
      if (debitWritten === undefined || creditWritten === undefined) return undefined;
      if (debitWritten === null && creditWritten === null) {
        row.report('value_missing', creditAt, `is empty, and so is ${this.name(debitAt)}: no amount`);
        return undefined;
      }
      const debit = source.debitSign === 'negative' ? -(debitWritten ?? 0n) : (debitWritten ?? 0n);
      const credit = creditWritten ?? 0n;
      if (debit < 0n || credit < 0n) {
        const at = debit < 0n ? debitAt : creditAt;
        row.report('sign', at, `${quoted(cellText(row.record.cells, at))} has a sign that this column does not have`);
        return undefined;
      }
      if (debit > 0n && credit > 0n) {
        row.report('amount', creditAt, `has an amount, and so has ${this.name(debitAt)}: a line is one or the other`);
        return undefined;
      }
      const direction = debit > 0n ? ('debit' as const) : credit > 0n ? ('credit' as const) : undefined;
      return { size: debit + credit, direction, written: credit - debit };
    };
  }

  /** An amount beside the amount. @returns null when the file does not say, undefined when it is wrong, which is reported */
  sideAmount(
    source: SideAmount | undefined,
    rounding: Rounding,
  ): (row: Row, currency: Currency) => bigint | null | undefined {
    const at = this.at(source?.column);
    if (source === undefined || at === -1) return () => null;
    return (row, currency) => {
      const written = this.read(row, at, currency, source.extraDecimals === 'round' ? rounding : 'refuse');
      if (written === null || written === undefined) return written;
      if (source.sign === 'unsigned' && written < 0n) {
        row.report(
          'sign',
          at,
          `${quoted(cellText(row.record.cells, at))} is below zero, which this column does not have`,
        );
        return undefined;
      }
      return source.sign === 'inverted' ? -written : written;
    };
  }

  /** One cell. @returns null when it says that there is no amount, undefined when it is wrong, which is reported */
  read(row: Row, at: number, currency: Currency, rounding: Rounding): bigint | null | undefined {
    const text = cellText(row.record.cells, at);
    const read = this.amounts(text, currency, rounding);
    if (read === null) return null;
    if ('minor' in read) return read.minor;
    row.report(read.code, at, `${quoted(text)} ${read.problem}`);
    return undefined;
  }
}
