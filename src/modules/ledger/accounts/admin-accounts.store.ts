/** Accounts of all merchants and of the platform, as operators look for them. */
import type { Database } from '../../../kernel/database/database.js';
import { statement, type Statement } from '../../../kernel/database/tx.js';
import { ACCOUNT_COLUMNS, ACCOUNT_DETAILS, type AccountRow, type Window } from './accounts.store.js';

export interface AccountSearch {
  readonly livemode: boolean;
  /** Undefined: whosever it is. */
  readonly merchantId: string | undefined;
  readonly kind: string | undefined;
  readonly currency: string | undefined;
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What may be given besides the mode: each has an index that leads to it in the order of ids. */
const WAYS = ['merchant_id', 'kind', 'currency'] as const;
type Way = (typeof WAYS)[number];

/** By the index of one of them, row by row for the others: of a kind in one currency there are a fifth of those of the kind. */
function searchBy(given: readonly Way[], order: 'DESC' | 'ASC'): Statement {
  const conditions = given.map((way, index) => `AND ${way} = $${index + 5}`).join(' ');
  const found = `SELECT * FROM ledger.account WHERE livemode = $1 AND id < $2 AND id > $3 ${conditions} ORDER BY id ${order} LIMIT $4`;
  return statement(
    `ledger.search_accounts_${[...given, order.toLowerCase()].join('_')}`,
    `SELECT ${ACCOUNT_COLUMNS} FROM (${found}) a ${ACCOUNT_DETAILS} ORDER BY a.id ${order}`,
  );
}

const SETS: readonly (readonly Way[])[] = [
  [],
  ['merchant_id'],
  ['kind'],
  ['currency'],
  ['merchant_id', 'kind'],
  ['merchant_id', 'currency'],
  ['kind', 'currency'],
  ['merchant_id', 'kind', 'currency'],
];
const SEARCHES: ReadonlyMap<string, Statement> = new Map(
  SETS.flatMap((given) =>
    (['DESC', 'ASC'] as const).map((order): [string, Statement] => [
      `${order} ${given.join()}`,
      searchBy(given, order),
    ]),
  ),
);

/** Newest first after the cursor, or oldest first before it. */
export function searchAccounts(
  database: Database,
  { livemode, merchantId, kind, currency }: AccountSearch,
  { after, before, take }: Window<string>,
): Promise<AccountRow[]> {
  const wanted: Readonly<Record<Way, string | undefined>> = { merchant_id: merchantId, kind, currency };
  const given = WAYS.filter((way) => wanted[way] !== undefined);
  const search = SEARCHES.get(`${before === undefined ? 'DESC' : 'ASC'} ${given.join()}`);
  if (search === undefined) throw new Error(`There is no way to accounts by ${given.join()}`);
  const values = [livemode, after ?? LAST_ID, before ?? FIRST_ID, take, ...given.map((way) => wanted[way])];
  return database.query<AccountRow>(search, values);
}
