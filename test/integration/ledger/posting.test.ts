import fc from 'fast-check';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { MAX_TRANSFERS_PER_BATCH } from '../../../src/modules/ledger/transfers/posting.store.js';
import type { Transfer } from '../../../src/modules/ledger/transfers/transfer.js';
import {
  createHarness,
  differences,
  disagreements,
  openTestAccounts,
  transfer,
  type AccountSpec,
  type LedgerHarness,
  type LedgerProcess,
} from './harness.js';
import { NaiveLedger } from './naive-ledger.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterAll(() => harness.close());

interface AccountState {
  debits: bigint;
  credits: bigint;
  version: bigint;
}

async function stateOf(id: string): Promise<AccountState | undefined> {
  const [row] = await ledger.database.query<AccountState>(
    'SELECT debits_posted AS debits, credits_posted AS credits, version FROM ledger.account WHERE id = $1',
    [id],
  );
  return row;
}

interface StoredEntry {
  account_id: string;
  transferId: string;
  direction: string;
  amount: bigint;
  balance: bigint;
}

const entriesOf = (ids: readonly string[]): Promise<StoredEntry[]> =>
  ledger.database.query<StoredEntry>(
    `SELECT account_id, transfer_id AS "transferId", direction, amount, balance FROM ledger.entry WHERE account_id = ANY($1) ORDER BY account_id, account_version`,
    [ids],
  );

async function twoAccounts(): Promise<[string, string]> {
  const [a = '', b = ''] = await openTestAccounts(ledger, [{ kind: 'gateway_clearing' }, { kind: 'merchant_pending' }]);
  return [a, b];
}

