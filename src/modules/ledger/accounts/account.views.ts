/** How the ledger looks over HTTP. Amounts are integer minor units. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { aboutOf, type About } from './about.js';
import { balanceOf, type AccountState, type Side } from './account.js';
import type { AccountRow, EntryRow } from './accounts.store.js';
import { encodeEntryId } from './entry-id.js';

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
  /** Held: not posted, and no longer to be used. */
  readonly pending_debits: number;
  readonly pending_credits: number;
  readonly limit_mode: string;
  /** `open`; `frozen`: nothing is posted to it; `closed`: nothing ever will be. */
  readonly state: AccountState;
  /** The last time that it was frozen, opened again or closed: why, by whom (merchant, operator, system) and when. */
  readonly state_change: { readonly reason: string; readonly by: string; readonly at: string } | null;
  /** Of kind `client`: the merchant's own. */
  readonly code: string | null;
  readonly name: string | null;
  readonly metadata: Readonly<Record<string, string>>;
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
    pending_debits: toJsonAmount(row.debitsPending),
    pending_credits: toJsonAmount(row.creditsPending),
    limit_mode: row.limitMode,
    state: row.state,
    state_change:
      row.reason === null || row.actor === null || row.changedAt === null
        ? null
        : { reason: row.reason, by: row.actor, at: row.changedAt.toISOString() },
    code: row.code,
    name: row.name,
    metadata: row.metadata ?? {},
    created_at: row.createdAt.toISOString(),
  };
}

export interface EntryView extends About {
  readonly object: 'ledger_entry';
  readonly id: string;
  readonly account_id: string;
  /** Numbers the account's entries from 1, without gaps. */
  readonly version: number;
  readonly transfer_id: string;
  readonly kind: string;
  readonly direction: Side;
  readonly amount: number;
  /** The account's after this entry. */
  readonly balance: number;
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
    ...aboutOf(row.kind, row.subjectId),
    effective_at: row.effectiveAt.toISOString(),
    created_at: row.createdAt.toISOString(),
  };
}
