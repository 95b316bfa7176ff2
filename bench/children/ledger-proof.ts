/** A million entries: posted, chained, verified, damaged, verified again; and what being chained costs those who post. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Database } from '../../src/kernel/database/database.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import { Logger } from '../../src/kernel/observability/logger.js';
import { Metrics } from '../../src/kernel/observability/metrics.js';
import { encodeEntryId } from '../../src/modules/ledger/accounts/entry-id.js';
import { LedgerMetrics } from '../../src/modules/ledger/ledger.metrics.js';
import { Chainer } from '../../src/modules/ledger/proof/chain/chain-entries.js';
import { columnsSql, digestOf, digestSql, ENTRY, type EntryFact } from '../../src/modules/ledger/proof/chain/fact.js';
import { keyRing } from '../../src/modules/ledger/proof/chain/head.js';
import { newPrivateKey, readPrivateKey } from '../../src/modules/ledger/proof/chain/signing-key.js';
import { verifyLedger, type Verification } from '../../src/modules/ledger/proof/verify/verify.js';
import { postTransfers } from '../../src/modules/ledger/transfers/posting.store.js';
import type { Instruction, Transfer } from '../../src/modules/ledger/transfers/transfer.js';
import { openAccounts, postFor } from './ledger-posting.js';

export interface LedgerProofInput {
  readonly databaseUrl: string;
  readonly entries: number;
  readonly accounts: number;
}

export interface LedgerProofResult {
  readonly blocks: number;
  readonly leaves: number;
  readonly chainSeconds: number;
  readonly chainBytes: number;
  readonly verifySeconds: number;
  readonly verifyChainSeconds: number;
  readonly verifyBooksSeconds: number;
  readonly damagedSeconds: number;
  readonly planted: readonly string[];
  readonly found: readonly string[];
  readonly peakBytes: number;
  /** Microseconds an entry. */
  readonly hashedInSql: number;
  readonly hashedHere: number;
  /** Transfers per second, in turns: those that move money at once, alone and while they are chained. */
  readonly alone: readonly number[];
  readonly besideChaining: readonly number[];
  /** Those that are held and given free, with the triggers that note them to be chained and without. */
  readonly withTriggers: readonly number[];
  readonly withoutTriggers: readonly number[];
}

const BATCH = 500;
const TURN_MS = 1_000;
const TURNS = 7;
const PAUSE_MS = 250;
const HASHED = 100_000;

export async function run(input: LedgerProofInput): Promise<LedgerProofResult> {
  const database = new Database({ url: input.databaseUrl, owner: 'ledger', poolSize: 4 });
  const owner = new pg.Client({ connectionString: input.databaseUrl });
  await owner.connect();
  try {
    const accounts = await openAccounts(database, input.accounts);
    const key = readPrivateKey(newPrivateKey());
    const keys = keyRing([key.publicKey]);
    const chainer = new Chainer({
      database,
      key: () => Promise.resolve(key),
      logger: new Logger({ logLevel: 'error' }),
      metrics: new LedgerMetrics(new Metrics()),
    });
    const cost = await postingCost(database, owner, accounts, chainer);
    const [{ posted }] = (await owner.query<{ posted: number }>('SELECT count(*)::int AS posted FROM ledger.entry'))
      .rows as [{ posted: number }];
    for (let left = input.entries - posted; left > 0; left -= 2 * BATCH)
      await postTransfers(database, batch(accounts, Math.min(BATCH, left / 2)));
    await owner.query('VACUUM ANALYZE');
    const chained = await timed(() => chainer.walk());
    const [size] = (
      await owner.query<{ bytes: string }>(
        `SELECT sum(pg_total_relation_size(t))::text AS bytes FROM unnest(ARRAY['ledger.block', 'ledger.chained', 'ledger.head']::regclass[]) AS t`,
      )
    ).rows;
    const hashing = await hashBothWays(database);
    const verify = (): Promise<Verification> => verifyLedger({ database, keys, progress: () => undefined });
    const sound = await timed(verify);
    if (!sound.value.isSound)
      throw new Error(
        `A sound ledger is found to be damaged: ${JSON.stringify(sound.value.chain.findings.slice(0, 3))}`,
      );
    const planted = await damage(owner, accounts);
    const damaged = await timed(verify);
    return {
      ...cost,
      ...hashing,
      blocks: sound.value.chain.blocks,
      leaves: sound.value.chain.leaves,
      chainSeconds: chained.seconds,
      chainBytes: Number(size?.bytes),
      verifySeconds: sound.seconds,
      verifyChainSeconds: sound.value.seconds.chain,
      verifyBooksSeconds: sound.value.seconds.books,
      damagedSeconds: damaged.seconds,
      planted: planted.toSorted(),
      found: damaged.value.chain.findings.map(({ what, entry }) => `${what} ${entry}`).toSorted(),
      peakBytes: process.resourceUsage().maxRSS * 1_024,
    };
  } finally {
    await owner.end();
    await database.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const startedAt = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - startedAt) / 1_000 };
}

function batch(accounts: readonly string[], size: number): readonly Transfer[] {
  const effectiveAt = new Date();
  return Array.from({ length: size }, (_, index): Transfer => {
    const debit = Math.floor(Math.random() * accounts.length);
    const credit = (debit + 1 + Math.floor(Math.random() * (accounts.length - 1))) % accounts.length;
    return {
      id: newUuid(),
      debitAccountId: accounts[debit] ?? '',
      creditAccountId: accounts[credit] ?? '',
      amountMinor: BigInt(index + 1),
      kind: 'bench',
      subjectId: null,
      effectiveAt,
    };
  });
}

