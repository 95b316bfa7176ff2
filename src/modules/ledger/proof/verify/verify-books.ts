/** The books as they stand: running balances, accounts against their last entries, totals by day, what is pending, and double entry. */
import type { Database } from '../../../../kernel/database/database.js';
import { encodeId } from '../../../../kernel/ids/ids.js';
import { encodeEntryId } from '../../accounts/entry-id.js';
import { findPendingDrifts } from '../audit/audit.store.js';
import type { Contradiction, Finding } from './finding.js';
import { findUnbalanced, readAccounts, readDays, readLines, type AccountRow, type EntryLine } from './verify.store.js';

const ACCOUNTS_AT_ONCE = 1_000;
const LINES_AT_ONCE = 20_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
/** More are not told: by then the first ones have said it. */
const MOST_CONTRADICTIONS = 10_000;

export interface BooksOptions {
  readonly database: Database;
  readonly account?: string | undefined;
  progress(entries: number): void;
}

export interface BooksReport {
  readonly accounts: number;
  readonly entries: number;
  /** Entries that are in no block yet. */
  readonly unchained: bigint;
  readonly contradictions: readonly Finding<Contradiction>[];
}

export async function verifyBooks(options: BooksOptions): Promise<BooksReport> {
  return new BooksVerifier(options).run();
}

interface Running {
  version: bigint;
  debits: bigint;
  credits: bigint;
  bookedAt: bigint;
  /** Up to the version that is rolled up; empty where nothing is. */
  readonly days: Map<string, { debits: bigint; credits: bigint }>;
}

class BooksVerifier {
  private readonly found: Finding<Contradiction>[] = [];
  private accounts = 0;
  private entries = 0;
  private unchained = 0n;
  private lines: readonly EntryLine[] = [];
  private at = 0;
  private isEnd = false;
  private cursor: { account: string; version: bigint };

  constructor(private readonly options: BooksOptions) {
    this.cursor = { account: options.account ?? FIRST_ID, version: options.account === undefined ? 0n : -(2n ** 63n) };
  }

  async run(): Promise<BooksReport> {
    const { database, account } = this.options;
    if (account === undefined) {
      let after = FIRST_ID;
      for (;;) {
        const page = await readAccounts(database, after, ACCOUNTS_AT_ONCE);
        for (const each of page) await this.take(each);
        const last = page.at(-1);
        if (last === undefined || page.length < ACCOUNTS_AT_ONCE) break;
        after = last.id;
      }
      for (const { id, phase, entries } of await findUnbalanced(database, MOST_CONTRADICTIONS))
        this.note(
          'not_double_entry',
          { transfer: encodeId('transfer', id) },
          phase === null
            ? `${entries} entries are of a transfer that is not there`
            : `it has ${entries} entries that do not come to what it says`,
        );
      for (const { id, debits, credits, heldDebits, heldCredits } of await findPendingDrifts(database))
        this.note(
          'pending_totals',
          { account: encodeId('account', id) },
          `${debits} debits and ${credits} credits stand there as pending; ${heldDebits} and ${heldCredits} are`,
        );
    } else {
      const [row] = await readAccounts(database, idBefore(account), 1);
      if (row?.id === account) await this.take(row);
    }
    return { accounts: this.accounts, entries: this.entries, unchained: this.unchained, contradictions: this.found };
  }

  private note(what: Contradiction, where: Omit<Finding, 'what' | 'detail'>, detail: string): void {
    if (this.found.length < MOST_CONTRADICTIONS) this.found.push({ what, ...where, detail });
  }

  private async take(account: AccountRow): Promise<void> {
    this.accounts += 1;
    const running: Running = { version: 0n, debits: 0n, credits: 0n, bookedAt: 0n, days: new Map() };
    for (;;) {
      const line = await this.peek();
      if (line === undefined || line.account > account.id) break;
      this.at += 1;
      if (line.account < account.id) {
        this.note(
          'account_totals',
          { entry: encodeEntryId(line.account, line.version), account: encodeId('account', line.account) },
          'there is no such account',
        );
        continue;
      }
      // What was posted after the account was read is of another moment, unless it was there already and the account did not know.
      if (line.version > account.version && line.version > account.lastEntry) continue;
      this.entries += 1;
      this.step(account, running, line);
    }
    await this.compare(account, running);
    const chained = account.chained ?? 0n;
    if (account.version > chained) this.unchained += account.version - chained;
  }

  private step({ normalSide, rolledUp }: AccountRow, running: Running, line: EntryLine): void {
    const where = { entry: encodeEntryId(line.account, line.version), account: encodeId('account', line.account) };
    if (line.version !== running.version + 1n)
      this.note('version_gap', where, `the entry before it is number ${running.version}`);
    if (line.direction === 'debit') running.debits += line.amount;
    else running.credits += line.amount;
    const balance = normalSide === 'debit' ? running.debits - running.credits : running.credits - running.debits;
    if (balance !== line.balance)
      this.note(
        'running_balance',
        where,
        `it says ${line.balance}, and what was before and its amount come to ${balance}`,
      );
    if (line.bookedAt < running.bookedAt)
      this.note('booked_out_of_order', where, 'it was booked before the entry that stands before it');
    running.version = line.version;
    running.bookedAt = line.bookedAt;
    if (line.version > rolledUp) return;
    const day = running.days.get(line.day) ?? { debits: 0n, credits: 0n };
    if (line.direction === 'debit') day.debits += line.amount;
    else day.credits += line.amount;
    running.days.set(line.day, day);
  }

  private async compare(account: AccountRow, running: Running): Promise<void> {
    const where = { account: encodeId('account', account.id) };
    if (running.version !== account.version)
      this.note(
        'account_version',
        where,
        `it has ${account.version} entries by itself, and the last one is number ${running.version}`,
      );
    if (running.debits !== account.debits || running.credits !== account.credits)
      this.note(
        'account_totals',
        where,
        `${account.debits} debits and ${account.credits} credits stand there; its entries come to ${running.debits} and ${running.credits}`,
      );
    const days = await readDays(this.options.database, account.id);
    // Those that were rolled up meanwhile are of another moment.
    if ((days[0]?.mark ?? account.rolledUp) !== account.rolledUp) return;
    for (const { day, debits, credits } of days) {
      const is = running.days.get(day) ?? { debits: 0n, credits: 0n };
      running.days.delete(day);
      if (is.debits !== debits || is.credits !== credits)
        this.note(
          'day_totals',
          where,
          `of ${day} ${debits} debits and ${credits} credits are kept; the entries come to ${is.debits} and ${is.credits}`,
        );
    }
    for (const day of running.days.keys()) this.note('day_totals', where, `the totals of ${day} are gone`);
  }

  private async peek(): Promise<EntryLine | undefined> {
    if (this.at >= this.lines.length && !this.isEnd) {
      this.lines = await readLines(this.options.database, this.cursor.account, this.cursor.version, LINES_AT_ONCE);
      this.at = 0;
      const last = this.lines.at(-1);
      if (last === undefined) this.isEnd = true;
      else this.cursor = { account: last.account, version: last.version };
      this.options.progress(this.entries);
    }
    return this.lines[this.at];
  }
}

/** The greatest uuid below one. */
function idBefore(uuid: string): string {
  const below = (BigInt(`0x${uuid.replaceAll('-', '')}`) - 1n).toString(16).padStart(32, '0');
  return below.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
