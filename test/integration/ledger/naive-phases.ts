/** The whole ledger as one would write it first: one instruction after the other, in memory. What the real one is compared with. */
import type { LimitMode } from '../../../src/modules/ledger/accounts/account.js';
import {
  isRefusal,
  type Instruction,
  type PendingEnd,
  type PostingOutcome,
  type Reversal,
} from '../../../src/modules/ledger/transfers/transfer.js';

export interface NaiveAccount {
  readonly id: string;
  readonly unit: string;
  readonly debitNormal: boolean;
  readonly limitMode: LimitMode;
  readonly state: 'open' | 'frozen' | 'closed';
  readonly debits: bigint;
  readonly credits: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  readonly entries: readonly { transferId: string; direction: string; amount: bigint; balance: bigint }[];
}

/** A transfer that was done, with everything that was left out taken from what it names. */
interface Known {
  readonly content: string;
  readonly phase: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly kind: string;
  readonly subjectId: string | null;
  readonly expiresAt: Date | null;
  readonly endedBy?: 'post' | 'void' | 'expire';
  readonly movedBack: bigint;
}

type Shape = Omit<Known, 'content' | 'endedBy' | 'movedBack'>;

export class NaivePhases {
  accounts: ReadonlyMap<string, NaiveAccount> = new Map();
  private transfers: ReadonlyMap<string, Known> = new Map();

  copy(): NaivePhases {
    const copy = new NaivePhases();
    copy.accounts = this.accounts;
    copy.transfers = this.transfers;
    return copy;
  }

  open(account: Pick<NaiveAccount, 'id' | 'unit' | 'debitNormal' | 'limitMode'>): void {
    this.change({
      ...account,
      state: 'open',
      debits: 0n,
      credits: 0n,
      debitsPending: 0n,
      creditsPending: 0n,
      entries: [],
    });
  }

  setState(id: string, state: NaiveAccount['state']): void {
    this.change({ ...this.account(id), state });
  }

  /** Nothing is ever changed in place, so that taking a group back is to remember what was. */
  post(instructions: readonly Instruction[]): PostingOutcome[] {
    const outcomes: PostingOutcome[] = [];
    for (let start = 0; start < instructions.length;) {
      let end = start;
      while (instructions[end]?.linked === true) end += 1;
      const group = instructions.slice(start, end + 1);
      const before = { accounts: this.accounts, transfers: this.transfers };
      const done = group.map(() => 'linked_failed' as PostingOutcome);
      for (const [index, each] of group.entries()) {
        done[index] = this.one(each);
        if (group.length === 1 || !isRefusal(done[index])) continue;
        this.accounts = before.accounts;
        this.transfers = before.transfers;
        done.fill('linked_failed', 0, index);
        break;
      }
      outcomes.push(...done);
      start = end + 1;
    }
    return outcomes;
  }

