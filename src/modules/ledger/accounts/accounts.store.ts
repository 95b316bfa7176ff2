/** Accounts and statements, for reading. */
import { Injectable } from '@nestjs/common';
import { beginningWith, Conditions } from '../../../kernel/database/conditions.js';
import { Databases } from '../../../kernel/database/databases.js';
import type { Database } from '../../../kernel/database/database.js';
import { statement } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { readerFor } from '../reader.js';
import type { AccountKind, AccountState, Side } from './account.js';

/** Whose accounts: every query here is bound to it. */
export interface Owner {
  readonly merchantId: string;
  readonly livemode: boolean;
}

export interface AccountRow {
  readonly id: string;
  /** Null of the platform's. */
  readonly merchantId: string | null;
  readonly livemode: boolean;
  readonly currency: string;
  readonly kind: string;
  /** Of gateway_clearing the gateway account's UUID. */
  readonly qualifier: string;
  readonly normalSide: string;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  readonly createdAt: Date;
  readonly limitMode: string;
  readonly state: AccountState;
  /** Of the last change of state; null where it was never frozen. */
  readonly reason: string | null;
  readonly actor: string | null;
  readonly changedAt: Date | null;
  /** Of a merchant's own accounts; null of those that mirror real money. */
  readonly code: string | null;
  readonly name: string | null;
  readonly metadata: Readonly<Record<string, string>> | null;
}

/** What of them is wanted. */
export interface AccountFilter {
  readonly kind?: string | undefined;
  readonly currency?: string | undefined;
  readonly code?: string | undefined;
  /** How it begins, whatever the case. */
  readonly name?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export interface EntryRow {
  readonly accountId: string;
  readonly version: bigint;
  readonly transferId: string;
  readonly direction: Side;
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
    t.kind, t.subject_id AS "subjectId", t.effective_at AS "effectiveAt", e.booked_at AS "createdAt"
  FROM ledger.entry e JOIN ledger.transfer t ON t.id = e.transfer_id WHERE e.account_id = $1`;

/** Of `ledger.account a`, with {@link ACCOUNT_DETAILS}. */
export const ACCOUNT_COLUMNS = `a.id, a.merchant_id AS "merchantId", a.livemode, a.currency, a.kind, a.qualifier, a.normal_side AS "normalSide",
    a.debits_posted AS "debitsPosted", a.credits_posted AS "creditsPosted", a.debits_pending AS "debitsPending", a.credits_pending AS "creditsPending",
    a.created_at AS "createdAt", a.limit_mode AS "limitMode", a.state, s.reason, s.actor, s.changed_at AS "changedAt", c.code, c.name, c.metadata`;
export const ACCOUNT_DETAILS = `LEFT JOIN ledger.client_account c ON c.account_id = a.id
    LEFT JOIN LATERAL (SELECT * FROM ledger.account_state_change x WHERE x.account_id = a.id ORDER BY x.number DESC LIMIT 1) s ON true`;
const ACCOUNTS = `SELECT ${ACCOUNT_COLUMNS} FROM ledger.account a ${ACCOUNT_DETAILS}`;

const findStatement = statement(
  'ledger.find_account',
  `${ACCOUNTS} WHERE a.id = $1 AND ($2::uuid IS NULL OR a.merchant_id = $2 AND a.livemode = $3)`,
);

const balancesStatement = statement(
  'ledger.balances_of_owner',
  `SELECT currency, kind, normal_side AS "normalSide", debits_posted AS "debitsPosted", credits_posted AS "creditsPosted",
     debits_pending AS "debitsPending", credits_pending AS "creditsPending"
   FROM ledger.account WHERE merchant_id = $1 AND livemode = $2 AND kind = ANY($3) ORDER BY currency`,
);

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

  list(owner: Owner, window: Window<string>, filter: AccountFilter = {}): Promise<AccountRow[]> {
    const { after, before, take } = window;
    const conditions = new Conditions()
      .always('a.merchant_id = ?', owner.merchantId)
      .always('a.livemode = ?', owner.livemode)
      .where('a.id < ?', after)
      .where('a.id > ?', before)
      .where('a.kind = ?', filter.kind)
      .where('a.currency = ?', filter.currency);
    // What only merchants' own accounts have is looked for where it stands, and by whose it is, for the sake of its indexes.
    if (filter.code !== undefined || filter.name !== undefined || filter.metadata !== undefined)
      conditions.and('c.merchant_id = $1').and('c.livemode = $2');
    conditions.where('c.code = ?', filter.code).whereBegins('c.name_key', filter.name);
    if (filter.metadata !== undefined) {
      const place = (value: unknown): string => conditions.place(value ?? null);
      const page = [
        `${place(JSON.stringify(filter.metadata))}::jsonb`,
        place(filter.currency),
        place(filter.code),
        ...beginningWith(place(filter.name)),
        place(after),
        place(before),
        before !== undefined,
        take,
      ];
      conditions.and(`a.id IN (SELECT ledger.own_accounts_with(${page.join(', ')}))`);
    }
    const order = before === undefined ? 'DESC' : 'ASC';
    return this.database
      .asTenant(owner)
      .query<AccountRow>(
        `${ACCOUNTS} WHERE ${conditions.text} ORDER BY a.id ${order} LIMIT ${take}`,
        conditions.values,
      );
  }

  /**
   * @param owner null for an operator, who sees every account
   * @param id as the API writes it
   * @throws {DomainError} `ledger.account_not_found`, for what is no id and for another's alike
   */
  async get(owner: Owner | null, id: string): Promise<AccountRow> {
    const uuid = decodeId('account', id);
    const of = [uuid, owner?.merchantId ?? null, owner?.livemode ?? null];
    const [row] = uuid === undefined ? [] : await readerFor(this.database, owner).query<AccountRow>(findStatement, of);
    if (row === undefined) throw new DomainError('ledger.account_not_found');
    return row;
  }

  /** Every account of the kinds given: a handful, one per currency and kind. */
  balances(owner: Owner, kinds: readonly AccountKind[]): Promise<BalanceRow[]> {
    return this.database
      .asTenant(owner)
      .query<BalanceRow>(balancesStatement, [owner.merchantId, owner.livemode, [...kinds]]);
  }

  /** A statement of an account of the owner's. */
  entries(owner: Owner, accountId: string, { after, before, take }: Window<bigint>): Promise<EntryRow[]> {
    const reader = this.database.asTenant(owner);
    if (before !== undefined) return reader.query<EntryRow>(entriesBefore, [accountId, before, take]);
    return reader.query<EntryRow>(newestEntries, [accountId, after ?? END, take]);
  }
}
