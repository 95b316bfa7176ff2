/** The entries of one statement file on their way in. */
import { FileRefused, type BankLine, type CalendarDate, type FileProblemCode } from '../files/index.js';
import type { StagedLine } from '../lines/line.js';
import { accountOf, BankLineIds, MAX_ACCOUNT_LENGTH, stagedBankLine } from './bank-line.js';

export class StatementEntries {
  private readonly ids: BankLineIds;
  private readonly account: string | undefined;
  private kept = 0;
  private leftOut = 0;
  private firstDay: CalendarDate | undefined;
  private lastDay: CalendarDate | undefined;

  /** @param of the account, where it was stated: what the file says must be the same */
  constructor(of: { readonly account: string | undefined; readonly livemode: boolean }) {
    this.ids = new BankLineIds(of.livemode);
    this.account = of.account === undefined ? undefined : accountOf(of.account);
  }

  /** How many have been kept so far. */
  get lines(): number {
    return this.kept;
  }

  /** Days on which something was booked, the first and the last. */
  days(): readonly CalendarDate[] {
    return this.firstDay === undefined || this.lastDay === undefined ? [] : [this.firstDay, this.lastDay];
  }

  notices(): readonly string[] {
    if (this.leftOut === 0) return [];
    return [`${this.leftOut} entries are not booked yet and were left out: the statement that has them booked counts.`];
  }

  /**
   * What is pending may still change, or never be booked; it is left out.
   * @throws {FileRefused} for an entry of no or another account, or of no day
   */
  staged(lines: readonly BankLine[]): readonly StagedLine[] {
    return lines.flatMap((line): StagedLine[] => {
      if (line.status !== 'booked') {
        this.leftOut += 1;
        return [];
      }
      const day = line.bookedOn ?? line.valueOn;
      if (day === null) throw refused(line, 'value_missing', 'it names no day');
      if (this.firstDay === undefined || day < this.firstDay) this.firstDay = day;
      if (this.lastDay === undefined || day > this.lastDay) this.lastDay = day;
      this.kept += 1;
      return [stagedBankLine({ ...line, bookedOn: day }, this.accountFor(line), this.kept, this.ids)];
    });
  }

  private accountFor(line: BankLine): string {
    const stated = line.account === null ? undefined : accountOf(line.account);
    const account = stated ?? this.account;
    if (account === undefined)
      throw refused(line, 'value_missing', 'the file does not say of which account it is; name it (bank_account)');
    if (this.account !== undefined && account !== this.account)
      throw refused(line, 'statement', `it is of another account than ${this.account}`);
    if (account.length > MAX_ACCOUNT_LENGTH) throw refused(line, 'statement', 'its account is longer than any');
    return account;
  }
}

function refused({ line }: BankLine, code: FileProblemCode, what: string): FileRefused {
  return new FileRefused([{ code, line, column: null, message: `Line ${line}: ${what}.` }]);
}
