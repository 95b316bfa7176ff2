import { holdPlaced, holdRefused, holdReleased, transfersPosted } from '../../../src/contracts/ledger.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { asked, bookCapture, collect, settle, take, told, type Asked } from './disbursement-events.js';
import { createHarness, differences, disagreements, type LedgerHarness, type LedgerProcess } from './harness.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeEach(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterEach(async () => {
  expect(await disagreements(ledger)).toBe(0n);
  for (const difference of Object.values(await differences(ledger))) expect(difference).toBe(0n);
  await harness.close();
});

const MERCHANT = '0191b6f0-0000-7000-8000-000000000001';

/** `kind` to what is posted there, and what is pending on the side that matters; nothing of accounts with neither. */
async function books(): Promise<Record<string, [posted: bigint, pending: bigint]>> {
  const { accounts } = await ledger.trialBalance.read({ verify: false });
  const ours = accounts.filter(({ currency }) => currency === 'GHS');
  const rows = ours.map((row): [string, [bigint, bigint]] => [
    row.kind,
    [
      row.normalSide === 'debit' ? row.debits - row.credits : row.credits - row.debits,
      row.pendingCredits - row.pendingDebits,
    ],
  ]);
  return Object.fromEntries(rows.filter(([, [posted, pending]]) => posted !== 0n || pending !== 0n));
}

interface Row {
  readonly state: string;
  readonly second_amount: bigint;
  readonly ended: boolean;
}

async function holdOf({ id }: Asked): Promise<Row | undefined> {
  const [row] = await ledger.database.query<Row>(
    'SELECT state, second_amount, ended_at IS NOT NULL AS ended FROM ledger.hold WHERE subject_id = $1',
    [id],
  );
  return row;
}

