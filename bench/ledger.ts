/** Transfers per second through the ledger's own posting call: limits held, entries with running balances, idempotent, committed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../src/kernel/database/database.js';
import { newUuid } from '../src/kernel/ids/ids.js';
import { postTransfers } from '../src/modules/ledger/transfers/posting.store.js';
import type { Transfer } from '../src/modules/ledger/transfers/transfer.js';
import { countDisagreements } from '../src/modules/ledger/statements/trial-balance.store.js';

/** The size of batch that the design's figures are about; a consumer's full batch posts 750. */
const BATCH = 500;
/** Two, so that one batch is prepared and sent while another commits; more would only wait for the same locks. */
const POSTERS = 2;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 4_000;

export interface LedgerBench {
  /** Transfers per second between 10 and between 1,000 accounts. */
  readonly accounts10: number;
  readonly accounts1000: number;
}

/**
 * Takes about ten seconds.
 * @param databaseUrl a migrated database for this alone: what is posted stays
 * @throws when the entries do not bear out the accounts afterwards
 */
export async function benchLedger(databaseUrl: string): Promise<LedgerBench> {
  const database = new Database({ url: databaseUrl, owner: 'ledger', poolSize: POSTERS });
  try {
    const accounts10 = await measure(database, 10);
    const accounts1000 = await measure(database, 1_000);
    // Fast and wrong would be worth nothing.
    const wrong = await database.transaction((tx) => countDisagreements(tx));
    if (wrong !== 0n) throw new Error(`After the run ${wrong} accounts or transfers disagree with their entries`);
    return { accounts10, accounts1000 };
  } finally {
    await database.close();
  }
}

async function measure(database: Database, count: number): Promise<number> {
  const accounts = await openAccounts(database, count);
  let posted = 0;
  let running = true;
  const poster = async (): Promise<void> => {
    while (running) {
      const outcomes = await postTransfers(database, randomBatch(accounts));
      posted += outcomes.filter((outcome) => outcome === 'posted').length;
    }
  };
  const posters = Array.from({ length: POSTERS }, poster);
  // A poster that fails ends the wait at once instead of after it.
  const failed = Promise.all(posters).then(() => undefined);
  await Promise.race([sleep(WARM_UP_MS), failed]);
  const before = posted;
  const startedAt = performance.now();
  await Promise.race([sleep(MEASURED_MS), failed]);
  const perSecond = (posted - before) / ((performance.now() - startedAt) / 1_000);
  running = false;
  await failed;
  return Math.round(perSecond);
}

/** More than one of them can lose in the measurement. */
const FUNDS = 10n ** 12n;

/**
 * Accounts of a kind that is the platform's, told apart by a qualifier of their own. None may be drawn below zero, so that each transfer
 * is held against a limit; an account without one has filled them, so that none is refused.
 */
async function openAccounts(database: Database, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => newUuid());
  const source = newUuid();
  await database.query(
    `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, qualifier, normal_side, limit_mode)
     SELECT id, NULL, false, 'NGN', 'suspense', 'bench ' || id, 'credit',
       CASE WHEN id = $2 THEN 'none' ELSE 'debits_must_not_exceed_credits' END
     FROM unnest($1::uuid[] || $2::uuid) AS id`,
    [ids, source],
  );
  for (let start = 0; start < ids.length; start += BATCH)
    await postTransfers(
      database,
      ids.slice(start, start + BATCH).map((id) => transferOf(source, id, FUNDS, new Date())),
    );
  return ids;
}

function transferOf(debitAccountId: string, creditAccountId: string, amountMinor: bigint, effectiveAt: Date): Transfer {
  return { id: newUuid(), debitAccountId, creditAccountId, amountMinor, kind: 'bench', subjectId: null, effectiveAt };
}

function randomBatch(accounts: readonly string[]): readonly Transfer[] {
  const effectiveAt = new Date();
  return Array.from({ length: BATCH }, (_, index): Transfer => {
    const debit = Math.floor(Math.random() * accounts.length);
    // Any account but the debited one.
    const credit = (debit + 1 + Math.floor(Math.random() * (accounts.length - 1))) % accounts.length;
    return transferOf(accounts[debit] ?? '', accounts[credit] ?? '', BigInt(index + 1), effectiveAt);
  });
}
