/** What a client is told of a transfer that was refused. Pure. */
import { DomainError } from '../../../kernel/errors/domain-error.js';
import type { ErrorCode } from '../../../kernel/errors/registry.js';
import type { Refusal } from './transfer.js';

const CODES: Readonly<Record<Refusal, ErrorCode>> = {
  conflict: 'ledger.transfer_conflict',
  account_missing: 'ledger.account_not_found',
  accounts_differ: 'ledger.accounts_differ',
  account_frozen: 'ledger.account_frozen',
  account_closed: 'ledger.account_closed',
  limit_exceeded: 'ledger.limit_exceeded',
  not_found: 'ledger.transfer_not_found',
  not_pending: 'ledger.transfer_not_pending',
  pending_posted: 'ledger.transfer_not_pending',
  pending_voided: 'ledger.transfer_not_pending',
  pending_expired: 'ledger.transfer_not_pending',
  not_expired: 'ledger.transfer_not_pending',
  exceeds_pending: 'ledger.exceeds_transfer',
  not_reversible: 'ledger.transfer_not_reversible',
  exceeds_reversible: 'ledger.exceeds_transfer',
  linked_failed: 'ledger.batch_refused',
};

export function refusalOf(outcome: Refusal): DomainError {
  return new DomainError(CODES[outcome], { members: { outcome } });
}
