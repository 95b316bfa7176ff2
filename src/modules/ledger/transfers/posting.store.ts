/** Posting and opening accounts: the hot path, set-based. */
import { newUuid } from '../../../kernel/ids/ids.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { keyText, NORMAL_SIDE, type AccountKey } from '../accounts/account.js';
import { arePlain, phaseColumns, postingColumns, type Instruction, type PostingOutcome } from './transfer.js';

/** Bounds a statement's size and how long the accounts stay locked: about 50 ms where 20,000 are posted a second. */
export const MAX_TRANSFERS_PER_BATCH = 1_000;

const postStatement = statement(
  'ledger.post_transfers',
  `SELECT ledger.post_transfers($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::uuid[], $8::timestamptz[], $9::int[]) AS outcomes`,
);

const postInPhasesStatement = statement(
  'ledger.post_in_phases',
  `SELECT ledger.post_transfers($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::uuid[], $8::timestamptz[], $9::int[],
     $10::text[], $11::uuid[], $12::timestamptz[], $13::int[]) AS outcomes`,
);

/**
 * Posts transfers in one call, as if one after the other in the order given. Accounts stay locked until the transaction
 * ends; it must call this once only, or two transactions could wait for each other.
 * @param db the transaction it belongs to; or the database, where it is a transaction of its own and its locks are held for
 *   no longer than the call
 * @returns what became of each, in their order
 * @throws {RangeError} when there are more than {@link MAX_TRANSFERS_PER_BATCH}, one has an amount that is not positive, or the last one
 *   is linked with one that is not there
 * @throws SQLSTATE 40001 when what is named came from elsewhere during the call; the transaction may be tried again
 */
export async function postTransfers(
  db: Queryable,
  instructions: readonly Instruction[],
): Promise<readonly PostingOutcome[]> {
  if (instructions.length === 0) return [];
  assertPostable(instructions);
  const columns = postingColumns(instructions);
  const [row] = arePlain(instructions)
    ? await db.query<{ outcomes: PostingOutcome[] }>(postStatement, columns)
    : await db.query<{ outcomes: PostingOutcome[] }>(postInPhasesStatement, [
        ...columns,
        ...phaseColumns(instructions),
      ]);
  if (row?.outcomes.length !== instructions.length) throw new Error('post_transfers did not answer for every transfer');
  return row.outcomes;
}

function assertPostable(instructions: readonly Instruction[]): void {
  if (instructions.length > MAX_TRANSFERS_PER_BATCH)
    throw new RangeError(`${instructions.length} transfers in a batch; ${MAX_TRANSFERS_PER_BATCH} are the most`);
  const wrong = instructions.find(({ amountMinor }) => amountMinor !== undefined && amountMinor <= 0n);
  if (wrong !== undefined) throw new RangeError(`Transfer ${wrong.id} has an amount that is not positive`);
  if (instructions.at(-1)?.linked === true)
    throw new RangeError('The last transfer is linked with one that is not there');
}

/** Two branches, because only `=` and IS NULL can use the index: IS NOT DISTINCT FROM cannot. */
const findStatement = statement(
  'ledger.find_accounts',
  `WITH wanted AS MATERIALIZED (
     SELECT * FROM unnest($1::uuid[], $2::boolean[], $3::text[], $4::text[], $5::text[])
       WITH ORDINALITY AS w (merchant_id, livemode, currency, kind, qualifier, position)
   )
   SELECT w.position::int AS position, a.id FROM wanted w JOIN ledger.account a ON a.merchant_id = w.merchant_id
      AND a.livemode = w.livemode AND a.currency = w.currency AND a.kind = w.kind AND a.qualifier = w.qualifier
   UNION ALL
   SELECT w.position::int, a.id FROM wanted w JOIN ledger.account a ON w.merchant_id IS NULL AND a.merchant_id IS NULL
      AND a.livemode = w.livemode AND a.currency = w.currency AND a.kind = w.kind AND a.qualifier = w.qualifier`,
);

const openStatement = statement(
  'ledger.open_accounts',
  `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, qualifier, normal_side)
   SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::text[])
   ON CONFLICT DO NOTHING`,
);

function keyColumns(keys: readonly AccountKey[]): unknown[] {
  return [
    keys.map((key) => key.merchantId),
    keys.map((key) => key.livemode),
    keys.map((key) => key.currency),
    keys.map((key) => key.kind),
    keys.map((key) => key.qualifier),
  ];
}

async function findAccounts(
  db: Queryable,
  keys: readonly AccountKey[],
  found: Map<string, string>,
): Promise<AccountKey[]> {
  const rows = await db.query<{ position: number; id: string }>(findStatement, keyColumns(keys));
  for (const { position, id } of rows) {
    const key = keys[position - 1];
    if (key !== undefined) found.set(keyText(key), id);
  }
  return keys.filter((key) => !found.has(keyText(key)));
}

/**
 * Opens whichever of the accounts do not exist yet, with no limit.
 * @param keys each once
 * @returns account ids by {@link keyText}
 */
export async function openAccounts(tx: Tx, keys: readonly AccountKey[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  // In one order everywhere, since inserting a key that another transaction is inserting waits for that transaction.
  const missing = (await findAccounts(tx, keys, found)).sort((a, b) => (keyText(a) < keyText(b) ? -1 : 1));
  if (missing.length === 0) return found;
  await tx.query(openStatement, [
    missing.map(() => newUuid()),
    ...keyColumns(missing),
    missing.map((key) => NORMAL_SIDE[key.kind]),
  ]);
  // Read back instead of trusting our ids: another transaction may have been first.
  const lost = await findAccounts(tx, missing, found);
  if (lost.length > 0) throw new Error(`${lost.length} accounts could not be opened`);
  return found;
}