  private one(each: Instruction): PostingOutcome {
    const shape = this.shapeOf(each);
    const content = JSON.stringify([shape, each.effectiveAt, namedBy(each)], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const known = this.transfers.get(each.id);
    if (known !== undefined) return known.content === content ? 'replayed' : 'conflict';
    if (shape === undefined) return 'not_found';
    const fault = this.faultOfNaming(each, shape) ?? this.faultOfAccounts(shape);
    if (fault !== undefined) return fault;
    this.transfers = new Map(this.transfers).set(each.id, { ...shape, content, movedBack: 0n });
    return this.apply(each, shape);
  }

  private shapeOf(each: Instruction): Shape | undefined {
    if (!('pendingId' in each) && !('reversesId' in each))
      return {
        phase: 'phase' in each ? each.phase : 'single',
        debit: each.debitAccountId,
        credit: each.creditAccountId,
        amount: each.amountMinor,
        kind: each.kind,
        subjectId: each.subjectId,
        expiresAt: 'expiresAt' in each ? each.expiresAt : null,
      };
    const named = this.transfers.get(namedBy(each) ?? '');
    if (named === undefined) return undefined;
    return {
      phase: each.phase,
      debit: each.phase === 'reverse' ? named.credit : named.debit,
      credit: each.phase === 'reverse' ? named.debit : named.credit,
      amount: each.amountMinor ?? named.amount,
      kind: each.kind ?? named.kind,
      subjectId: each.subjectId ?? named.subjectId,
      expiresAt: null,
    };
  }

  private faultOfNaming(each: Instruction, { amount }: Shape): PostingOutcome | undefined {
    if (!('pendingId' in each) && !('reversesId' in each)) return undefined;
    const named = this.transfers.get(namedBy(each) ?? '');
    if (named === undefined) return 'not_found';
    if (each.phase === 'reverse') {
      if (!['single', 'post'].includes(named.phase)) return 'not_reversible';
      return named.movedBack + amount > named.amount ? 'exceeds_reversible' : undefined;
    }
    if (named.phase !== 'pending') return 'not_pending';
    if (named.endedBy === 'post') return 'pending_posted';
    if (named.endedBy === 'void') return 'pending_voided';
    const isOver = named.expiresAt !== null && named.expiresAt.getTime() < Date.now();
    if (named.endedBy === 'expire' || (each.phase === 'post' && isOver)) return 'pending_expired';
    if (each.phase === 'expire' && !isOver) return 'not_expired';
    return amount > named.amount ? 'exceeds_pending' : undefined;
  }

  private faultOfAccounts({ phase, debit, credit, amount }: Shape): PostingOutcome | undefined {
    const debited = this.accounts.get(debit);
    const credited = this.accounts.get(credit);
    if (debited === undefined || credited === undefined) return 'account_missing';
    if (debited === credited || debited.unit !== credited.unit) return 'accounts_differ';
    if (phase === 'void' || phase === 'expire') return undefined;
    if (debited.state === 'closed' || credited.state === 'closed') return 'account_closed';
    if (debited.state === 'frozen' || credited.state === 'frozen') return 'account_frozen';
    if (phase === 'post') return undefined;
    const isOverdrawn =
      debited.limitMode === 'debits_must_not_exceed_credits' &&
      debited.debits + debited.debitsPending + amount > debited.credits;
    const isOverfilled =
      credited.limitMode === 'credits_must_not_exceed_debits' &&
      credited.credits + credited.creditsPending + amount > credited.debits;
    return isOverdrawn || isOverfilled ? 'limit_exceeded' : undefined;
  }

  private apply(each: Instruction, { phase, debit, credit, amount }: Shape): PostingOutcome {
    if (phase === 'pending') {
      this.hold(debit, credit, amount);
      return 'pending';
    }
    const name = namedBy(each);
    const named = name === null ? undefined : this.transfers.get(name);
    if (name !== null && named !== undefined) {
      if (phase === 'reverse') this.note(name, { ...named, movedBack: named.movedBack + amount });
      else {
        this.hold(named.debit, named.credit, -named.amount);
        this.note(name, { ...named, endedBy: phase as 'post' | 'void' | 'expire' });
      }
    }
    if (phase === 'void') return 'voided';
    if (phase === 'expire') return 'expired';
    const debited = this.account(debit);
    this.change(entered({ ...debited, debits: debited.debits + amount }, each.id, 'debit', amount));
    const credited = this.account(credit);
    this.change(entered({ ...credited, credits: credited.credits + amount }, each.id, 'credit', amount));
    return 'posted';
  }

  private hold(debit: string, credit: string, amount: bigint): void {
    const debited = this.account(debit);
    this.change({ ...debited, debitsPending: debited.debitsPending + amount });
    const credited = this.account(credit);
    this.change({ ...credited, creditsPending: credited.creditsPending + amount });
  }

  private note(id: string, known: Known): void {
    this.transfers = new Map(this.transfers).set(id, known);
  }

  private change(account: NaiveAccount): void {
    this.accounts = new Map(this.accounts).set(account.id, account);
  }

  private account(id: string): NaiveAccount {
    const account = this.accounts.get(id);
    if (account === undefined) throw new Error(`no account ${id}`);
    return account;
  }
}

function namedBy(each: Instruction | PendingEnd | Reversal): string | null {
  if ('pendingId' in each) return each.pendingId;
  return 'reversesId' in each ? each.reversesId : null;
}

function entered(account: NaiveAccount, transferId: string, direction: string, amount: bigint): NaiveAccount {
  const net = account.debits - account.credits;
  const entry = { transferId, direction, amount, balance: account.debitNormal ? net : -net };
  return { ...account, entries: [...account.entries, entry] };
}
