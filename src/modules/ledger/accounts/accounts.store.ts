/** Accounts and statements, for reading. */
import { Injectable } from '@nestjs/common';
import { Databases } from '../../../kernel/database/databases.js';
import type { Database } from '../../../kernel/database/database.js';
import { statement } from '../../../kernel/database/tx.js';
import type { AccountKind } from './account.js';

/** Whose accounts: every query here is bound to it. */
export interface Owner {
  readonly merchantId: string;
  readonly livemode: boolean;
}

export interface AccountRow {
  readonly id: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly kind: string;
  readonly normalSide: string;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  readonly createdAt: Date;
}

export interface EntryRow {
  readonly accountId: string;
  readonly version: bigint;
  readonly transferId: string;
  readonly direction: string;
  readonly amount: bigint;
  readonly balance: bigint;
  readonly kind: string;
  readonly subjectId: string | null;
  readonly effectiveAt: Date;
  readonly createdAt: Date;
}

/** Which rows of a list: newest first after the cursor, or oldest first before it (the caller turns those round). */
export interface Window<Cursor> {
  readonly after?: Cursor;
  readonly before?: Cursor;
  readonly take: number;
}

const ENTRIES = `SELECT e.account_id AS "accountId", e.account_version AS version, e.transfer_id AS "transferId", e.direction, e.amount, e.balance,
    t.kind, t.subject_id AS "subjectId", t.effective_at AS "effectiveAt", t.created_at AS "createdAt"
  FROM ledger.entry e JOIN ledger.transfer t ON t.id = e.transfer_id WHERE e.account_id = $1`;

const newestEntries = statement(
  'ledger.newest_entries',
  `${ENTRIES} AND e.account_version < $2 ORDER BY e.account_version DESC LIMIT $3`,
);
const entriesBefore = statement(
  'ledger.entries_before',
  `${ENTRIES} AND e.account_version > $2 ORDER BY e.account_version ASC LIMIT $3`,
);

/** Above every version: the largest bigint. */
const END = 2n ** 63n - 1n;

/** Balances, and of what kind of account. */
export type BalanceRow = Pick<
  AccountRow,
  'currency' | 'kind' | 'normalSide' | 'debitsPosted' | 'creditsPosted' | 'debitsPending' | 'creditsPending'
>;

@Injectable()
export class AccountsStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  list(owner: Owner, window: Window<string>): Promise<AccountRow[]> {
    const { after, before, take } = window;
    return this.database.prisma.ledgerAccount.findMany({
      where: {
        ...owned(owner),
        ...(before === undefined ? {} : { id: { gt: before } }),
        ...(after === undefined ? {} : { id: { lt: after } }),
      },
      orderBy: { id: before === undefined ? 'desc' : 'asc' },
      take,
    });
  }

  async find(owner: Owner, id: string): Promise<AccountRow | undefined> {
    const row = await this.database.prisma.ledgerAccount.findFirst({ where: { ...owned(owner), id } });
    return row ?? undefined;
  }

  /** Every account of the kinds given: a handful, one per currency and kind. */
  balances(owner: Owner, kinds: readonly AccountKind[]): Promise<BalanceRow[]> {
    return this.database.prisma.ledgerAccount.findMany({
      where: { ...owned(owner), kind: { in: [...kinds] } },
      orderBy: { currency: 'asc' },
    });
  }

  /** A statement of an account that the caller has found to be the owner's. */
  entries(accountId: string, window: Window<bigint>): Promise<EntryRow[]> {
    const { after, before, take } = window;
    if (before !== undefined) return this.database.query<EntryRow>(entriesBefore, [accountId, before, take]);
    return this.database.query<EntryRow>(newestEntries, [accountId, after ?? END, take]);
  }
}

function owned(owner: Owner): { merchantId: string; livemode: boolean } {
  return { merchantId: owner.merchantId, livemode: owner.livemode };
}
