/** How an account looks to operators: whose it is, too. */
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { viewAccount, type AccountView } from './account.views.js';
import type { AccountRow } from './accounts.store.js';

export interface AdminAccountView extends AccountView {
  /** Null of the platform's. */
  readonly merchant_id: string | null;
  /** Of a clearing account: whose. */
  readonly gateway_account: string | null;
}

export function viewAdminAccount(row: AccountRow): AdminAccountView {
  return {
    ...viewAccount(row),
    merchant_id: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    gateway_account:
      row.kind === 'gateway_clearing' && row.qualifier !== '' ? encodeId('gatewayAccount', row.qualifier) : null,
  };
}

export const ACCOUNT_CSV: CsvColumns<AdminAccountView> = {
  id: (account) => account.id,
  created_at_utc: (account) => account.created_at,
  livemode: (account) => account.livemode,
  kind: (account) => account.kind,
  currency: (account) => account.currency,
  merchant: (account) => account.merchant_id,
  gateway_account: (account) => account.gateway_account,
  code: (account) => account.code,
  name: (account) => account.name,
  state: (account) => account.state,
  normal_side: (account) => account.normal_side,
  debits_minor: (account) => account.debits,
  credits_minor: (account) => account.credits,
  balance_minor: (account) => account.balance,
  pending_debits_minor: (account) => account.pending_debits,
  pending_credits_minor: (account) => account.pending_credits,
};
