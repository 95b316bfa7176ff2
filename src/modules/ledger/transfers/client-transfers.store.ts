/** Transfers between merchants' own accounts: what they say of them, and lists. */
import { Injectable } from '@nestjs/common';
import { Conditions } from '../../../kernel/database/conditions.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { Owner, Window } from '../accounts/accounts.store.js';

/** What is kept beside a transfer that a merchant made. */
export interface ClientTransfer {
  readonly transferId: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly kind: string;
  readonly subject: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TransferRow extends ClientTransfer {
  readonly livemode: boolean;
  readonly currency: string;
  readonly phase: string;
  readonly amount: bigint;
  readonly pendingId: string | null;
  readonly reversesId: string | null;
  readonly groupId: string | null;
  readonly expiresAt: Date | null;
  readonly effectiveAt: Date;
  readonly bookedAt: Date;
  /** How a pending one ended, with what was posted of it; null while it waits. */
  readonly endedBy: string | null;
  readonly postedAmount: bigint | null;
  readonly reversedAmount: bigint;
}

export interface TransferFilter {
  readonly accountId?: string | undefined;
  readonly kind?: string | undefined;
  readonly subject?: string | undefined;
  readonly phase?: string | undefined;
  readonly createdAfter?: string | undefined;
  readonly createdBefore?: string | undefined;
}

const insertStatement = statement(
  'ledger.insert_client_transfers',
  `INSERT INTO ledger.client_transfer (transfer_id, merchant_id, livemode, debit_account_id, credit_account_id, kind, subject, description, metadata)
   SELECT t.id, $1, $2, t.debit, t.credit, t.kind, t.subject, t.description, t.metadata
   FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::jsonb[])
     AS t (id, debit, credit, kind, subject, description, metadata)`,
);

const kindsStatement = statement(
  'ledger.kinds_of_accounts',
  'SELECT id, kind FROM ledger.account WHERE id = ANY($1::uuid[]) AND merchant_id = $2 AND livemode = $3',
);

const TRANSFERS = `SELECT x.transfer_id AS "transferId", x.debit_account_id AS "debitAccountId", x.credit_account_id AS "creditAccountId", x.kind,
    x.subject, x.description, x.metadata, x.livemode, a.currency, t.phase, t.amount, t.pending_id AS "pendingId", t.reverses_id AS "reversesId",
    t.group_id AS "groupId", t.expires_at AS "expiresAt", t.effective_at AS "effectiveAt", t.created_at AS "bookedAt",
    e.phase AS "endedBy", CASE WHEN e.phase = 'post' THEN e.amount END AS "postedAmount",
    (SELECT coalesce(sum(r.amount), 0)::bigint FROM ledger.transfer r WHERE r.reverses_id = x.transfer_id) AS "reversedAmount"
  FROM ledger.client_transfer x JOIN ledger.transfer t ON t.id = x.transfer_id JOIN ledger.account a ON a.id = x.debit_account_id
    LEFT JOIN LATERAL (SELECT * FROM ledger.transfer p WHERE p.pending_id = x.transfer_id) e ON true`;

const findStatement = statement(
  'ledger.find_client_transfer',
  `${TRANSFERS} WHERE x.transfer_id = $1 AND x.merchant_id = $2 AND x.livemode = $3`,
);

/** In the transaction that posted them. */
export async function insertClientTransfers(tx: Tx, owner: Owner, transfers: readonly ClientTransfer[]): Promise<void> {
  if (transfers.length === 0) return;
  await tx.query(insertStatement, [
    owner.merchantId,
    owner.livemode,
    transfers.map(({ transferId }) => transferId),
    transfers.map(({ debitAccountId }) => debitAccountId),
    transfers.map(({ creditAccountId }) => creditAccountId),
    transfers.map(({ kind }) => kind),
    transfers.map(({ subject }) => subject),
    transfers.map(({ description }) => description),
    transfers.map(({ metadata }) => JSON.stringify(metadata)),
  ]);
}

/** @returns the kinds of those of the accounts that are the owner's, by id */
export async function kindsOf(
  db: Queryable,
  owner: Owner,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ id: string; kind: string }>(kindsStatement, [
    accountIds,
    owner.merchantId,
    owner.livemode,
  ]);
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

export async function findClientTransfer(db: Queryable, owner: Owner, id: string): Promise<TransferRow | undefined> {
  const [row] = await db.query<TransferRow>(findStatement, [id, owner.merchantId, owner.livemode]);
  return row;
}

@Injectable()
export class ClientTransfersStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  find(owner: Owner, id: string): Promise<TransferRow | undefined> {
    return findClientTransfer(this.database.asTenant(owner), owner, id);
  }

  list(owner: Owner, window: Window<string>, filter: TransferFilter): Promise<TransferRow[]> {
    const { after, before, take } = window;
    const { text, values } = new Conditions()
      .always('x.merchant_id = ?', owner.merchantId)
      .always('x.livemode = ?', owner.livemode)
      .where('x.transfer_id < ?', after)
      .where('x.transfer_id > ?', before)
      .where('(x.debit_account_id = ? OR x.credit_account_id = ?)', filter.accountId)
      .where('x.kind = ?', filter.kind)
      .where('x.subject = ?', filter.subject)
      .where('t.phase = ?', filter.phase)
      .where('x.created_at > ?::timestamptz', filter.createdAfter)
      .where('x.created_at < ?::timestamptz', filter.createdBefore);
    const order = before === undefined ? 'DESC' : 'ASC';
    return this.database
      .asTenant(owner)
      .query<TransferRow>(`${TRANSFERS} WHERE ${text} ORDER BY x.transfer_id ${order} LIMIT ${take}`, values);
  }
}
