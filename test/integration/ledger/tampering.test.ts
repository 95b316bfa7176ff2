/**
 * Whatever is done to a chained ledger by somebody who owns the database is found, and named exactly; nothing else is. Each kind at random
 * places, by a seed.
 */
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { encodeEntryId } from '../../../src/modules/ledger/accounts/entry-id.js';
import { hashHeader } from '../../../src/modules/ledger/proof/chain/block.js';
import { readBlocks, readNewestHead } from '../../../src/modules/ledger/proof/chain/chain.store.js';
import type { Head } from '../../../src/modules/ledger/proof/chain/head.js';
import type { Finding } from '../../../src/modules/ledger/proof/verify/finding.js';
import { verifyLedger, type Verification } from '../../../src/modules/ledger/proof/verify/verify.js';
import { seededRandom, type Random } from '../../simulation/random.js';
import { changeState, createHarness, type LedgerHarness, type LedgerProcess } from './harness.js';
import { chainerOf, KEYS, openMany, postMany, postPhases } from './proof-harness.js';

const ACCOUNTS = 60;
const TRANSFERS = 10_000;
const TIMEOUT_MS = 120_000;

let harness: LedgerHarness;
let ledger: LedgerProcess;
let accounts: string[];

async function build(transfers: number): Promise<void> {
  harness = await createHarness();
  ledger = harness.process();
  accounts = await openMany(ledger, ACCOUNTS);
  await postMany(ledger, accounts, transfers / 2);
  for (let index = 0; index < ACCOUNTS; index += 2)
    await postPhases(ledger, accounts[index] ?? '', accounts[index + 1] ?? '');
  for (const account of accounts.slice(0, 3)) {
    await changeState(ledger, account, 'frozen');
    await changeState(ledger, account, 'open');
  }
  await chainerOf(ledger).walk();
  await postMany(ledger, accounts, transfers / 2);
  await chainerOf(ledger).walk();
}
afterEach(() => harness.close());

/** As the owner of the tables, past their triggers. */
const owner = (sql: string) => harness.superuser.query(`SET session_replication_role = replica; ${sql}`);

function verify(options: { head?: Head; account?: string; fromBlock?: bigint } = {}): Promise<Verification> {
  return verifyLedger({ database: ledger.database, keys: KEYS, progress: () => undefined, ...options });
}

const told = ({ what, entry, account, transfer, block }: Finding): string =>
  `${what} ${entry ?? transfer ?? account ?? block ?? ''}`;
const toldBy = ({ chain }: Verification): string[] => chain.findings.map(told).toSorted();

interface Entry {
  readonly account: string;
  readonly version: number;
  readonly transfer: string;
}

/** An account for each thing that is done, so that none gets in the way of another; and places in them, chosen by chance. */
class Places {
  private readonly left: string[];
  constructor(private readonly random: Random) {
    this.left = random.shuffled(accounts);
  }

  account(): string {
    const account = this.left.pop();
    if (account === undefined) throw new Error('there are too few accounts for all that is to be done');
    return account;
  }

  /** Never the last, so that what comes after it can be told apart. */
  async entry(account = this.account()): Promise<Entry> {
    const [{ last } = { last: 0 }] = await harness.superuser.query<{ last: number }>(
      `SELECT max(account_version)::int AS last FROM ledger.entry WHERE account_id = $1`,
      [account],
    );
    const version = this.random.between(2, last - 3);
    const [row] = await harness.superuser.query<{ transfer: string }>(
      `SELECT transfer_id AS transfer FROM ledger.entry WHERE account_id = $1 AND account_version = $2`,
      [account, version],
    );
    return { account, version, transfer: row?.transfer ?? '' };
  }
}

const at = ({ account, version }: Entry): string => `account_id = '${account}' AND account_version = ${version}`;
const idOf = ({ account, version }: Entry, by = 0): string => encodeEntryId(account, BigInt(version + by));