/** Half of them are held, and given free again by the other half. */
function heldAndFreed(accounts: readonly string[]): readonly Instruction[] {
  const held = batch(accounts, BATCH / 2);
  return [
    ...held.map((each): Instruction => ({ ...each, phase: 'pending', expiresAt: null })),
    ...held.map(({ id, effectiveAt }): Instruction => ({ phase: 'void', id: newUuid(), pendingId: id, effectiveAt })),
  ];
}

/** In turns, so that whatever else the machine does meets all alike. */
async function postingCost(
  database: Database,
  owner: pg.Client,
  accounts: readonly string[],
  chainer: Chainer,
): Promise<Pick<LedgerProofResult, 'alone' | 'besideChaining' | 'withTriggers' | 'withoutTriggers'>> {
  const [alone, besideChaining, withTriggers, withoutTriggers]: [number[], number[], number[], number[]] = [
    [],
    [],
    [],
    [],
  ];
  const triggers = (state: 'ENABLE' | 'DISABLE') =>
    owner.query(`ALTER TABLE ledger.open_pending ${state} TRIGGER to_be_chained, ${state} TRIGGER end_to_be_chained`);
  const single = () => batch(accounts, BATCH);
  const held = () => heldAndFreed(accounts);
  const turns: readonly (() => Promise<void>)[] = [
    async () => void alone.push(await postFor(database, TURN_MS, single)),
    async () => {
      const chaining = chainWhile(chainer);
      besideChaining.push(await postFor(database, TURN_MS, single));
      await chaining.end();
    },
    async () => void withTriggers.push(await postFor(database, TURN_MS, held)),
    async () => {
      await triggers('DISABLE');
      withoutTriggers.push(await postFor(database, TURN_MS, held));
      await triggers('ENABLE');
    },
  ];
  await postFor(database, TURN_MS, single);
  for (let turn = 0; turn < TURNS; turn += 1) {
    await chainer.walk();
    for (const work of turn % 2 === 0 ? turns : turns.toReversed()) await work();
  }
  // What was held without the triggers is in no block; it would be found.
  await owner.query(
    `INSERT INTO ledger.fact_due (kind, id) SELECT 3, t.id FROM ledger.transfer t
      WHERE t.phase IN ('pending', 'void') AND NOT EXISTS (SELECT FROM ledger.chained c WHERE c.kind = 3 AND c.id = t.id)
        AND NOT EXISTS (SELECT FROM ledger.fact_due d WHERE d.id = t.id)`,
  );
  return { alone, besideChaining, withTriggers, withoutTriggers };
}

/** As the background task does, but for its pauses. */
function chainWhile(chainer: Chainer): { end(): Promise<void> } {
  let isOver = false;
  const chaining = (async () => {
    while (!isOver) {
      await chainer.walk();
      await sleep(PAUSE_MS);
    }
  })();
  return {
    end: async () => {
      isOver = true;
      await chaining;
    },
  };
}

/** The same digests by PostgreSQL, and here from rows that PostgreSQL sends. */
async function hashBothWays(database: Database): Promise<Pick<LedgerProofResult, 'hashedInSql' | 'hashedHere'>> {
  const from = `FROM (SELECT * FROM ledger.entry ORDER BY account_id, account_version LIMIT ${HASHED}) e`;
  const inSql = await timed(() =>
    database.query<{ digest: Buffer }>(`SELECT string_agg(${digestSql(ENTRY, 'e')}, ''::bytea) AS digest ${from}`),
  );
  const here = await timed(async () => {
    const rows = await database.query<EntryFact>(`SELECT ${columnsSql(ENTRY, 'e')} ${from}`);
    return rows.map((row) => digestOf(ENTRY, row));
  });
  if (inSql.value[0]?.digest.equals(Buffer.concat(here.value)) !== true)
    throw new Error('the two ways come to different digests');
  return { hashedInSql: (inSql.seconds * 1e6) / HASHED, hashedHere: (here.seconds * 1e6) / HASHED };
}

/** One of each, in accounts of their own. */
async function damage(owner: pg.Client, accounts: readonly string[]): Promise<readonly string[]> {
  await owner.query('SET session_replication_role = replica');
  const planted: string[] = [];
  const deeds: readonly (readonly [string, (at: string, account: string, version: number) => string])[] = [
    ['entry_altered', (at) => `UPDATE ledger.entry SET amount = amount # 1 + 2 WHERE ${at}`],
    ['entry_altered', (at) => `UPDATE ledger.entry SET booked_at = booked_at + interval '1 microsecond' WHERE ${at}`],
    ['entry_missing', (at) => `DELETE FROM ledger.entry WHERE ${at}`],
    [
      'entry_extra',
      (_at, account, version) =>
        `UPDATE ledger.entry SET account_version = account_version + 10000000 WHERE account_id = '${account}' AND account_version >= ${version};
         UPDATE ledger.entry SET account_version = account_version - 9999999 WHERE account_id = '${account}' AND account_version > 10000000;
         INSERT INTO ledger.entry SELECT account_id, account_version - 1, gen_random_uuid(), direction, 5, balance, booked_at, effective_on
           FROM ledger.entry WHERE account_id = '${account}' AND account_version = ${version + 1}`,
    ],
  ];
  for (const [what, deed] of deeds) {
    const account = accounts[Math.floor((accounts.length / deeds.length) * (planted.length + Math.random()))] ?? '';
    const { rows } = await owner.query<{ last: number }>(
      'SELECT max(account_version)::int AS last FROM ledger.entry WHERE account_id = $1',
      [account],
    );
    const version = 2 + Math.floor(Math.random() * ((rows[0]?.last ?? 4) - 3));
    await owner.query(deed(`account_id = '${account}' AND account_version = ${version}`, account, version));
    planted.push(`${what} ${encodeEntryId(account, BigInt(version))}`);
  }
  return planted;
}
