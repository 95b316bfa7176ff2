/** The balance that a bank states behind each line, followed from line to line: no line can be missing in between. */
import { exponentOf, toDecimal } from '../../../../kernel/money/money.js';
import type { Problems } from '../file-refused.js';
import type { StatementSummary } from '../lines.js';
import type { BalancedLine } from './bank-row.js';
import type { BankMapping } from './mapping.js';

interface Ends {
  readonly first: BalancedLine;
  last: BalancedLine;
  lines: number;
  creditMinor: bigint;
  debitMinor: bigint;
}

function moved(line: BalancedLine): bigint {
  return line.direction === 'credit' ? line.amountMinor : -line.amountMinor;
}

export class RunningBalance {
  private readonly accounts = new Map<string, Ends>();

  constructor(private readonly order: NonNullable<BankMapping['balance']>['order']) {}

  /** @throws {FileRefused} */
  add(line: BalancedLine, problems: Problems): void {
    const key = `${line.currency} ${line.account ?? ''}`;
    const ends = this.accounts.get(key);
    const credit = line.direction === 'credit' ? line.amountMinor : 0n;
    const debit = line.direction === 'debit' ? line.amountMinor : 0n;
    if (ends === undefined) {
      this.accounts.set(key, { first: line, last: line, lines: 1, creditMinor: credit, debitMinor: debit });
      return;
    }
    const previous = ends.last;
    const expected =
      this.order === 'oldest_first'
        ? (previous.balanceMinor ?? 0n) + moved(line)
        : (previous.balanceMinor ?? 0n) - moved(previous);
    if (line.balanceMinor !== expected) {
      const exponent = exponentOf(line.currency);
      const message = `Line ${line.line}: the balance should be ${toDecimal(expected, exponent)} after line ${previous.line}, but is ${toDecimal(line.balanceMinor ?? 0n, exponent)} ${line.currency}: a line is missing in between, or changed.`;
      problems.add({ code: 'balance', line: line.line, column: null, message });
    }
    ends.last = line;
    ends.lines += 1;
    ends.creditMinor += credit;
    ends.debitMinor += debit;
  }

  statements(): StatementSummary[] {
    return [...this.accounts.values()].map((ends) => {
      const [oldest, newest] = this.order === 'oldest_first' ? [ends.first, ends.last] : [ends.last, ends.first];
      return {
        id: null,
        account: oldest.account,
        currency: oldest.currency,
        openingMinor: (oldest.balanceMinor ?? 0n) - moved(oldest),
        closingMinor: newest.balanceMinor ?? 0n,
        openedOn: oldest.bookedOn,
        closedOn: newest.bookedOn,
        bookedEntries: ends.lines,
        otherEntries: 0,
        creditMinor: ends.creditMinor,
        debitMinor: ends.debitMinor,
      };
    });
  }
}