/** Puts room for one, or closes the gap of one: unique at every moment. */
const renumber = ({ account, version }: Entry, by: number): string =>
  `UPDATE ledger.entry SET account_version = account_version + 1000000 WHERE account_id = '${account}' AND account_version ${by > 0 ? '>=' : '>'} ${version};
   UPDATE ledger.entry SET account_version = account_version - 1000000 + ${by} WHERE account_id = '${account}' AND account_version > 1000000;
   UPDATE ledger.account SET version = version + ${by} WHERE id = '${account}';`;

const swap = (a: Entry, b: Entry): string =>
  `UPDATE ledger.entry SET account_version = account_version + 1000000 WHERE ${at(a)};
   UPDATE ledger.entry SET account_id = '${a.account}', account_version = ${a.version} WHERE ${at(b)};
   UPDATE ledger.entry SET account_id = '${b.account}', account_version = ${b.version} WHERE account_id = '${a.account}' AND account_version = ${a.version + 1_000_000};`;

type Deed = (places: Places) => Promise<{ readonly sql: string; readonly found: readonly string[] }>;

const alterEntry =
  (assignment: string): Deed =>
  async (places) => {
    const entry = await places.entry();
    return { sql: `UPDATE ledger.entry SET ${assignment} WHERE ${at(entry)}`, found: [`entry_altered ${idOf(entry)}`] };
  };
const alterTransfer =
  (assignment: string): Deed =>
  async (places) => {
    const { transfer } = await places.entry();
    return {
      sql: `UPDATE ledger.transfer SET ${assignment} WHERE id = '${transfer}'`,
      found: [`transfer_altered ${encodeId('transfer', transfer)}`],
    };
  };
const alterAccount =
  (assignment: string): Deed =>
  async (places) => {
    const account = places.account();
    return {
      sql: `ALTER TABLE ledger.account DROP CONSTRAINT IF EXISTS account_limit;
            UPDATE ledger.account SET ${assignment} WHERE id = '${account}'`,
      found: [`account_altered ${encodeId('account', account)}`],
    };
  };
/** A transfer without entries, of a phase. */
const bare =
  (phase: string, sql: (id: string) => string, what: string): Deed =>
  async () => {
    const [row] = await harness.superuser.query<{ id: string }>(
      `SELECT id FROM ledger.transfer WHERE phase = $1 ORDER BY md5(id::text || $2) LIMIT 1`,
      [phase, what],
    );
    return { sql: sql(row?.id ?? ''), found: [`${what} ${encodeId('transfer', row?.id ?? '')}`] };
  };