interface Said {
  readonly type: string;
  readonly aggregateid: string;
  readonly merchant_id: string | null;
  readonly payload: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

const said = (): Promise<Said[]> =>
  harness.superuser.query(
    `SELECT type, aggregateid, merchant_id, payload, headers FROM messaging.outbox WHERE type LIKE 'ledger.%' AND payload->>'subject_id' = aggregateid
       AND NOT payload @> '{"transfers": [{"kind": "collection"}]}' ORDER BY seq`,
  );

const typesSaid = async (): Promise<string[]> => (await said()).map(({ type }) => type);

describe('a refund', () => {
  it('of everything takes back what the platform had kept', async () => {
    const capturedBy = newUuid();
    await collect(ledger, MERCHANT, 100, undefined, { platform_fee: 3, attempt_id: capturedBy });
    const refund = asked(MERCHANT, 100, { kind: 'refund', platformFee: 3, capturedBy });
    await take(ledger, [told(refund, 'created')]);
    expect(await books()).toEqual({
      gateway_clearing: [100n, 0n],
      merchant_pending: [97n, -97n],
      merchant_reserved: [0n, 97n],
      platform_fees: [3n, 0n],
    });
    await take(ledger, [told(refund, 'succeeded')]);
    expect(await books()).toEqual({});
  });

  it('comes back to whoever had given it', async () => {
    const capturedBy = newUuid();
    await collect(ledger, MERCHANT, 100, undefined, { platform_fee: 3, attempt_id: capturedBy });
    const refund = asked(MERCHANT, 50, { kind: 'refund', platformFee: 1, capturedBy });
    await take(ledger, [told(refund, 'created'), told(refund, 'succeeded'), told(refund, 'returned')]);
    expect(await books()).toEqual({
      gateway_clearing: [100n, 0n],
      merchant_available: [49n, 0n],
      merchant_pending: [48n, 0n],
      platform_fees: [3n, 0n],
    });
  });

  it('is not refused because what it gives back has not been booked yet', async () => {
    const capturedBy = newUuid();
    const refund = asked(MERCHANT, 100, { kind: 'refund', capturedBy });
    const other = asked(MERCHANT, 100, { kind: 'refund' });
    await bookCapture(ledger);
    await take(ledger, [told(refund, 'created'), told(other, 'created')]);
    expect([await holdOf(refund), await holdOf(other)]).toMatchObject([{ state: 'pending' }, { state: 'refused' }]);
    await collect(ledger, MERCHANT, 100, undefined, { attempt_id: capturedBy });
    await take(ledger, [told(refund, 'succeeded')]);
    expect(await books()).toEqual({});
  });
});

describe('a payout', () => {
  it('holds what is available first and then what is captured, and nothing moves', async () => {
    await collect(ledger, MERCHANT, 100);
    await settle(ledger, MERCHANT, 30n);
    const payout = asked(MERCHANT, 50);
    await take(ledger, [told(payout, 'created')]);
    expect(await books()).toEqual({
      gateway_clearing: [100n, 0n],
      merchant_available: [30n, -30n],
      merchant_pending: [70n, -20n],
      merchant_reserved: [0n, 50n],
    });
    expect(await holdOf(payout)).toEqual({ state: 'pending', second_amount: 20n, ended: false });
  });

  it('takes the money out of what the gateway owes us when it succeeds, with its fee, and reserves nothing any more', async () => {
    await collect(ledger, MERCHANT, 100);
    await settle(ledger, MERCHANT, 30n);
    const payout = asked(MERCHANT, 50, { fee: 2 });
    await take(ledger, [told(payout, 'created')]);
    await take(ledger, [told(payout, 'succeeded')]);
    expect(await books()).toEqual({
      gateway_clearing: [48n, 0n],
      gateway_fees: [2n, 0n],
      merchant_pending: [50n, 0n],
    });
    expect(await holdOf(payout)).toEqual({ state: 'posted', second_amount: 20n, ended: true });
    const kinds = await ledger.database.query(
      `SELECT kind, amount, subject_id FROM ledger.transfer WHERE subject_id = $1 ORDER BY amount`,
      [payout.id],
    );
    expect(kinds).toEqual([
      { kind: 'payout_fee', amount: 2n, subject_id: payout.id },
      { kind: 'payout', amount: 20n, subject_id: payout.id },
      { kind: 'payout', amount: 30n, subject_id: payout.id },
      { kind: 'payout_sent', amount: 50n, subject_id: payout.id },
    ]);
  });

  it('gives back what it held when it fails, without an entry', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 50);
    await take(ledger, [told(payout, 'created')]);
    await take(ledger, [told(payout, 'failed')]);
    expect(await books()).toEqual({ gateway_clearing: [100n, 0n], merchant_pending: [100n, 0n] });
    expect(await holdOf(payout)).toEqual({ state: 'voided', second_amount: 0n, ended: true });
    expect(await ledger.database.query('SELECT 1 FROM ledger.transfer WHERE subject_id = $1', [payout.id])).toEqual([]);
  });

  it('makes the money available again when it comes back', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 50);
    await take(ledger, [told(payout, 'created'), told(payout, 'succeeded'), told(payout, 'returned')]);
    expect(await books()).toEqual({
      gateway_clearing: [100n, 0n],
      merchant_available: [50n, 0n],
      merchant_pending: [50n, 0n],
    });
  });

  it('shows what a receiver has twice as missing in suspense, with its fee, until it comes back', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 50, { fee: 1 });
    await take(ledger, [told(payout, 'created'), told(payout, 'succeeded'), told(payout, 'duplicated')]);
    expect(await books()).toEqual({
      gateway_clearing: [-2n, 0n],
      gateway_fees: [2n, 0n],
      merchant_pending: [50n, 0n],
      suspense: [-50n, 0n],
    });
    await take(ledger, [told(payout, 'recovered'), told(payout, 'recovered')]);
    expect(await books()).toEqual({
      gateway_clearing: [48n, 0n],
      gateway_fees: [2n, 0n],
      merchant_pending: [50n, 0n],
    });
  });

  it('draws on what is available alone where that is the setting, and finds what was held under another', async () => {
    const strict = harness.process({ payoutFunds: 'available' });
    await collect(ledger, MERCHANT, 100);
    await settle(ledger, MERCHANT, 30n);
    const [tooMuch, before, enough] = [asked(MERCHANT, 31), asked(MERCHANT, 40), asked(MERCHANT, 30)];
    await take(strict, [told(tooMuch, 'created')]);
    expect(await holdOf(tooMuch)).toMatchObject({ state: 'refused' });
    await take(ledger, [told(before, 'created')]);
    expect(await holdOf(before)).toMatchObject({ state: 'pending', second_amount: 10n });
    await take(strict, [told(before, 'failed'), told(enough, 'created')]);
    expect(await holdOf(before)).toMatchObject({ state: 'voided' });
    expect(await holdOf(enough)).toEqual({ state: 'pending', second_amount: 0n, ended: false });
  });
});

