/** A ledger of ten million entries beside one that is almost empty: posting to both in turns, and reading an account that took part in a million of them. */
import { readEnv } from '../../src/config/env.js';
import { Database } from '../../src/kernel/database/database.js';
import { Databases } from '../../src/kernel/database/databases.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import { Logger } from '../../src/kernel/observability/logger.js';
import { rollUp } from '../../src/modules/ledger/statements/day-totals.store.js';
import { StatementsStore } from '../../src/modules/ledger/statements/statements.store.js';
import { postTransfers } from '../../src/modules/ledger/transfers/posting.store.js';
import type { Transfer } from '../../src/modules/ledger/transfers/transfer.js';
import { openAccounts, postFor, POSTERS } from './ledger-posting.js';

export interface LedgerLargeInput {
  readonly smallUrl: string;
  readonly largeUrl: string;
  readonly smallEntries: number;
  readonly largeEntries: number;
  readonly accounts: number;
}

export interface LedgerLargeResult {
  readonly entries: number;
  /** Of the account that is read. */
  readonly accountEntries: number;
  /** Transfers per second, in turns. */
  readonly small: readonly number[];
  readonly large: readonly number[];
  /** In ms, one per question. */
  readonly pageMs: readonly number[];
  readonly balanceBeforeMs: readonly number[];
  readonly balanceOnMs: readonly number[];
}

const BATCH = 500;
const TURN_MS = 2_000;
const TURNS = 9;
/** Of each batch, those that move money of the account that is read. */
const OF_THE_LARGE_ACCOUNT = 0.25;
const DAYS = 90;
const DAY_MS = 86_400_000;
const ROLLED_UP_EVERY = 200;
const QUESTIONS = 200;
const PAGE = 100;

interface Ledger {
  readonly database: Database;
  /** The first one is the account that is read. */
  readonly accounts: readonly string[];
}

export async function run(input: LedgerLargeInput): Promise<LedgerLargeResult> {
  const open = async (url: string): Promise<Ledger> => {
    const database = new Database({ url, owner: 'ledger', poolSize: POSTERS + 1 });
    return { database, accounts: await openAccounts(database, input.accounts) };
  };
  const [small, large] = [await open(input.smallUrl), await open(input.largeUrl)];
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'error', DATABASE_URL: input.largeUrl });
  const databases = new Databases(env, new Logger(env));
  try {
    await fill(small, input.smallEntries);
    await fill(large, input.largeEntries);
    const rates: { small: number[]; large: number[] } = { small: [], large: [] };
    const turns = [
      async () => void rates.small.push(await postFor(small.database, TURN_MS, () => batch(small.accounts))),
      async () => void rates.large.push(await postFor(large.database, TURN_MS, () => batch(large.accounts))),
    ];
    for (const turn of turns) await turn();
    Object.values(rates).forEach((each) => each.splice(0));
    for (let count = 0; count < TURNS; count += 1)
      for (const turn of count % 2 === 0 ? turns : turns.toReversed()) await turn();
    while ((await rollUp(large.database, 20)) > 0);
    const entries = await countEntries(large.database);
    return { ...rates, entries, ...(await ask(new StatementsStore(databases), large)) };
  } finally {
    await Promise.all([small.database.close(), large.database.close(), databases.close()]);
  }
}

function batch(accounts: readonly string[]): readonly Transfer[] {
  return Array.from({ length: BATCH }, (_, index): Transfer => {
    const isOfLarge = index < BATCH * OF_THE_LARGE_ACCOUNT;
    const debit = isOfLarge ? 0 : 1 + Math.floor(Math.random() * (accounts.length - 1));
    const credit = 1 + ((debit + Math.floor(Math.random() * (accounts.length - 2))) % (accounts.length - 1));
    return {
      id: newUuid(),
      debitAccountId: accounts[debit] ?? '',
      creditAccountId: accounts[credit] ?? '',
      amountMinor: BigInt(index + 1),
      kind: 'bench',
      subjectId: null,
      effectiveAt: new Date(Date.now() - Math.floor(Math.random() * DAYS) * DAY_MS),
    };
  });
}

async function fill({ database, accounts }: Ledger, entries: number): Promise<void> {
  let left = Math.ceil(entries / 2 / BATCH);
  const poster = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await postTransfers(database, batch(accounts));
      if (left % ROLLED_UP_EVERY === 0) await rollUp(database, accounts.length);
    }
  };
  await Promise.all(Array.from({ length: POSTERS }, poster));
}

async function countEntries(database: Database): Promise<number> {
  const [row] = await database.query<{ entries: bigint }>('SELECT sum(version)::bigint AS entries FROM ledger.account');
  return Number(row?.entries ?? 0n);
}

async function ask(
  store: StatementsStore,
  { database, accounts: [account = ''] }: Ledger,
): Promise<Pick<LedgerLargeResult, 'accountEntries' | 'pageMs' | 'balanceBeforeMs' | 'balanceOnMs'>> {
  const [row] = await database.query<{ version: bigint; first: Date; last: Date }>(
    `SELECT version, (SELECT booked_at FROM ledger.entry WHERE account_id = $1 AND account_version = 1) AS first, last_booked_at AS last
       FROM ledger.account WHERE id = $1`,
    [account],
  );
  if (row === undefined) throw new Error('The account is gone');
  const { first, last, version } = row;
  const moment = (): string =>
    new Date(first.getTime() + Math.random() * (last.getTime() - first.getTime())).toISOString();
  const day = (): string => new Date(Date.now() - Math.floor(Math.random() * DAYS) * DAY_MS).toISOString().slice(0, 10);
  return {
    accountEntries: Number(version),
    pageMs: await timed(() => store.read(null, account, { from: moment(), to: undefined }, undefined, PAGE)),
    balanceBeforeMs: await timed(() => store.balanceBefore(null, account, moment())),
    balanceOnMs: await timed(() => store.totalsByDay(null, account, day())),
  };
}

async function timed(question: () => Promise<unknown>): Promise<readonly number[]> {
  const took: number[] = [];
  for (let count = 0; count < QUESTIONS; count += 1) {
    const startedAt = performance.now();
    await question();
    took.push(performance.now() - startedAt);
  }
  return took;
}
