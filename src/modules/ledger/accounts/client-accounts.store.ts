/** What merchants open themselves, what they call it, and who froze or closed it. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { AccountState, LimitMode, Side } from './account.js';
import type { Owner } from './accounts.store.js';

export interface NewClientAccount {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly currency: string;
  readonly normalSide: Side;
  readonly limitMode: LimitMode;
  readonly metadata: Readonly<Record<string, string>>;
}

const openStatement = statement(
  'ledger.open_client_account',
  `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, qualifier, normal_side, limit_mode)
   VALUES ($1, $2, $3, $4, 'client', $5, $6, $7) ON CONFLICT DO NOTHING RETURNING created_at`,
);

const describeStatement = statement(
  'ledger.describe_client_account',
  `INSERT INTO ledger.client_account (account_id, merchant_id, livemode, code, name, metadata) VALUES ($1, $2, $3, $4, $5, $6::jsonb)`,
);

const findCodeStatement = statement(
  'ledger.find_client_code',
  `SELECT id FROM ledger.account WHERE merchant_id = $1 AND livemode = $2 AND currency = $3 AND kind = 'client' AND qualifier = $4`,
);

const changeStatement = statement(
  'ledger.change_client_account',
  `UPDATE ledger.client_account SET name = coalesce($4, name), metadata = coalesce($5::jsonb, metadata)
    WHERE account_id = $1 AND merchant_id = $2 AND livemode = $3 RETURNING account_id`,
);

const stateStatement = statement(
  'ledger.change_account_state',
  'SELECT ledger.change_account_state($1, $2, $3, $4, $5) AS outcome',
);

/** When it was opened; or which account has the code already, and nothing is opened. */
export type Opening = { readonly createdAt: Date } | { readonly known: string };

export async function openClientAccount(tx: Tx, owner: Owner, account: NewClientAccount): Promise<Opening> {
  const { merchantId, livemode } = owner;
  const { id, code, name, currency, normalSide, limitMode, metadata } = account;
  const [opened] = await tx.query<{ created_at: Date }>(openStatement, [
    id,
    merchantId,
    livemode,
    currency,
    code,
    normalSide,
    limitMode,
  ]);
  if (opened === undefined) {
    const [known] = await tx.query<{ id: string }>(findCodeStatement, [merchantId, livemode, currency, code]);
    if (known === undefined) throw new Error('an account could not be opened, and none has its code');
    return { known: known.id };
  }
  await tx.query(describeStatement, [id, merchantId, livemode, code, name, JSON.stringify(metadata)]);
  return { createdAt: opened.created_at };
}

/** @returns whether the owner has such an account of its own */
export async function describeClientAccount(
  db: Queryable,
  owner: Owner,
  id: string,
  change: { readonly name?: string | undefined; readonly metadata?: Readonly<Record<string, string>> | undefined },
): Promise<boolean> {
  const { name, metadata } = change;
  const given = metadata === undefined ? null : JSON.stringify(metadata);
  const changed = await db.query(changeStatement, [id, owner.merchantId, owner.livemode, name ?? null, given]);
  return changed.length === 1;
}

export type StateOutcome = 'changed' | 'unchanged' | 'missing' | 'closed' | 'not_empty' | 'not_theirs';

export interface StateChange {
  readonly accountId: string;
  readonly state: AccountState;
  readonly reason: string;
  readonly actor: 'merchant' | 'operator';
  /** The key that was used. */
  readonly actorId: string;
}

/** Waits for what is being posted to the account; from then on its new state counts. */
export async function changeAccountState(db: Queryable, change: StateChange): Promise<StateOutcome> {
  const { accountId, state, reason, actor, actorId } = change;
  const [row] = await db.query<{ outcome: StateOutcome }>(stateStatement, [accountId, state, reason, actor, actorId]);
  if (row === undefined) throw new Error('change_account_state gave no answer');
  return row.outcome;
}