const DEEDS: readonly (readonly [string, Deed])[] = [
  ...[
    `transfer_id = gen_random_uuid()`,
    `direction = CASE direction WHEN 'debit' THEN 'credit' ELSE 'debit' END`,
    'amount = amount + 1',
    'balance = balance # 256',
    `booked_at = booked_at + interval '1 microsecond'`,
    'effective_on = effective_on - 1',
  ].map((each): [string, Deed] => [`an entry's ${each}`, alterEntry(each)]),
  ...[
    'debit_account_id = gen_random_uuid()',
    'credit_account_id = gen_random_uuid()',
    'amount = amount # 1 + 2',
    `kind = kind || ' '`,
    'subject_id = CASE WHEN subject_id IS NULL THEN id END',
    `effective_at = effective_at + interval '1 microsecond'`,
    `created_at = created_at - interval '1 day'`,
    'group_id = CASE WHEN group_id IS NULL THEN id END',
  ].map((each): [string, Deed] => [`a transfer's ${each}`, alterTransfer(each)]),
  ...[
    'livemode = NOT livemode',
    `currency = 'GHS'`,
    `kind = 'rounding_residue'`,
    `qualifier = upper(qualifier)`,
    `limit_mode = CASE limit_mode WHEN 'none' THEN 'debits_must_not_exceed_credits' ELSE 'none' END`,
    `created_at = created_at + interval '1 microsecond'`,
    `merchant_id = id, kind = 'merchant_pending'`,
  ].map((each): [string, Deed] => [`an account's ${each}`, alterAccount(each)]),
  [
    `a pending transfer's expires_at`,
    bare('pending', (id) => `UPDATE ledger.transfer SET expires_at = now() WHERE id = '${id}'`, 'transfer_altered'),
  ],
  ['a void, gone', bare('void', (id) => `DELETE FROM ledger.transfer WHERE id = '${id}'`, 'transfer_missing')],
  [
    'a pending transfer, put in',
    async () => {
      const id = newUuid();
      return {
        sql: `INSERT INTO ledger.transfer (id, debit_account_id, credit_account_id, amount, kind, effective_at, phase)
              VALUES ('${id}', gen_random_uuid(), gen_random_uuid(), 5, 'x', now(), 'pending')`,
        found: [`transfer_extra ${encodeId('transfer', id)}`],
      };
    },
  ],
  [
    'a transfer of entries, gone',
    async (places) => {
      const { transfer } = await places.entry();
      return {
        sql: `DELETE FROM ledger.transfer WHERE id = '${transfer}'`,
        found: [`transfer_missing ${encodeId('transfer', transfer)}`],
      };
    },
  ],
  [
    'an entry, gone',
    async (places) => {
      const entry = await places.entry();
      return { sql: `DELETE FROM ledger.entry WHERE ${at(entry)}`, found: [`entry_missing ${idOf(entry)}`] };
    },
  ],
  [
    'an entry, gone, and those after it renumbered',
    async (places) => {
      const entry = await places.entry();
      return {
        sql: `DELETE FROM ledger.entry WHERE ${at(entry)}; ${renumber(entry, -1)}`,
        found: [`entry_missing ${idOf(entry)}`],
      };
    },
  ],
  [
    'an entry put in the middle, and those after it renumbered and their balances changed',
    async (places) => {
      const entry = await places.entry();
      const { account, version } = entry;
      return {
        sql: `${renumber(entry, 1)}
          INSERT INTO ledger.entry SELECT account_id, account_version + 1, gen_random_uuid(), 'credit', 77, balance + 77, booked_at, effective_on
            FROM ledger.entry WHERE account_id = '${account}' AND account_version = ${version - 1};
          UPDATE ledger.entry SET balance = balance + 77 WHERE account_id = '${account}' AND account_version > ${version};
          UPDATE ledger.account SET credits_posted = credits_posted + 77 WHERE id = '${account}';`,
        found: [`entry_extra ${idOf(entry)}`],
      };
    },
  ],
  [
    'two entries of an account, swapped',
    async (places) => {
      const entry = await places.entry();
      const other = { ...entry, version: entry.version + 2 };
      return { sql: swap(entry, other), found: [`entry_moved ${idOf(entry)}`, `entry_moved ${idOf(other)}`] };
    },
  ],
  [
    'neighbours, swapped, and their balances made to follow',
    async (places) => {
      const entry = await places.entry();
      const other = { ...entry, version: entry.version + 1 };
      const first = `(SELECT balance FROM ledger.entry WHERE account_id = '${entry.account}' AND account_version = ${entry.version - 1})`;
      return {
        sql: `${swap(entry, other)}
          UPDATE ledger.entry SET balance = ${first} + CASE direction WHEN 'credit' THEN amount ELSE -amount END WHERE ${at(entry)};
          UPDATE ledger.entry e SET balance = p.balance + CASE e.direction WHEN 'credit' THEN e.amount ELSE -e.amount END
            FROM ledger.entry p WHERE e.account_id = '${entry.account}' AND e.account_version = ${other.version}
              AND p.account_id = e.account_id AND p.account_version = ${entry.version};`,
        found: [`entry_moved ${idOf(entry)}`, `entry_moved ${idOf(other)}`],
      };
    },
  ],
  [
    'entries of two accounts, swapped',
    async (places) => {
      const [entry, other] = [await places.entry(), await places.entry()];
      return { sql: swap(entry, other), found: [`entry_moved ${idOf(entry)}`, `entry_moved ${idOf(other)}`] };
    },
  ],
  [
    'an account, gone',
    async (places) => {
      const account = places.account();
      return {
        sql: `DELETE FROM ledger.account WHERE id = '${account}'`,
        found: [`account_missing ${encodeId('account', account)}`],
      };
    },
  ],
];

