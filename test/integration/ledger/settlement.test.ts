import { setTimeout as sleep } from 'node:timers/promises';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { asked, take, told } from './disbursement-events.js';
import {
  changeState,
  createHarness,
  differences,
  disagreements,
  type LedgerHarness,
  type LedgerProcess,
} from './harness.js';
import {
  balancesOf,
  capture,
  capturedEvent,
  contradictions,
  hours,
  NO_CONTRADICTION,
  pass,
  prove,
  release,
  releasesOf,
  say,
} from './settling.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterAll(() => harness.close());

afterEach(async () => {
  expect(await contradictions(ledger)).toEqual(NO_CONTRADICTION);
  expect(await disagreements(ledger)).toBe(0n);
  for (const difference of Object.values(await differences(ledger))) expect(difference).toBe(0n);
});

const shown = (merchantId: string) => balancesOf(ledger, merchantId);
const only = (pending: bigint, available: bigint, reserved = 0n, rolling = 0n) => ({
  pending,
  available,
  reserved,
  rolling,
});

describe('what was captured', () => {
  it('becomes available when its delay is over, once, less our fee', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, { mode: 'delay', delay: hours(2) });
    await capture(ledger, { merchantId, amount: 1_000, platformFee: 5 }, { merchantId, amount: 500 });
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(1_495n, 0n));
    await pass(harness, 1);
    await capture(ledger, { merchantId, amount: 70 });
    await pass(harness, 1.5);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(70n, 1_495n));
    await release(ledger);
    await pass(harness, 1);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 1_565n));
    expect(await releasesOf(ledger, merchantId)).toEqual([
      { number: 1, payments: 2, matured: 1_495n, amount: 1_495n, kind: 'merchant_pending' },
      { number: 2, payments: 1, matured: 70n, amount: 70n, kind: 'merchant_pending' },
    ]);
  });

  it('is available the day after, or when it is proved, where nobody said anything', async () => {
    const merchantId = newUuid();
    const attemptId = newUuid();
    const yesterday = new Date(Date.now() - 86_400_000);
    await capture(
      ledger,
      { merchantId, amount: 1, at: yesterday },
      { merchantId, amount: 20, attemptId },
      { merchantId, amount: 300 },
    );
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(320n, 1n));
    await prove(ledger, attemptId);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(300n, 21n));
  });

  it('waits for its proof for however long, and takes one that came before it was booked', async () => {
    const merchantId = newUuid();
    const [early, late] = [newUuid(), newUuid()];
    await say(ledger, merchantId, { mode: 'proved' });
    await prove(ledger, early, early);
    await release(ledger);
    await capture(ledger, { merchantId, amount: 10, attemptId: early }, { merchantId, amount: 7, attemptId: late });
    await pass(harness, 1_000);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(7n, 10n));
    await prove(ledger, late);
    await prove(ledger, late, early);
    await release(ledger);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 17n));
    expect(await ledger.database.query('SELECT count(*)::int AS left FROM ledger.capture_proof')).toEqual([
      { left: 0 },
    ]);
  });

  it('stays by a policy that says never, whatever is proved', async () => {
    const merchantId = newUuid();
    const attemptId = newUuid();
    await say(ledger, merchantId, { mode: 'never' });
    await capture(ledger, { merchantId, amount: 10, attemptId });
    await prove(ledger, attemptId);
    await pass(harness, 10_000);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(10n, 0n));
  });

  it('keeps the policy under which it was captured; the narrowest of those decides', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, { mode: 'never' });
    const before = new Date();
    await say(ledger, merchantId, { mode: 'delay', delay: hours(0) });
    await say(ledger, merchantId, { mode: 'never' }, 'NGN');
    await capture(
      ledger,
      { merchantId, amount: 10, at: before },
      { merchantId, amount: 3 },
      { merchantId, amount: 8, currency: 'NGN' },
    );
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(10n, 3n));
    expect(await balancesOf(ledger, merchantId, 'NGN')).toEqual(only(8n, 0n));
  });

  it('is heard of after its time by a release of its own', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, { mode: 'delay', delay: hours(0) });
    const first = capturedEvent({ merchantId, amount: 5 });
    await capture(ledger, { merchantId, amount: 1 });
    await release(ledger);
    // Captured before the release, and announced after it; and again.
    for (let time = 0; time < 2; time += 1)
      await ledger.database.transaction((tx) => ledger.bookCollections.handle(tx, [first]));
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 6n));
  });
});

