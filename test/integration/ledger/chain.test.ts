/** Chaining: whatever is posted, by whom, at the same time, each fact is in the chain once. */
import { hash } from 'node:crypto';
import pg from 'pg';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { readBlocks, readHeads } from '../../../src/modules/ledger/proof/chain/chain.store.js';
import {
  ACCOUNT,
  columnsSql,
  digestOf,
  digestSql,
  ENTRY,
  STATE_CHANGE,
  TRANSFER,
  type Fact,
  type FactShape,
} from '../../../src/modules/ledger/proof/chain/fact.js';
import { isSigned } from '../../../src/modules/ledger/proof/chain/head.js';
import { changeState, createHarness, transfer, type LedgerHarness, type LedgerProcess } from './harness.js';
import { chainerOf, KEYS, openMany, postMany, postPhases } from './proof-harness.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;
beforeEach(async () => {
  harness = await createHarness();
  ledger = harness.process();
});
afterEach(() => harness.close());

/** Every fact of the chain, as `kind id number`. */
async function chainedFacts(): Promise<string[]> {
  const blocks = await readBlocks(ledger.database, 1n, 10_000);
  return blocks.flatMap(({ spans }) =>
    spans.flatMap(({ kind, id, first, count }) =>
      Array.from({ length: count }, (_, index) => `${kind} ${id} ${first + BigInt(index)}`),
    ),
  );
}

/** Every fact there is. */
async function allFacts(): Promise<string[]> {
  const rows = await harness.superuser.query<{ fact: string }>(
    `SELECT '1 ' || id || ' 0' AS fact FROM ledger.account
     UNION ALL SELECT '2 ' || account_id || ' ' || account_version FROM ledger.entry
     UNION ALL SELECT '3 ' || id || ' 0' FROM ledger.transfer WHERE phase IN ('pending', 'void', 'expire')
     UNION ALL SELECT '4 ' || account_id || ' ' || number FROM ledger.account_state_change`,
  );
  return rows.map(({ fact }) => fact);
}

async function expectAllChainedOnce(): Promise<void> {
  expect((await chainedFacts()).toSorted()).toEqual((await allFacts()).toSorted());
}

describe('digests', () => {
  const shapes: [string, FactShape][] = [ACCOUNT, ENTRY, TRANSFER, STATE_CHANGE].map((shape) => [shape.table, shape]);

  it.each(shapes)('of %s are the same in the database and here', async (_, shape) => {
    const [first = '', second = ''] = await openMany(ledger, 2);
    await postPhases(ledger, first, second);
    await changeState(ledger, second, 'frozen');
    await harness.superuser.query(
      `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, qualifier, normal_side, created_at)
       VALUES ($1, $1, true, 'XOF', 'client', 'Caisse à Épargne 😀 \\x00', 'debit', '1999-12-31T23:59:59.999999Z')`,
      [newUuid()],
    );
    const rows = await ledger.database.query<{ digest: Buffer } & Fact<FactShape>>(
      `SELECT ${digestSql(shape, 'x')} AS digest, ${columnsSql(shape, 'x')} FROM ${shape.table} x`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(digestOf(shape, row)).toEqual(row.digest);
    expect(new Set(rows.map(({ digest }) => digest.toString('hex'))).size).toBe(rows.length);
  });

  it('cover every column, of accounts all that never change', async () => {
    const mayChange = [
      'debits_posted',
      'credits_posted',
      'debits_pending',
      'credits_pending',
      'version',
      'state',
      'last_booked_at',
    ];
    for (const [table, shape] of shapes) {
      const rows = await harness.superuser.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
        [table],
      );
      const names = rows
        .map(({ name }) => name)
        .filter((name) => table !== 'ledger.account' || !mayChange.includes(name));
      expect(Object.keys(shape.columns).toSorted()).toEqual(names.toSorted());
    }
  });
});