describe('facts that were chained', () => {
  it.each([1, 2, 3])(
    'are told exactly, whatever was done to them (seed %s)',
    async (seed) => {
      await build(TRANSFERS);
      expect((await verify()).isSound).toBe(true);
      const places = new Places(seededRandom(seed));
      const expected: string[] = [];
      for (const [, deed] of DEEDS) {
        const { sql, found } = await deed(places);
        await owner(sql);
        expected.push(...found);
      }
      const changed = accounts[2] ?? '';
      await owner(
        `UPDATE ledger.account_state_change SET reason = reason || '!' WHERE account_id = '${changed}' AND number = 2`,
      );
      expected.push(`state_change_altered ${encodeId('account', changed)}`);
      expect(toldBy(await verify())).toEqual(expected.toSorted());
    },
    TIMEOUT_MS,
  );

  it(
    'are told one by one, with what the books say of it',
    async () => {
      await build(600);
      const places = new Places(seededRandom(4));
      const entry = await places.entry();
      await owner(`UPDATE ledger.entry SET balance = balance + 1 WHERE ${at(entry)}`);
      const { chain, books, isSound } = await verify();
      expect(isSound).toBe(false);
      expect(chain.findings).toMatchObject([{ what: 'entry_altered', detail: 'its balance is not what was chained' }]);
      expect(books.contradictions.map(told)).toEqual([`running_balance ${idOf(entry)}`]);
      const other = places.account();
      expect((await verify({ account: entry.account })).chain.findings.map(told)).toEqual([
        `entry_altered ${idOf(entry)}`,
      ]);
      expect((await verify({ account: other })).isSound).toBe(true);
      await owner(`UPDATE ledger.entry SET balance = balance - 1 WHERE ${at(entry)}`);
      expect((await verify()).isSound).toBe(true);

      await owner(
        `UPDATE ledger.account SET debits_posted = debits_posted + 3, credits_posted = credits_posted + 3 WHERE id = '${other}'`,
      );
      await owner(`UPDATE ledger.account SET debits_pending = debits_pending + 1 WHERE id = '${entry.account}'`);
      expect((await verify()).books.contradictions.map(told).toSorted()).toEqual(
        [
          `account_totals ${encodeId('account', other)}`,
          `pending_totals ${encodeId('account', entry.account)}`,
        ].toSorted(),
      );
    },
    TIMEOUT_MS,
  );
});