describe('a refund', () => {
  it('draws on what is captured first and then on what is available', async () => {
    await collect(ledger, MERCHANT, 100);
    await settle(ledger, MERCHANT, 70n);
    const refund = asked(MERCHANT, 50, { kind: 'refund' });
    await take(ledger, [told(refund, 'created')]);
    expect(await books()).toMatchObject({ merchant_available: [70n, -20n], merchant_pending: [30n, -30n] });
    await take(ledger, [told(refund, 'succeeded')]);
    expect(await books()).toEqual({ gateway_clearing: [50n, 0n], merchant_available: [50n, 0n] });
  });

  it('of a surplus goes out of suspense, does not touch the merchant, and returns there', async () => {
    await collect(ledger, MERCHANT, 10);
    const refund = asked(MERCHANT, 50, { kind: 'refund', source: 'surplus' });
    await take(ledger, [told(refund, 'created')]);
    // The capture is booked by another consumer, here not yet.
    expect(await books()).toEqual({
      customer_reserved: [0n, 50n],
      gateway_clearing: [10n, 0n],
      merchant_pending: [10n, 0n],
      suspense: [0n, -50n],
    });
    await take(ledger, [told(refund, 'succeeded')]);
    expect(await books()).toEqual({
      gateway_clearing: [-40n, 0n],
      merchant_pending: [10n, 0n],
      suspense: [-50n, 0n],
    });
    await take(ledger, [told(refund, 'returned')]);
    expect(await books()).toEqual({ gateway_clearing: [10n, 0n], merchant_pending: [10n, 0n] });
  });
});

describe('holds', () => {
  it('are refused as soon as there is not enough on both accounts together, in the order of arrival', async () => {
    await collect(ledger, MERCHANT, 100);
    await settle(ledger, MERCHANT, 40n);
    const all = [60, 41, 40, 1].map((amount) => asked(MERCHANT, amount));
    await take(
      ledger,
      all.map((each) => told(each, 'created')),
    );
    const states = await Promise.all(all.map(holdOf));
    expect(states.map((row) => row?.state)).toEqual(['pending', 'refused', 'pending', 'refused']);
    expect(await books()).toMatchObject({ merchant_available: [40n, -40n], merchant_pending: [60n, -60n] });
  });

  it('see within a batch what fails and what returns before them', async () => {
    await collect(ledger, MERCHANT, 100);
    const [first, second, third] = [asked(MERCHANT, 100), asked(MERCHANT, 100), asked(MERCHANT, 100)];
    await take(ledger, [
      told(first, 'created'),
      told(first, 'failed'),
      told(second, 'created'),
      told(second, 'succeeded'),
      told(second, 'returned'),
      told(third, 'created'),
    ]);
    expect((await Promise.all([first, second, third].map(holdOf))).map((row) => row?.state)).toEqual([
      'voided',
      'posted',
      'pending',
    ]);
  });

  it('are refused for a merchant of which nothing is known, and a refused one is not tried again', async () => {
    const payout = asked(newUuid(), 5);
    await take(ledger, [told(payout, 'created')]);
    await collect(ledger, payout.merchantId, 5);
    await take(ledger, [told(payout, 'created')]);
    expect(await holdOf(payout)).toMatchObject({ state: 'refused' });
    await take(ledger, [told(payout, 'failed')]);
    expect(await holdOf(payout)).toMatchObject({ state: 'refused' });
    expect(await typesSaid()).toEqual([holdRefused.type]);
  });

  it('are never placed for what failed before', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 50);
    await take(ledger, [told(payout, 'failed')]);
    await take(ledger, [told(payout, 'created')]);
    expect(await books()).toEqual({ gateway_clearing: [100n, 0n], merchant_pending: [100n, 0n] });
    expect(await typesSaid()).toEqual([]);
  });

  it('are not needed for money that has left before anything was asked for, and not placed afterwards', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 50);
    await take(ledger, [told(payout, 'succeeded')]);
    await take(ledger, [told(payout, 'created')]);
    expect(await books()).toEqual({ gateway_clearing: [50n, 0n], merchant_pending: [50n, 0n] });
    expect(await holdOf(payout)).toMatchObject({ state: 'posted' });
  });

  it('change nothing when the same is told again, together or later, under other ids', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 30, { fee: 1 });
    const failing = asked(MERCHANT, 20);
    const story = (): StoredEvent[] => [
      told(payout, 'created'),
      told(failing, 'created'),
      told(payout, 'succeeded'),
      told(failing, 'failed'),
      told(payout, 'duplicated'),
      told(payout, 'returned'),
    ];
    await take(
      ledger,
      story().flatMap((event) => [event, event]),
    );
    const after = await books();
    const events = await typesSaid();
    await take(ledger, story());
    for (const event of story().toReversed()) await take(ledger, [event]);
    expect(await books()).toEqual(after);
    expect(await typesSaid()).toEqual(events);
    expect(events).toHaveLength(6);
  });
});

