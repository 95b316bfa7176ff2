/** How the ledger looks over HTTP. Amounts are integer minor units. */
import { encodeId } from '../../kernel/ids/ids.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import { balanceOf } from './account.js';
import type { AccountRow, EntryRow } from './accounts.store.js';
import { encodeEntryId } from './entry-id.js';
import type { TotalsRow, TrialBalance } from './trial-balance.store.js';

export interface AccountView {
  readonly object: 'ledger_account';
  readonly id: string;
  readonly livemode: boolean;
  readonly kind: string;
  readonly currency: string;
  readonly normal_side: string;
  readonly debits: number;
  readonly credits: number;
  /** Positive on the normal side. */
  readonly balance: number;
  readonly created_at: string;
}

export function viewAccount(row: AccountRow): AccountView {
  return {
    object: 'ledger_account',
    id: encodeId('account', row.id),
    livemode: row.livemode,
    kind: row.kind,
    currency: row.currency,
    normal_side: row.normalSide,
    debits: toJsonAmount(row.debitsPosted),
    credits: toJsonAmount(row.creditsPosted),
    balance: toJsonAmount(balanceOf(row.normalSide, row.debitsPosted, row.creditsPosted)),
    created_at: row.createdAt.toISOString(),
  };
}

export interface EntryView {
  readonly object: 'ledger_entry';
  readonly id: string;
  readonly account_id: string;
  /** Numbers the account's entries from 1, without gaps. */
  readonly version: number;
  readonly transfer_id: string;
  readonly kind: string;
  readonly direction: string;
  readonly amount: number;
  /** The account's after this entry. */
  readonly balance: number;
  readonly payment_id: string | null;
  readonly effective_at: string;
  readonly created_at: string;
}

export function viewEntry(row: EntryRow): EntryView {
  return {
    object: 'ledger_entry',
    id: encodeEntryId(row.accountId, row.version),
    account_id: encodeId('account', row.accountId),
    version: toJsonAmount(row.version),
    transfer_id: encodeId('transfer', row.transferId),
    kind: row.kind,
    direction: row.direction,
    amount: toJsonAmount(row.amount),
    balance: toJsonAmount(row.balance),
    payment_id: row.subjectId === null ? null : encodeId('payment', row.subjectId),
    effective_at: row.effectiveAt.toISOString(),
    created_at: row.createdAt.toISOString(),
  };
}

interface AccountTotalsView {
  readonly id: string;
  readonly kind: string;
  /** The gateway account of a clearing account; empty otherwise. */
  readonly qualifier: string;
  readonly merchant_id: string | null;
  readonly debits: number;
  readonly credits: number;
  readonly balance: number;
}

interface CurrencyTotalsView {
  readonly currency: string;
  readonly livemode: boolean;
  readonly debits: number;
  readonly credits: number;
  /** Debits less credits over all accounts: 0, or there is a fault. */
  readonly difference: number;
  readonly accounts: readonly AccountTotalsView[];
}

export interface TrialBalanceView {
  readonly object: 'trial_balance';
  /** Null when both modes are shown. */
  readonly livemode: boolean | null;
  readonly as_of: string;
  readonly entries_agree?: boolean;
  readonly data: readonly CurrencyTotalsView[];
}

export function viewTrialBalance(livemode: boolean | undefined, balance: TrialBalance): TrialBalanceView {
  const groups = new Map<string, TotalsRow[]>();
  for (const row of balance.accounts) {
    const key = `${row.currency} ${row.livemode}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return {
    object: 'trial_balance',
    livemode: livemode ?? null,
    as_of: balance.asOf.toISOString(),
    ...(balance.entriesAgree === undefined ? {} : { entries_agree: balance.entriesAgree }),
    data: [...groups.values()].flatMap(viewGroup),
  };
}

function viewGroup(rows: readonly TotalsRow[]): readonly CurrencyTotalsView[] {
  const [first] = rows;
  if (first === undefined) return [];
  const debits = rows.reduce((sum, row) => sum + row.debits, 0n);
  const credits = rows.reduce((sum, row) => sum + row.credits, 0n);
  return [
    {
      currency: first.currency,
      livemode: first.livemode,
      debits: toJsonAmount(debits),
      credits: toJsonAmount(credits),
      difference: toJsonAmount(debits - credits),
      accounts: rows.map(viewTotals),
    },
  ];
}

function viewTotals(row: TotalsRow): AccountTotalsView {
  return {
    id: encodeId('account', row.id),
    kind: row.kind,
    qualifier: row.kind === 'gateway_clearing' ? encodeId('gatewayAccount', row.qualifier) : row.qualifier,
    merchant_id: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    debits: toJsonAmount(row.debits),
    credits: toJsonAmount(row.credits),
    balance: toJsonAmount(balanceOf(row.normalSide, row.debits, row.credits)),
  };
}