describe('the chain itself', () => {
  const block = (height: number | bigint): string => `block_altered ${height}`;

  it(
    'is told, whatever was done to it',
    async () => {
      await build(8_000);
      await owner(
        'CREATE TABLE public.b AS TABLE ledger.block; CREATE TABLE public.h AS TABLE ledger.head; CREATE TABLE public.c AS TABLE ledger.chained',
      );
      const restore = () =>
        owner(`TRUNCATE ledger.block, ledger.head, ledger.chained; INSERT INTO ledger.block SELECT * FROM public.b;
               INSERT INTO ledger.head SELECT * FROM public.h; INSERT INTO ledger.chained SELECT * FROM public.c`);
      const kept = await readNewestHead(ledger.database);
      const last = Number(kept?.height);
      expect(last).toBeGreaterThan(12);
      const random = seededRandom(5);
      const set = (height: number, assignment: string) =>
        owner(`UPDATE ledger.block SET ${assignment} WHERE height = ${height}`);
      const flip = (column: string) => `${column} = set_byte(${column}, 5, get_byte(${column}, 5) # 1)`;
      const n = (): number => random.between(3, last - 4);

      for (const assignment of [
        flip('previous_hash'),
        flip('leaves_root'),
        flip('spans_hash'),
        flip('hash'),
        flip('digests'),
        'leaf_count = leaf_count + 1, digests = digests || substr(digests, 1, 64)',
        'entries = entries + 1',
        'leaves = leaves - 1',
        `chained_at = chained_at + interval '1 microsecond'`,
        'span_kinds[1] = 4',
        'span_ids[1] = gen_random_uuid()',
        'span_firsts[1] = span_firsts[1] + 1',
        'span_counts[1] = span_counts[1] + 1',
        'span_ids = span_ids[2:], span_kinds = span_kinds[2:], span_firsts = span_firsts[2:], span_counts = span_counts[2:]',
      ]) {
        const height = n();
        await set(height, assignment);
        expect([assignment, toldBy(await verify())]).toEqual([assignment, [block(height)]]);
        await restore();
      }

      const [gone, a, b] = [n(), 3, last - 3];
      const deeds: readonly (readonly [string, string, readonly string[]])[] = [
        ['a block is gone', `DELETE FROM ledger.block WHERE height = ${gone}`, [`block_missing ${gone}`]],
        [
          'two blocks are swapped',
          `UPDATE ledger.block SET height = -height WHERE false; ALTER TABLE ledger.block DROP CONSTRAINT block_height_check;
           UPDATE ledger.block SET height = -1 WHERE height = ${a}; UPDATE ledger.block SET height = ${a} WHERE height = ${b};
           UPDATE ledger.block SET height = ${b} WHERE height = -1`,
          [block(a), block(b)],
        ],
        [
          'the tail is gone',
          `DELETE FROM ledger.block WHERE height > ${last - 2}`,
          [`block_missing ${last - 1}`, `block_missing ${last}`],
        ],
        ['a head is gone', `DELETE FROM ledger.head WHERE height = ${gone}`, [`head_missing ${gone}`]],
        [
          'a head says something else',
          `UPDATE ledger.head SET entries = entries + 1 WHERE height = ${gone}`,
          [`head_altered ${gone}`],
        ],
        [
          'a head is of another key',
          `UPDATE ledger.head SET key_id = 'ffffffffffffffff' WHERE height = ${gone}`,
          [`head_of_unknown_key ${gone}`],
        ],
        [
          'a row of the index is elsewhere',
          `UPDATE ledger.chained SET height = height + 1 WHERE (kind, id, last) = (SELECT kind, id, last FROM ledger.chained WHERE kind = 3 ORDER BY id LIMIT 1)`,
          ['index_altered transfer'],
        ],
      ];
      for (const [what, sql, found] of deeds) {
        await owner(sql);
        const names = toldBy(await verify()).map((name) => name.replace(/^(index_altered) tr_.*/, '$1 transfer'));
        expect([what, names]).toEqual([what, found.toSorted()]);
        await restore();
      }

      // What nothing in the database tells of, a head does that was kept elsewhere.
      if (kept === undefined) throw new Error('there is no head');
      await owner(`DELETE FROM ledger.block WHERE height > ${last - 2}; DELETE FROM ledger.head WHERE height > ${last - 2};
                   DELETE FROM ledger.chained WHERE height > ${last - 2}`);
      expect((await verify()).isSound).toBe(true);
      expect(toldBy(await verify({ head: kept }))).toEqual([`chain_truncated ${last}`]);
      // An older state goes on as if nothing had been: the same entries, chained and signed again.
      await postMany(ledger, accounts, 500);
      await chainerOf(ledger).walk();
      expect((await verify()).isSound).toBe(true);
      expect(toldBy(await verify({ head: kept }))).toEqual([`chain_rewritten ${last}`]);
      await restore();
      expect((await verify({ head: kept })).chain.findings).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('cannot be written anew without the key', async () => {
    await build(600);
    const [, second] = await readBlocks(ledger.database, 1n, 2);
    if (second === undefined) throw new Error('there is one block only');
    const forged = { ...second, chainedAt: second.chainedAt.replace(/^\d{4}/, '2001') };
    const hash = hashHeader(forged);
    await owner(
      `UPDATE ledger.block SET chained_at = '${forged.chainedAt}', hash = '\\x${hash.toString('hex')}' WHERE height = 2`,
    );
    expect(toldBy(await verify())).toEqual(['block_rewritten 2']);
    // Its head as well: that is not signed.
    await owner(`UPDATE ledger.head SET block_hash = '\\x${hash.toString('hex')}' WHERE height = 2`);
    expect(toldBy(await verify())).toContain('head_altered 2');
  });
});