describe('a success that comes after a failure', () => {
  it('is booked: the money is drawn again from both accounts', async () => {
    await collect(ledger, MERCHANT, 100);
    await settle(ledger, MERCHANT, 30n);
    const payout = asked(MERCHANT, 50, { fee: 2 });
    await take(ledger, [told(payout, 'created')]);
    await take(ledger, [told(payout, 'failed')]);
    await take(ledger, [told(payout, 'succeeded')]);
    await take(ledger, [told(payout, 'succeeded'), told(payout, 'created'), told(payout, 'failed')]);
    expect(await books()).toEqual({
      gateway_clearing: [48n, 0n],
      gateway_fees: [2n, 0n],
      merchant_pending: [50n, 0n],
    });
    expect(await holdOf(payout)).toMatchObject({ state: 'voided' });
  });

  it('is booked in full although the merchant has used the money since, and counted', async () => {
    await collect(ledger, MERCHANT, 100);
    const [payout, other] = [asked(MERCHANT, 80), asked(MERCHANT, 90)];
    await take(ledger, [told(payout, 'created'), told(payout, 'failed'), told(other, 'created')]);
    await take(ledger, [told(payout, 'succeeded')]);
    // 10 are there; what is held for the other payout stays held.
    expect(await books()).toEqual({
      gateway_clearing: [20n, 0n],
      merchant_available: [-70n, 0n],
      merchant_pending: [90n, -90n],
      merchant_reserved: [0n, 90n],
    });
    expect(await ledger.metrics.registry.metrics()).toContain('sankofa_ledger_hold_steps_total{outcome="overdrawn"} 1');
    const third = asked(MERCHANT, 1);
    await collect(ledger, MERCHANT, 70);
    await take(ledger, [told(third, 'created')]);
    expect(await holdOf(third)).toMatchObject({ state: 'pending' });
  });

  it('is booked for what was refused, and for a merchant that never had anything', async () => {
    const refund = asked(newUuid(), 25, { kind: 'refund' });
    await take(ledger, [told(refund, 'created')]);
    await take(ledger, [told(refund, 'succeeded')]);
    expect(await books()).toEqual({ gateway_clearing: [-25n, 0n], merchant_pending: [-25n, 0n] });
  });
});

