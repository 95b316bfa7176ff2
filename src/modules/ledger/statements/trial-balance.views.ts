/** How the trial balance looks over HTTP. Amounts are integer minor units. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { balanceOf } from '../accounts/account.js';
import type { TotalsRow, TrialBalance } from './trial-balance.store.js';

interface AccountTotalsView {
  readonly id: string;
  readonly kind: string;
  /** The gateway account of a clearing account; empty otherwise. */
  readonly qualifier: string;
  readonly merchant_id: string | null;
  readonly debits: number;
  readonly credits: number;
  readonly balance: number;
  readonly pending_debits: number;
  readonly pending_credits: number;
}

interface CurrencyTotalsView {
  readonly currency: string;
  readonly livemode: boolean;
  readonly debits: number;
  readonly credits: number;
  /** Debits less credits over all accounts: 0, or there is a fault. */
  readonly difference: number;
  /** What is held, once on either side: equal, or there is a fault. */
  readonly pending_debits: number;
  readonly pending_credits: number;
  readonly accounts: readonly AccountTotalsView[];
}

export interface TrialBalanceView {
  readonly object: 'trial_balance';
  /** Null when both modes are shown. */
  readonly livemode: boolean | null;
  readonly as_of: string;
  readonly entries_agree?: boolean;
  /** Whether what accounts have pending is what is held, and what was held and left is what was posted. */
  readonly holds_agree?: boolean;
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
    ...(balance.proof === undefined
      ? {}
      : { entries_agree: balance.proof.entries === 0n, holds_agree: balance.proof.holds === 0n }),
    data: [...groups.values()].flatMap(viewGroup),
  };
}

function viewGroup(rows: readonly TotalsRow[]): readonly CurrencyTotalsView[] {
  const [first] = rows;
  if (first === undefined) return [];
  const sum = (column: 'debits' | 'credits' | 'pendingDebits' | 'pendingCredits'): bigint =>
    rows.reduce((total, row) => total + row[column], 0n);
  const debits = sum('debits');
  const credits = sum('credits');
  return [
    {
      currency: first.currency,
      livemode: first.livemode,
      debits: toJsonAmount(debits),
      credits: toJsonAmount(credits),
      difference: toJsonAmount(debits - credits),
      pending_debits: toJsonAmount(sum('pendingDebits')),
      pending_credits: toJsonAmount(sum('pendingCredits')),
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
    pending_debits: toJsonAmount(row.pendingDebits),
    pending_credits: toJsonAmount(row.pendingCredits),
  };
}
