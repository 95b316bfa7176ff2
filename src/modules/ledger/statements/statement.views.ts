/** How a statement looks, as JSON and as CSV. Amounts are integer minor units. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { AccountRow } from '../accounts/accounts.store.js';
import { viewEntry, type EntryView } from '../accounts/account.views.js';
import type { Statement } from './statements.store.js';

export interface StatementView {
  readonly object: 'ledger_statement';
  readonly account_id: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly normal_side: string;
  readonly from: string | null;
  /** Ask for the next page with this one, and it is of the same statement. */
  readonly to: string;
  /** Positive on the normal side, like all balances. */
  readonly opening_balance: number;
  readonly closing_balance: number;
  /** Entries of the whole period. */
  readonly entries: number;
  /** Opening balance and movements of this page come to its closing balance, which is the next page's opening balance. */
  readonly page: {
    readonly opening_balance: number;
    readonly debits: number;
    readonly credits: number;
    readonly closing_balance: number;
  };
  /** The oldest first. */
  readonly data: readonly EntryView[];
  readonly has_more: boolean;
}

export function viewStatement(
  account: AccountRow,
  from: string | undefined,
  statement: Statement,
  limit: number,
): StatementView {
  const entries = statement.entries.slice(0, limit);
  const sum = (direction: string): bigint =>
    entries.filter((each) => each.direction === direction).reduce((total, { amount }) => total + amount, 0n);
  return {
    object: 'ledger_statement',
    account_id: encodeId('account', account.id),
    livemode: account.livemode,
    currency: account.currency,
    normal_side: account.normalSide,
    from: from ?? null,
    to: statement.to.toISOString(),
    opening_balance: toJsonAmount(statement.opening),
    closing_balance: toJsonAmount(statement.closing),
    entries: toJsonAmount(statement.last - statement.before),
    page: {
      opening_balance: toJsonAmount(statement.carried),
      debits: toJsonAmount(sum('debit')),
      credits: toJsonAmount(sum('credit')),
      closing_balance: toJsonAmount(entries.at(-1)?.balance ?? statement.carried),
    },
    data: entries.map(viewEntry),
    has_more: statement.entries.length > limit,
  };
}

const COLUMNS = ['entry', 'booked_at', 'effective_at', 'kind', 'direction', 'amount', 'balance', 'transfer', 'about'];

/**
 * A first line with what was carried, then the entries, then a line with what they leave: the file proves itself. Nothing in it needs
 * quoting, nor could a spreadsheet take any of it for a formula: ids, times, numbers, and kinds of lower-case letters.
 */
export function csvOf(view: StatementView): string {
  const line = (...cells: readonly (string | number)[]): string => `${cells.join(',')}\r\n`;
  return [
    line(...COLUMNS),
    line('', '', '', 'opening_balance', '', '', view.page.opening_balance, '', ''),
    ...view.data.map((entry) =>
      line(
        entry.id,
        entry.created_at,
        entry.effective_at,
        entry.kind,
        entry.direction,
        entry.amount,
        entry.balance,
        entry.transfer_id,
        entry.payment_id ?? entry.refund_id ?? entry.payout_id ?? entry.release_id ?? '',
      ),
    ),
    line('', '', '', 'closing_balance', '', '', view.page.closing_balance, '', ''),
  ].join('');
}