describe('the chain', () => {
  it('holds accounts, entries of every phase, transfers without entries and changes of state, and its heads are signed', async () => {
    const accounts = await openMany(ledger, 4);
    await postMany(ledger, accounts, 120);
    await postPhases(ledger, accounts[0] ?? '', accounts[1] ?? '');
    await changeState(ledger, accounts[3] ?? '', 'frozen');
    const chainer = chainerOf(ledger, { blockLeaves: 50, walkAccounts: 3 });
    expect(await chainer.walk()).toBe((await allFacts()).length);
    await expectAllChainedOnce();
    expect(await chainer.walk()).toBe(0);
    await changeState(ledger, accounts[3] ?? '', 'open');
    await postMany(ledger, accounts, 10);
    expect(await chainer.walk()).toBe(21);
    await expectAllChainedOnce();
    const heads = await readHeads(ledger.database, 1n, 100n);
    const blocks = await readBlocks(ledger.database, 1n, 100);
    expect(heads.map(({ blockHash }) => blockHash)).toEqual(blocks.map((block) => block.hash));
    expect(heads.every((head) => isSigned(head, KEYS))).toBe(true);
    expect(heads.every((head) => !isSigned({ ...head, entries: head.entries + 1n }, KEYS))).toBe(true);
  });

  it('takes nothing before it is committed and skips nothing that commits late or is rolled back', async () => {
    const accounts = await openMany(ledger, 6);
    const [a = '', b = '', c = '', d = '', e = '', f = ''] = accounts;
    const late = new pg.Client({ connectionString: harness.superuser.url });
    await late.connect();
    const post = (debit: string, credit: string) =>
      late.query(
        `SELECT ledger.post_transfers(ARRAY[$1, $2]::uuid[], ARRAY[$3]::uuid[], '{1}', '{2}', '{5}', '{late}', ARRAY[NULL]::uuid[], ARRAY[now()], '{1}')`,
        [debit, credit, newUuid()],
      );
    await late.query('BEGIN');
    await post(a, b);
    await ledger.post([transfer(c, d, 7n)]);
    const chainer = chainerOf(ledger, { blockLeaves: 4 });
    await chainer.walk();
    await expectAllChainedOnce();
    await late.query('COMMIT');
    await late.query('BEGIN');
    await post(e, f);
    await chainer.walk();
    await expectAllChainedOnce();
    await late.query('ROLLBACK');
    await ledger.post([transfer(e, f, 9n)]);
    await chainer.walk();
    await expectAllChainedOnce();
    await late.end();
  });

  it('has each fact once while several processes post, several chain, and some are cut off in the middle', async () => {
    const accounts = await openMany(ledger, 8);
    const posters = Array.from({ length: 3 }, () => harness.process());
    const chainers = Array.from({ length: 3 }, () =>
      chainerOf(harness.process(), { blockLeaves: 37, walkAccounts: 3 }),
    );
    let isPosting = true;
    const posting = Promise.all(
      posters.map(async (poster, index) => {
        for (let round = 0; round < 12; round += 1) {
          await postMany(poster, accounts, 1 + ((round * 31 + index) % 60));
          if (round % 4 === index) await postPhases(poster, accounts[index] ?? '', accounts[index + 1] ?? '');
          const undone = poster.database.transaction(async (tx) => {
            await tx.query(
              `SELECT ledger.post_transfers(ARRAY[$1, $2]::uuid[], ARRAY[$3]::uuid[], '{1}', '{2}', '{5}', '{undone}', ARRAY[NULL]::uuid[], ARRAY[now()], '{1}')`,
              // In the order of ids, as all who lock accounts.
              [...accounts.slice(index, index + 2).toSorted(), newUuid()],
            );
            throw new Error('rolled back');
          });
          await expect(undone).rejects.toThrow('rolled back');
        }
      }),
    ).finally(() => (isPosting = false));
    const chaining = chainers.map(async (chainer) => {
      while (isPosting) await chainer.walk();
    });
    const cutting = (async () => {
      while (isPosting) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        await harness.superuser.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE '%append_block%' AND pid <> pg_backend_pid()`,
        );
      }
    })();
    const outcomes = await Promise.allSettled([posting, ...chaining, cutting]);
    expect(outcomes[0]).toMatchObject({ status: 'fulfilled' });
    // One that was cut off is a new process now.
    await chainerOf(ledger, { blockLeaves: 37 }).walk();
    await expectAllChainedOnce();
    const blocks = await readBlocks(ledger.database, 1n, 10_000);
    expect(blocks.length).toBeGreaterThan(20);
    expect(blocks.map(({ height }) => height)).toEqual(blocks.map((_, index) => BigInt(index + 1)));
  }, 120_000);

  it('is not continued when its end is not what was signed', async () => {
    const accounts = await openMany(ledger, 3);
    await postMany(ledger, accounts, 20);
    const chainer = chainerOf(ledger, { blockLeaves: 10 });
    await chainer.walk();
    const owner = (sql: string) => harness.superuser.query(`SET session_replication_role = replica; ${sql}`);
    await owner('DELETE FROM ledger.block WHERE height = (SELECT max(height) FROM ledger.block)');
    await expect(chainerOf(ledger).walk()).rejects.toThrow(/not the one that was signed/);
    await owner('DELETE FROM ledger.head WHERE height > (SELECT max(height) FROM ledger.block)');
    // Without the head only the process that signed it knows.
    await expect(chainer.walk()).rejects.toThrow(/which this process signed/);
  });

  it('takes nothing from the application but at its end', async () => {
    const accounts = await openMany(ledger, 2);
    await postMany(ledger, accounts, 5);
    await chainerOf(ledger).walk();
    const append = (height: number, previous: Buffer) =>
      ledger.database.query(
        `SELECT ledger.append_block($1, $2, $3, $3, now(), $3, 0, '{3}', ARRAY[$4]::uuid[], '{0}', '{1}', $5)`,
        [height, previous, hash('sha256', 'x', 'buffer'), newUuid(), Buffer.alloc(64)],
      );
    await expect(append(2, Buffer.alloc(32))).rejects.toMatchObject({ code: '40001' });
    await expect(append(1, Buffer.alloc(32))).rejects.toMatchObject({ code: '40001' });
    await expect(ledger.database.query('DELETE FROM ledger.block')).rejects.toMatchObject({ code: '42501' });
    await expect(ledger.database.query('DELETE FROM ledger.fact_due')).rejects.toMatchObject({ code: '42501' });
    await expect(harness.superuser.query('DELETE FROM ledger.block')).rejects.toMatchObject({ code: '42501' });
  });
});