describe('posting', () => {
  it("writes two entries with running balances on each account's normal side", async () => {
    const [clearing, pending] = await twoAccounts();
    expect(await ledger.post([transfer(clearing, pending, 500n), transfer(pending, clearing, 120n)])).toEqual([
      'posted',
      'posted',
    ]);
    expect(await stateOf(clearing)).toEqual({ debits: 500n, credits: 120n, version: 2n });
    const balances = (await entriesOf([clearing, pending])).map(({ account_id, direction, balance }) => [
      account_id,
      direction,
      balance,
    ]);
    expect(balances).toEqual([
      [clearing, 'debit', 500n],
      [clearing, 'credit', 380n],
      [pending, 'credit', 500n],
      [pending, 'debit', 380n],
    ]);
  });

  it('answers a repeated transfer with replayed, also within one batch, and posts it once', async () => {
    const [a, b] = await twoAccounts();
    const one = transfer(a, b, 10n, { subjectId: newUuid() });
    expect(await ledger.post([one, one])).toEqual(['posted', 'replayed']);
    expect(await ledger.post([one])).toEqual(['replayed']);
    expect(await stateOf(a)).toEqual({ debits: 10n, credits: 0n, version: 1n });
  });

  it('refuses a known id with any other content', async () => {
    const [a, b] = await twoAccounts();
    const [c] = await twoAccounts();
    const one = transfer(a, b, 10n, { subjectId: newUuid() });
    await ledger.post([one]);
    const others: Partial<Transfer>[] = [
      { amountMinor: 11n },
      { kind: 'other' },
      { subjectId: null },
      { effectiveAt: new Date('2026-01-31T10:00:00.124Z') },
      { debitAccountId: c },
      { debitAccountId: b, creditAccountId: a },
      { creditAccountId: newUuid() },
    ];
    for (const other of others) {
      expect(await ledger.post([{ ...one, ...other }])).toEqual(['conflict']);
      const fresh = { ...one, id: newUuid() };
      expect(await ledger.post([fresh, { ...fresh, ...other }])).toEqual(['posted', 'conflict']);
    }
    expect(await stateOf(a)).toEqual({ debits: 80n, credits: 0n, version: 8n });
  });

  it('refuses unknown accounts, one account on both sides, and accounts of two currencies or modes, and posts the rest', async () => {
    const [a = '', b = '', francs = '', live = ''] = await openTestAccounts(ledger, [
      {},
      {},
      { currency: 'XOF' },
      { livemode: true },
    ]);
    const batch = [
      transfer(a, newUuid(), 1n),
      transfer(newUuid(), b, 1n),
      transfer(a, a, 1n),
      transfer(a, francs, 1n),
      transfer(live, a, 1n),
      transfer(a, b, 1n),
    ];
    expect(await ledger.post(batch)).toEqual([
      'account_missing',
      'account_missing',
      'accounts_differ',
      'accounts_differ',
      'accounts_differ',
      'posted',
    ]);
    expect(await entriesOf([a, b, francs, live])).toHaveLength(2);
  });

  it('checks limits in the order of arrival, refuses only what breaks them, and forgets refused ids', async () => {
    const [bank = '', wallet = ''] = await openTestAccounts(ledger, [
      { kind: 'bank' },
      { kind: 'merchant_available', limitMode: 'debits_must_not_exceed_credits' },
    ]);
    const tooMuch = transfer(wallet, bank, 101n);
    const batch = [
      transfer(wallet, bank, 1n),
      transfer(bank, wallet, 100n),
      tooMuch,
      transfer(wallet, bank, 100n),
      transfer(wallet, bank, 1n),
      transfer(bank, wallet, 200n),
      tooMuch,
    ];
    expect(await ledger.post(batch)).toEqual([
      'limit_exceeded',
      'posted',
      'limit_exceeded',
      'posted',
      'limit_exceeded',
      'posted',
      'posted',
    ]);
    expect(await stateOf(wallet)).toEqual({ debits: 201n, credits: 300n, version: 4n });
  });

  it('keeps credits of an account below its debits where that is its limit', async () => {
    const [float = '', other = ''] = await openTestAccounts(ledger, [
      { kind: 'bank', limitMode: 'credits_must_not_exceed_debits' },
      {},
    ]);
    expect(
      await ledger.post([
        transfer(other, float, 1n),
        transfer(float, other, 5n),
        transfer(other, float, 5n),
        transfer(other, float, 1n),
      ]),
    ).toEqual(['limit_exceeded', 'posted', 'posted', 'limit_exceeded']);
  });

  it('posts nothing at all when an amount is not positive or a batch is too large', async () => {
    const [a, b] = await twoAccounts();
    await expect(ledger.post([transfer(a, b, 5n), transfer(a, b, 0n)])).rejects.toThrow(RangeError);
    await expect(ledger.post([transfer(a, b, -5n)])).rejects.toThrow(RangeError);
    const many = Array.from({ length: MAX_TRANSFERS_PER_BATCH + 1 }, () => transfer(a, b, 1n));
    await expect(ledger.post(many)).rejects.toThrow(RangeError);
    expect(await ledger.post([])).toEqual([]);
    expect(await stateOf(a)).toEqual({ debits: 0n, credits: 0n, version: 0n });
  });

  it('fails instead of wrapping round when an account would pass the largest bigint', async () => {
    const [a, b] = await twoAccounts();
    const largest = 2n ** 63n - 1n;
    expect(await ledger.post([transfer(a, b, largest)])).toEqual(['posted']);
    await expect(ledger.post([transfer(a, b, 1n)])).rejects.toMatchObject({ code: '22003' });
    expect(await ledger.post([transfer(b, a, largest)])).toEqual(['posted']);
    expect((await stateOf(a))?.version).toBe(2n);
  });
});

/** Four ordinary accounts, two with limits, one in another currency; the eighth does not exist. */
const SPECS: readonly AccountSpec[] = [
  { kind: 'gateway_clearing' },
  { kind: 'merchant_pending' },
  {},
  { kind: 'gateway_fees' },
  { kind: 'merchant_available', limitMode: 'debits_must_not_exceed_credits' },
  { kind: 'bank', limitMode: 'credits_must_not_exceed_debits' },
  { currency: 'XOF' },
];

const step = fc.record({
  debit: fc.nat({ max: SPECS.length }),
  credit: fc.nat({ max: SPECS.length }),
  amount: fc.bigInt({ min: 1n, max: 20n }),
  // Few ids, so that many come twice, with the same or with other content.
  id: fc.nat({ max: 30 }),
  kind: fc.constantFrom('one', 'two'),
});

