/** Counts and sums that a file states about itself, against what was read: the surest sign of a file that was cut off. */
import { toDecimal, exponentOf, type Currency } from '../../../../kernel/money/money.js';
import type { Problems } from '../file-refused.js';
import { cellText, compileConditions, type RowTest } from './cells.js';
import type { CsvRecord } from './csv-records.js';
import type { CsvMapping } from './mapping.js';
import type { RowParts, Report, Written } from './row-parts.js';

const SUMS = ['amount', 'fee', 'net', 'debit', 'credit'] as const;
type Sum = (typeof SUMS)[number];

export class StatedTotals {
  private readonly isTotals: RowTest;
  private readonly rows: { readonly record: CsvRecord; readonly report: Report }[] = [];
  private readonly sums: Record<Sum, bigint> = { amount: 0n, fee: 0n, net: 0n, debit: 0n, credit: 0n };
  private readonly currencies = new Set<Currency>();
  private lines = 0;

  constructor(
    private readonly mapping: CsvMapping,
    private readonly parts: RowParts,
  ) {
    this.isTotals =
      mapping.totals === undefined
        ? () => false
        : compileConditions([mapping.totals.when], (column) => parts.at(column));
  }

  /** Takes a row when it is one of totals. */
  take(record: CsvRecord, report: Report): boolean {
    if (!this.isTotals(record.cells)) return false;
    // One per currency or section at most; more are no totals but a wrong condition.
    if (this.rows.length < 100) this.rows.push({ record, report });
    return true;
  }

  count(written: Written): void {
    this.lines += 1;
    this.currencies.add(written.currency);
    for (const sum of SUMS) this.sums[sum] += written[sum];
  }

  /** @throws {FileRefused} */
  check(problems: Problems): void {
    const { totals } = this.mapping;
    if (totals === undefined) return;
    if (this.rows.length === 0 && totals.required) {
      const message = 'The file has no row of totals, which this kind of file ends with: it was cut off.';
      problems.add({ code: 'cut_off', line: null, column: null, message });
    }
    for (const { record, report } of this.rows) {
      this.checkCount(record, report);
      for (const sum of SUMS) this.checkSum(sum, record, report);
    }
  }

  private checkCount(record: CsvRecord, report: Report): void {
    const at = this.parts.at(this.mapping.totals?.count);
    const text = cellText(record.cells, at).replace(/[\s,.'\u2019]/g, '');
    if (at === -1 || text === '' || text === String(this.lines)) return;
    report('total', at, `says ${text.slice(0, 30)} lines, but the file has ${this.lines}`);
  }

  private checkSum(sum: Sum, record: CsvRecord, report: Report): void {
    const at = this.parts.at(this.mapping.totals?.[sum]);
    if (at === -1 || cellText(record.cells, at) === '') return;
    if (this.currencies.size > 1) {
      report('total', at, `states a total, but the lines are in ${[...this.currencies].join(' and ')}`);
      return;
    }
    // Without a line every total is nothing, in whatever currency.
    const currency =
      [...this.currencies][0] ?? ('constant' in this.mapping.currency ? this.mapping.currency.constant : 'NGN');
    const stated = this.parts.read({ record, report }, at, currency, 'refuse');
    const read = this.sums[sum];
    if (stated === null || stated === undefined || stated === read) return;
    const exponent = exponentOf(currency);
    report(
      'total',
      at,
      `says ${toDecimal(stated, exponent)}, but the lines add up to ${toDecimal(read, exponent)} ${currency}`,
    );
  }
}