describe('what the ledger says of holds', () => {
  it('fits the contracts, and belongs to the merchant and the story', async () => {
    await collect(ledger, MERCHANT, 100);
    const [payout, failing, tooMuch] = [asked(MERCHANT, 50, { fee: 3 }), asked(MERCHANT, 50), asked(MERCHANT, 1)];
    const created = told(payout, 'created');
    await take(ledger, [created, told(failing, 'created'), told(tooMuch, 'created')]);
    await take(ledger, [told(payout, 'succeeded'), told(failing, 'failed')]);
    const events = await said();
    expect(events.map(({ type, aggregateid }) => [type, aggregateid])).toEqual([
      [holdPlaced.type, payout.id],
      [holdPlaced.type, failing.id],
      [holdRefused.type, tooMuch.id],
      [transfersPosted.type, payout.id],
      [holdReleased.type, failing.id],
    ]);
    const [placed, , refused, posted, released] = events;
    const ofHold = { kind: 'payout', livemode: false, currency: 'GHS' };
    expect(holdPlaced.schema.parse(placed?.payload)).toEqual({ ...ofHold, subject_id: payout.id, amount: 50 });
    expect(holdRefused.schema.parse(refused?.payload)).toEqual({
      ...ofHold,
      subject_id: tooMuch.id,
      amount: 1,
      reason: 'insufficient_funds',
    });
    expect(holdReleased.schema.parse(released?.payload)).toEqual({ ...ofHold, subject_id: failing.id, amount: 50 });
    const { transfers } = transfersPosted.schema.parse(posted?.payload);
    expect(transfers.map(({ kind, amount, currency }) => [kind, amount, currency])).toEqual([
      ['payout', 50, 'GHS'],
      ['payout_sent', 50, 'GHS'],
      ['payout_fee', 3, 'GHS'],
    ]);
    expect(placed?.headers).toEqual({ correlation_id: 'req_test', causation_id: created.id });
    for (const { merchant_id: merchantId } of events) expect(merchantId).toBe(MERCHANT);
  });
});

describe('contradictions', () => {
  const conflict = { code: 'ledger.transfer_conflict' };

  it.each([
    ['another amount', { amount: 51 }],
    ['another kind', { kind: 'refund' as const }],
    ['another merchant', { merchantId: newUuid() }],
  ])('are refused, together or later: a payout of %s', async (_, more) => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 50);
    const other = { ...payout, ...more };
    await expect(take(ledger, [told(payout, 'created'), told(other, 'failed')])).rejects.toMatchObject(conflict);
    await take(ledger, [told(payout, 'created')]);
    for (const what of ['created', 'failed', 'succeeded'] as const)
      await expect(take(ledger, [told(other, what)])).rejects.toMatchObject(conflict);
    expect(await holdOf(payout)).toMatchObject({ state: 'pending' });
  });

  it('are refused: a second success by another attempt, and an attempt that paid and is said to have paid twice', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 50);
    const byAnother = told({ ...payout, attemptId: newUuid() }, 'succeeded');
    await take(ledger, [told(payout, 'created')]);
    await expect(take(ledger, [told(payout, 'succeeded'), byAnother])).rejects.toMatchObject(conflict);
    await take(ledger, [told(payout, 'succeeded')]);
    await expect(take(ledger, [byAnother])).rejects.toMatchObject(conflict);
    const twice = told({ ...payout, otherAttemptId: payout.attemptId }, 'duplicated');
    await expect(take(ledger, [twice])).rejects.toMatchObject(conflict);
    expect(await books()).toEqual({ gateway_clearing: [50n, 0n], merchant_pending: [50n, 0n] });
  });

  it('are refused: a payout of nobody, and an event that is none of its business', async () => {
    const payout = told(asked(MERCHANT, 5), 'created');
    await expect(take(ledger, [{ ...payout, merchantId: null }])).rejects.toThrow('no merchant');
    await expect(take(ledger, [{ ...payout, type: 'payments.payment_created.v1' }])).rejects.toThrow('does not know');
  });

  it('do not come of ids that no longer exist: they are looked up again', async () => {
    await collect(ledger, MERCHANT, 100);
    await harness.superuser.query('ALTER TABLE ledger.account DISABLE TRIGGER permanent; DELETE FROM ledger.account');
    await harness.superuser.query(
      'ALTER TABLE ledger.entry DISABLE TRIGGER immutable; ALTER TABLE ledger.transfer DISABLE TRIGGER immutable; DELETE FROM ledger.entry; DELETE FROM ledger.transfer',
    );
    const payout = asked(MERCHANT, 5);
    await expect(take(ledger, [told(payout, 'created')])).rejects.toMatchObject({ code: 'ledger.account_not_found' });
    await take(ledger, [told(payout, 'created')]);
    expect(await holdOf(payout)).toMatchObject({ state: 'refused' });
  });
});

