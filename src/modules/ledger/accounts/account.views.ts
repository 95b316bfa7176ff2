/** How the ledger looks over HTTP. Amounts are integer minor units. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { balanceOf } from './account.js';
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
  readonly state: string;
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
  /** What it is about: at most one of the four. */
  readonly payment_id: string | null;
  readonly refund_id: string | null;
  readonly payout_id: string | null;
  /** By which pending money became available, or what had been kept back. */
  readonly release_id: string | null;
  readonly effective_at: string;
  readonly created_at: string;
}

export function viewEntry(row: EntryRow): EntryView {
  const subject = subjectOf(row.kind);
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
    payment_id: subject === 'payment' && row.subjectId !== null ? encodeId('payment', row.subjectId) : null,
    refund_id: subject === 'refund' && row.subjectId !== null ? encodeId('refund', row.subjectId) : null,
    payout_id: subject === 'payout' && row.subjectId !== null ? encodeId('payout', row.subjectId) : null,
    release_id: subject === 'release' && row.subjectId !== null ? encodeId('release', row.subjectId) : null,
    effective_at: row.effectiveAt.toISOString(),
    created_at: row.createdAt.toISOString(),
  };
}

/** The kind of a transfer says what its subject is (see TransferKind). */
function subjectOf(kind: string): 'payment' | 'refund' | 'payout' | 'release' {
  if (kind === 'settlement' || kind === 'reserve_release') return 'release';
  if (kind === 'refund' || kind.startsWith('refund_')) return 'refund';
  return kind === 'payout' || kind.startsWith('payout_') ? 'payout' : 'payment';
}
