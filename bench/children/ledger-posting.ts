/** What children that post to the ledger have in common. */
import type { Database } from '../../src/kernel/database/database.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import { postTransfers } from '../../src/modules/ledger/transfers/posting.store.js';
import type { Instruction } from '../../src/modules/ledger/transfers/transfer.js';

/** Two, so that one batch is prepared and sent while another commits. */
export const POSTERS = 2;

/** Accounts of the platform without limits. */
export async function openAccounts(database: Database, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => newUuid());
  await database.query(
    `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, qualifier, normal_side)
     SELECT id, NULL, false, 'NGN', 'suspense', 'bench ' || id, 'credit' FROM unnest($1::uuid[]) AS id`,
    [ids],
  );
  return ids;
}

/** As many batches as fit into the time. @returns transfers per second */
export async function postFor(database: Database, ms: number, next: () => readonly Instruction[]): Promise<number> {
  const startedAt = performance.now();
  let posted = 0;
  const poster = async (): Promise<void> => {
    while (performance.now() - startedAt < ms) posted += (await postTransfers(database, next())).length;
  };
  await Promise.all(Array.from({ length: POSTERS }, poster));
  return Math.round(posted / ((performance.now() - startedAt) / 1_000));
}
