/** The ledger as one would write it first: one transfer after the other, in memory. What the real one is compared with. */
import type { LimitMode } from '../../../src/modules/ledger/accounts/account.js';
import type { PostingOutcome, Transfer } from '../../../src/modules/ledger/transfers/transfer.js';

export interface NaiveAccount {
  readonly id: string;
  readonly unit: string;
  readonly debitNormal: boolean;
  readonly limitMode: LimitMode;
  debits: bigint;
  credits: bigint;
  readonly entries: { transferId: string; direction: string; amount: bigint; balance: bigint }[];
}

export class NaiveLedger {
  readonly accounts = new Map<string, NaiveAccount>();
  private readonly transfers = new Map<string, string>();

  open(account: Omit<NaiveAccount, 'debits' | 'credits' | 'entries'>): void {
    this.accounts.set(account.id, { ...account, debits: 0n, credits: 0n, entries: [] });
  }

  post(transfer: Transfer): PostingOutcome {
    const content = JSON.stringify(
      { ...transfer, amountMinor: String(transfer.amountMinor) },
      Object.keys(transfer).sort(),
    );
    const known = this.transfers.get(transfer.id);
    if (known !== undefined) return known === content ? 'replayed' : 'conflict';
    const debited = this.accounts.get(transfer.debitAccountId);
    const credited = this.accounts.get(transfer.creditAccountId);
    if (debited === undefined || credited === undefined) return 'account_missing';
    if (debited === credited || debited.unit !== credited.unit) return 'accounts_differ';
    const { amountMinor } = transfer;
    if (debited.limitMode === 'debits_must_not_exceed_credits' && debited.debits + amountMinor > debited.credits)
      return 'limit_exceeded';
    if (credited.limitMode === 'credits_must_not_exceed_debits' && credited.credits + amountMinor > credited.debits)
      return 'limit_exceeded';
    this.transfers.set(transfer.id, content);
    debited.debits += amountMinor;
    credited.credits += amountMinor;
    for (const [account, direction] of [
      [debited, 'debit'],
      [credited, 'credit'],
    ] as const) {
      const net = account.debits - account.credits;
      account.entries.push({
        transferId: transfer.id,
        direction,
        amount: amountMinor,
        balance: account.debitNormal ? net : -net,
      });
    }
    return 'posted';
  }
}
