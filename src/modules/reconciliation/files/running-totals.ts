import type { Currency } from '../../../kernel/money/money.js';
import type { CurrencyTotals, Direction } from './lines.js';

interface Sum {
  readonly currency: Currency;
  readonly status: string;
  lines: number;
  creditMinor: bigint;
  debitMinor: bigint;
  feeMinor: bigint;
}

/** Sums of a file, per currency and status: what failed is not to be added to what came. */
export class RunningTotals {
  private readonly sums = new Map<string, Sum>();

  add(
    currency: Currency,
    status: string,
    direction: Direction,
    amountMinor: bigint,
    feeMinor: bigint | null = null,
  ): void {
    const key = currency + status;
    let sum = this.sums.get(key);
    if (sum === undefined) {
      sum = { currency, status, lines: 0, creditMinor: 0n, debitMinor: 0n, feeMinor: 0n };
      this.sums.set(key, sum);
    }
    sum.lines += 1;
    if (direction === 'credit') sum.creditMinor += amountMinor;
    else sum.debitMinor += amountMinor;
    if (feeMinor !== null) sum.feeMinor += feeMinor;
  }

  list(): CurrencyTotals[] {
    return [...this.sums.values()].map((sum) => ({ ...sum }));
  }
}