describe('what refunds and payouts draw before it is due', () => {
  it('is made good by what becomes due first, and never more is released than is there', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, { mode: 'delay', delay: hours(1) });
    await capture(ledger, { merchantId, amount: 100 });
    await say(ledger, merchantId, { mode: 'delay', delay: hours(10) });
    await capture(ledger, { merchantId, amount: 100 });
    const payout = asked(merchantId, 130);
    await take(ledger, [told(payout, 'created')]);
    await take(ledger, [told(payout, 'succeeded')]);
    await pass(harness, 2);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(70n, 0n));
    await pass(harness, 10);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 70n));
    expect(await releasesOf(ledger, merchantId)).toMatchObject([
      { payments: 1, matured: 100n, amount: 0n },
      { payments: 1, matured: 100n, amount: 70n },
    ]);
  });

  it('is released when it comes back, if it was due meanwhile', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, { mode: 'delay', delay: hours(0) });
    await capture(ledger, { merchantId, amount: 100 });
    const payout = asked(merchantId, 60);
    await take(ledger, [told(payout, 'created')]);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 40n, 60n));
    await take(ledger, [told(payout, 'failed')]);
    expect(await shown(merchantId)).toEqual(only(60n, 40n));
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 100n));
    expect(await releasesOf(ledger, merchantId)).toMatchObject([
      { payments: 1, matured: 100n, amount: 40n },
      { payments: 0, matured: 0n, amount: 60n },
    ]);
  });

  it('takes nothing from what others are due when a refund gives back what was not', async () => {
    const merchantId = newUuid();
    const attemptId = newUuid();
    await say(ledger, merchantId, { mode: 'delay', delay: hours(0) });
    await capture(ledger, { merchantId, amount: 100 });
    await say(ledger, merchantId, { mode: 'delay', delay: hours(5) });
    await capture(ledger, { merchantId, amount: 80, attemptId });
    const refund = asked(merchantId, 80, { kind: 'refund', capturedBy: attemptId });
    await take(ledger, [told(refund, 'created')]);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 100n, 80n));
    await take(ledger, [told(refund, 'failed')]);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(80n, 100n));
    await pass(harness, 6);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 180n));
  });
});

describe('a rolling reserve', () => {
  const policy = { mode: 'delay', delay: hours(1), reserve: { percent_bps: 1_000, delay: hours(100) } };

  it('keeps back its part of each capture, and gives it free in its time', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, policy);
    await capture(ledger, { merchantId, amount: 1_005, platformFee: 5 });
    expect(await shown(merchantId)).toEqual(only(900n, 0n, 0n, 100n));
    await pass(harness, 2);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 900n, 0n, 100n));
    await pass(harness, 100);
    await release(ledger);
    expect(await shown(merchantId)).toEqual(only(0n, 1_000n));
    expect((await releasesOf(ledger, merchantId)).map(({ kind, amount }) => [kind, amount])).toEqual([
      ['merchant_pending', 900n],
      ['merchant_rolling_reserve', 100n],
    ]);
  });

  it('is nothing that payouts can draw on', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, policy);
    await capture(ledger, { merchantId, amount: 1_000 });
    const [much, enough] = [asked(merchantId, 901), asked(merchantId, 900)];
    await take(ledger, [told(much, 'created'), told(enough, 'created')]);
    expect(await shown(merchantId)).toEqual(only(0n, 0n, 900n, 100n));
  });
});

describe('what payouts may draw on', () => {
  it('says the policy before the setting does', async () => {
    const merchantId = newUuid();
    await say(ledger, merchantId, { mode: 'delay', delay: hours(0), payout_funds: 'available' });
    const recent = (amount: number) => ({ ...told(asked(merchantId, amount), 'created'), createdAt: new Date() });
    await capture(ledger, { merchantId, amount: 100 });
    await take(ledger, [recent(10)]);
    expect(await shown(merchantId)).toEqual(only(100n, 0n));
    await release(ledger);
    await take(ledger, [recent(10)]);
    expect(await shown(merchantId)).toEqual(only(0n, 90n, 10n));
  });
});

describe('a release', () => {
  it('waits while an account is frozen, without keeping others waiting', async () => {
    const [frozen, other] = [newUuid(), newUuid()];
    for (const merchantId of [frozen, other]) {
      await say(ledger, merchantId, { mode: 'delay', delay: hours(0) });
      await capture(ledger, { merchantId, amount: 100 });
    }
    const [account] = await ledger.database.query<{ id: string }>(
      `SELECT id FROM ledger.account WHERE merchant_id = $1 AND kind = 'merchant_pending'`,
      [frozen],
    );
    await changeState(ledger, account?.id ?? '', 'frozen');
    await release(ledger);
    expect(await shown(frozen)).toEqual(only(100n, 0n));
    expect(await shown(other)).toEqual(only(0n, 100n));
    await changeState(ledger, account?.id ?? '', 'open');
    await release(ledger);
    expect(await shown(frozen)).toEqual(only(0n, 100n));
  });

  it('is made once by however many at the same time, while more is captured', async () => {
    const merchants = Array.from({ length: 8 }, () => newUuid());
    for (const merchantId of merchants) await say(ledger, merchantId, { mode: 'delay', delay: hours(0) });
    const others = Array.from({ length: 6 }, () => harness.process());
    const booking = async (of: LedgerProcess): Promise<void> => {
      for (let round = 0; round < 20; round += 1)
        await capture(of, ...merchants.map((merchantId) => ({ merchantId, amount: 3 })));
    };
    let over = false;
    const releasing = async (of: LedgerProcess): Promise<void> => {
      while (!over) {
        await release(of);
        await sleep(1);
      }
    };
    const releasers = others.slice(2).map(releasing);
    await Promise.all(others.slice(0, 2).map(booking));
    over = true;
    await Promise.all(releasers);
    await release(ledger);
    for (const merchantId of merchants) {
      expect(await shown(merchantId)).toEqual(only(0n, 120n));
      const made = await releasesOf(ledger, merchantId);
      expect(made.reduce((sum, { payments }) => sum + payments, 0)).toBe(40);
      expect(made.length).toBeGreaterThan(1);
    }
  }, 60_000);
});