describe('the rows of holds', () => {
  it.each([
    `UPDATE ledger.hold SET amount = amount + 1`,
    `UPDATE ledger.hold SET state = 'posted', amount = 1, ended_at = now()`,
    `UPDATE ledger.hold SET state = 'refused', ended_at = now()`,
    `UPDATE ledger.hold SET merchant_id = NULL`,
    `UPDATE ledger.hold SET state = 'pending', ended_at = NULL WHERE state <> 'pending'`,
    `UPDATE ledger.hold SET state = 'posted' WHERE state = 'voided'`,
    'DELETE FROM ledger.hold',
    'TRUNCATE ledger.hold',
  ])('change in no other way than from pending to their end, whoever tries: %s', async (sql) => {
    await collect(ledger, MERCHANT, 100);
    const [pending, voided] = [asked(MERCHANT, 5), asked(MERCHANT, 5)];
    await take(ledger, [told(pending, 'created'), told(voided, 'created'), told(voided, 'failed')]);
    await expect(harness.superuser.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('are found by their index, and so are the transfers, however the tables grew', async () => {
    await collect(ledger, MERCHANT, 1_000);
    const payouts = Array.from({ length: 20 }, () => asked(MERCHANT, 5));
    const scans = await ledger.database.transaction(async (tx) => {
      await ledger.holdFunds.handle(
        tx,
        payouts.flatMap((each) => [told(each, 'created'), told(each, 'succeeded'), told(each, 'returned')]),
      );
      return tx.query(
        `SELECT relname AS table, seq_scan AS scans, n_tup_ins > 0 AS used FROM pg_stat_xact_user_tables WHERE schemaname = 'ledger' AND (n_tup_ins > 0 OR seq_scan > 0) ORDER BY 1`,
      );
    });
    expect(scans).toEqual([
      { table: 'account', scans: 0n, used: true },
      { table: 'entry', scans: 0n, used: true },
      { table: 'hold', scans: 0n, used: true },
      { table: 'settlement', scans: 0n, used: true },
      { table: 'settling_account', scans: 0n, used: true },
      { table: 'transfer', scans: 0n, used: true },
    ]);
  });
});

describe('the self-check', () => {
  it('notices what is pending and held by nobody, and what was held and left without a transfer', async () => {
    await collect(ledger, MERCHANT, 100);
    const payout = asked(MERCHANT, 5);
    await take(ledger, [told(payout, 'created')]);
    await harness.superuser.query(`UPDATE ledger.account SET debits_pending = 6 WHERE kind = 'merchant_pending'`);
    expect((await ledger.trialBalance.read({ verify: true })).proof).toEqual({ entries: 0n, holds: 1n });
    await harness.superuser.query(`UPDATE ledger.account SET debits_pending = 5 WHERE kind = 'merchant_pending'`);
    await harness.superuser.query(`UPDATE ledger.hold SET state = 'posted', ended_at = now()`);
    // The row, and the two accounts that still have it pending.
    expect((await ledger.trialBalance.read({ verify: true })).proof).toEqual({ entries: 0n, holds: 3n });
    await harness.superuser.query('UPDATE ledger.account SET debits_pending = 0, credits_pending = 0');
    await harness.superuser.query('ALTER TABLE ledger.hold DISABLE TRIGGER permanent; DELETE FROM ledger.hold');
  });
});