describe('random batches', () => {
  it('end as if a naive ledger had posted one transfer after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 40 }), { minLength: 1, maxLength: 4 }), async (batches) => {
        const accounts = [...(await openTestAccounts(ledger, SPECS)), newUuid()];
        const naive = new NaiveLedger();
        for (const [index, spec] of SPECS.entries()) {
          naive.open({
            id: accounts[index] ?? '',
            unit: spec.currency ?? 'NGN',
            debitNormal: ['gateway_clearing', 'gateway_fees', 'bank'].includes(spec.kind ?? 'suspense'),
            limitMode: spec.limitMode ?? 'none',
          });
        }
        const ids = Array.from({ length: 31 }, () => newUuid());
        for (const batch of batches) {
          const transfers = batch.map((each) =>
            transfer(accounts[each.debit] ?? '', accounts[each.credit] ?? '', each.amount, {
              id: ids[each.id] ?? '',
              kind: each.kind,
            }),
          );
          const expected = transfers.map((each) => naive.post(each));
          expect(await ledger.post(transfers)).toEqual(expected);
        }
        const stored = await entriesOf(accounts);
        for (const account of naive.accounts.values()) {
          expect(await stateOf(account.id)).toEqual({
            debits: account.debits,
            credits: account.credits,
            version: BigInt(account.entries.length),
          });
          expect(
            stored.filter((entry) => entry.account_id === account.id).map(({ account_id: _, ...entry }) => entry),
          ).toEqual(account.entries);
        }
      }),
      { numRuns: 60 },
    );
    expect(await disagreements(ledger)).toBe(0n);
    for (const difference of Object.values(await differences(ledger))) expect(difference).toBe(0n);
  });
});

describe('rights', () => {
  const changes = [
    'UPDATE ledger.entry SET amount = 1',
    'DELETE FROM ledger.entry',
    'TRUNCATE ledger.entry',
    'UPDATE ledger.transfer SET amount = 1',
    'DELETE FROM ledger.transfer',
    'TRUNCATE ledger.transfer',
    'DELETE FROM ledger.account',
    'DELETE FROM ledger.hold',
    'TRUNCATE ledger.hold',
  ];

  it.each([
    ...changes,
    'UPDATE ledger.account SET debits_posted = 1',
    'UPDATE ledger.account SET debits_pending = 0',
    'UPDATE ledger.account SET credits_pending = 1',
    `UPDATE ledger.hold SET state = 'voided'`,
    'UPDATE ledger.hold SET amount = 1',
    `INSERT INTO ledger.hold (subject_id, kind, livemode, currency, amount, state, credit_account_id) VALUES (gen_random_uuid(), 'payout', true, 'NGN', 1, 'refused', gen_random_uuid())`,
    `INSERT INTO ledger.account (id, livemode, currency, kind, normal_side, credits_pending) VALUES (gen_random_uuid(), true, 'NGN', 'suspense', 'credit', 5)`,
    `INSERT INTO ledger.entry VALUES (gen_random_uuid(), 1, gen_random_uuid(), 'debit', 1, 1, now(), current_date)`,
    `INSERT INTO ledger.account (id, livemode, currency, kind, normal_side, credits_posted) VALUES (gen_random_uuid(), true, 'NGN', 'suspense', 'credit', 5)`,
    'SELECT * FROM payments.payment',
  ])("refuses the module's role: %s", async (sql) => {
    await expect(ledger.database.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it.each(changes)('refuses even the owner of the tables: %s', async (sql) => {
    const [a, b] = await twoAccounts();
    await ledger.post([transfer(a, b, 1n)]);
    await expect(harness.superuser.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses other modules to post', async () => {
    await expect(
      harness.superuser.query(
        `SET ROLE sankofa_payments; SELECT ledger.post_transfers('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
      ),
    ).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses other modules to hold', async () => {
    const nothing = Array.from({ length: 21 }, () => `'{}'`).join(', ');
    await expect(
      harness.superuser.query(`SET ROLE sankofa_payments; SELECT ledger.hold_funds(${nothing})`),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

describe('the self-check', () => {
  it('notices a total that its entries do not bear out', async () => {
    const own = await createHarness();
    try {
      const process = own.process();
      const [a = '', b = ''] = await openTestAccounts(process, [{}, {}]);
      await process.post([transfer(a, b, 7n)]);
      expect(await disagreements(process)).toBe(0n);
      await own.superuser.query('UPDATE ledger.account SET debits_posted = 8 WHERE id = $1', [a]);
      expect(await disagreements(process)).toBe(1n);
      expect((await process.trialBalance.read({ verify: true })).proof).toEqual({ entries: 1n, holds: 0n });
      expect(await differences(process)).toEqual({ 'NGN test': 1n });
      await own.superuser.query('UPDATE ledger.account SET debits_posted = 7 WHERE id = $1', [a]);
      await own.superuser.query(
        `INSERT INTO ledger.entry VALUES ($1, 2, gen_random_uuid(), 'credit', 3, 3, now(), current_date)`,
        [a],
      );
      expect(await disagreements(process)).toBe(2n);
    } finally {
      await own.close();
    }
  });
});
