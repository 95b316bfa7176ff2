/** Whether what is held covers what is owed, on a real database: what is asked, what comes in late or never, and what it comes to. */
import { randomBytes } from 'node:crypto';
import { obligationsTold } from '../../../src/contracts/ledger.events.js';
import { balancesListed, listingEnded } from '../../../src/contracts/routing.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { KeepListings } from '../../../src/modules/reconciliation/listings/keep-listings.js';
import { LISTING_PATIENCE } from '../../../src/modules/reconciliation/listings/listing.js';
import { watchListings } from '../../../src/modules/reconciliation/listings/watch-listings.js';
import { coverageOf, findCheck, type Check } from '../../../src/modules/reconciliation/safeguarding/checks.store.js';
import { judgeWaiting } from '../../../src/modules/reconciliation/safeguarding/judge-checks.js';
import { KeepObligations } from '../../../src/modules/reconciliation/safeguarding/keep-obligations.js';
import { askForCheck, openCheck } from '../../../src/modules/reconciliation/safeguarding/open-check.js';
import { startHarness, stored, type Harness } from './harness.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

let harness: Harness;
let account: string;
const logger = new Logger({ logLevel: 'silent' });
const listings = new KeepListings({ onHeard: () => undefined, onEnded: () => undefined });
const obligations = new KeepObligations();

beforeAll(async () => {
  harness = await startHarness();
});
beforeEach(async () => {
  account = newUuid();
  await harness.database.query(
    `TRUNCATE reconciliation.record, reconciliation.source, reconciliation.settlement, reconciliation.safeguarding_check,
       reconciliation.gateway_balance, reconciliation.listing, messaging.outbox CASCADE`,
  );
  // What is decided about breaks is kept: to truncate them would be to truncate that.
  await harness.database.query('DELETE FROM reconciliation.break');
  await addRecord();
});
afterAll(() => harness.close());

async function addRecord(more: { attemptId?: string; amount?: number } = {}): Promise<void> {
  const { attemptId = newUuid(), amount = 1_000 } = more;
  await harness.database.query(
    `INSERT INTO reconciliation.record (attempt_id, kind, subject_id, merchant_id, livemode, gateway, gateway_account_id, reference, key, status, version, amount, currency, started_at)
     VALUES ($1, 'payment', $2, $3, true, 'paystack', $4, $5, $5, 'succeeded', 1, $6, 'NGN', now())`,
    [attemptId, newUuid(), newUuid(), account, randomBytes(16).toString('hex'), amount],
  );
}

interface Said {
  readonly owed?: number;
  readonly booked?: number;
  readonly captured?: number;
}

const tell = (check: Pick<Check, 'id'>, { owed = 1_000, booked = 1_000, captured = 0 }: Said = {}) =>
  harness.ours.transaction((tx) =>
    obligations.handle(tx, [
      stored(obligationsTold, {
        check_id: check.id,
        told_at: new Date().toISOString(),
        owed: [{ livemode: true, currency: 'NGN', merchants: owed, customers: 0, on_its_way: 0 }],
        clearing: [{ gateway_account_id: account, livemode: true, currency: 'NGN', balance: booked, captured }],
      }),
    ]),
  );

/** What the gateway answers: a balance, or that it has no such list. */
async function answer({ listingIds }: Check, available: number | undefined): Promise<void> {
  const [listingId] = listingIds;
  const at = new Date().toISOString();
  const page = { listing_id: listingId, page: 0, told_at: at };
  const end = { listing_id: listingId, code: null, pages: 1, covers: [], told_at: at };
  const events =
    available === undefined
      ? [stored(listingEnded, { ...end, pages: 0, outcome: 'not_supported', told_at: null })]
      : [
          stored(balancesListed, { ...page, balances: [{ currency: 'NGN', available }] }),
          stored(listingEnded, { ...end, outcome: 'complete' }),
        ];
  await harness.ours.transaction((tx) => listings.handle(tx, events));
  await watchListings({
    database: harness.ours,
    logger,
    patience: LISTING_PATIENCE,
    onReleased: () => undefined,
    onEnded: () => undefined,
  });
}

const ask = () => askForCheck(harness.ours, newUuid());
const look = (after = 0) => judgeWaiting({ database: harness.ours, logger }, new Date(Date.now() + after));
const sentBy = (type: string) =>
  harness.database.query<{ payload: Record<string, unknown> }>(
    'SELECT payload FROM messaging.outbox WHERE type = $1 ORDER BY id',
    [type],
  );

describe('a safeguarding check', () => {
  it('asks the ledger and every gateway, and is judged once both have answered', async () => {
    const check = await ask();
    expect(await sentBy('reconciliation.obligations_requested.v1')).toMatchObject([
      { payload: { check_id: check.id, captured_since: daysAgo(5) } },
    ]);
    expect(await sentBy('reconciliation.listing_requested.v1')).toMatchObject([
      { payload: { gateway_account_id: account, what: 'balances', listing_id: check.listingIds[0] } },
    ]);
    expect(await look()).toBeUndefined();
    await tell(check);
    expect(await look()).toBeUndefined();
    await answer(check, 1_000);
    expect(await look()).toMatchObject([{ status: 'covered', owed: 1_000n, held: 1_000n, shortfall: 0n }]);
    expect(await look()).toBeUndefined();
    expect(await findCheck(harness.ours, check.id)).toMatchObject({ state: 'judged', problem: null });
    expect(await coverageOf(harness.ours, [check.id])).toMatchObject([
      {
        currency: 'NGN',
        livemode: true,
        status: 'covered',
        held: 1_000n,
        parts: { gateways: [{ gatewayAccountId: account, booked: '1000', told: '1000' }], banks: [] },
      },
    ]);
    expect(await sentBy('reconciliation.coverage_judged.v1')).toEqual([
      {
        payload: {
          check_id: check.id,
          livemode: true,
          currency: 'NGN',
          status: 'covered',
          owed: 1_000,
          on_its_way: 0,
          held: 1_000,
          unproved: 0,
          shortfall: 0,
        },
      },
    ]);
  });

  it('says that money is missing, and how much', async () => {
    const check = await ask();
    await tell(check, { captured: 100 });
    await answer(check, 250);
    expect(await look()).toMatchObject([{ status: 'short', held: 350n, shortfall: 650n, unproved: 0n }]);
  });

  it('has our books alone for what a gateway does not tell', async () => {
    const check = await ask();
    await tell(check);
    await answer(check, undefined);
    expect(await look()).toMatchObject([{ status: 'unproved', held: 0n, shortfall: 1_000n, unproved: 1_000n }]);
  });

  it('waits for a gateway for half an hour, then takes what it said before, within six hours', async () => {
    const first = await ask();
    await tell(first);
    await answer(first, 1_000);
    await look();
    const second = await ask();
    expect(second.id).not.toBe(first.id);
    await tell(second);
    expect(await look(29 * 60_000)).toBeUndefined();
    expect(await look(31 * 60_000)).toMatchObject([{ status: 'covered' }]);
    expect(await sentBy('reconciliation.listing_withdrawn.v1')).toMatchObject([
      { payload: { listing_id: second.listingIds[0] } },
    ]);
    const third = await ask();
    await tell(third);
    expect(await look(7 * HOUR_MS)).toMatchObject([{ status: 'unproved' }]);
  });

  it('fails when nobody says what is owed', async () => {
    const check = await ask();
    await answer(check, 1_000);
    expect(await look(31 * 60_000)).toBeUndefined();
    expect(await findCheck(harness.ours, check.id)).toMatchObject({ state: 'failed', problem: 'no_answer' });
    // An answer that comes after all is nobody's.
    await tell(check);
    expect(await look()).toBeUndefined();
  });

  it('is one at a time, and one an hour, whoever asks at once', async () => {
    const checks = await Promise.all(Array.from({ length: 4 }, ask));
    expect(new Set(checks.map(({ id }) => id)).size).toBe(1);
    await tell(checks[0] ?? { id: '' });
    await look(HOUR_MS);
    const hourly = { job: 'hourly', windowFrom: new Date('2026-11-27T10:00:00Z'), requestedBy: null };
    const opened = await Promise.all([1, 2].map(() => openCheck(harness.ours, hourly, new Date())));
    expect(new Set(opened.map((each) => each?.id)).size).toBe(1);
    await tell(opened[0] ?? { id: '' });
    await look(HOUR_MS);
    expect(await openCheck(harness.ours, hourly, new Date())).toBeUndefined();
  });

  it('counts what is on its way to the bank, and what is there by the newest statement', async () => {
    const settle = (net: number, days: number) =>
      harness.database.query(
        `INSERT INTO reconciliation.settlement (id, gateway_account_id, gateway, livemode, gateway_id, status, currency, gross, fees, net, settled_at, told_at)
         VALUES ($1, $2, 'paystack', true, $3, 'settled', 'NGN', $4, 0, $4, now() - make_interval(days => $5), now())`,
        [newUuid(), account, newUuid(), net, days],
      );
    await settle(300, 1);
    await settle(10_000, 8);
    const statement = (closing: number, closedOn: string) =>
      harness.database.query(
        `INSERT INTO reconciliation.source (id, kind, name, livemode, format, told_at, state, window_from, window_to, checksum, closed_at, summary)
         VALUES ($1, 'bank', 'statement.csv', true, 'csv', now(), 'committed', $2::date, $2::date + 1, $3, now(), $4)`,
        [
          newUuid(),
          closedOn,
          randomBytes(32).toString('hex'),
          { statements: [{ account: 'NG01', currency: 'NGN', closing_balance: closing, closed_on: closedOn }] },
        ],
      );
    await statement(10_000, daysAgo(3));
    await statement(400, daysAgo(2));
    const check = await ask();
    await tell(check, { booked: 600 });
    await answer(check, 300);
    expect(await look()).toMatchObject([
      { status: 'covered', held: 1_000n, banks: [{ account: 'NG01', closing: 400n, isRecent: true }] },
    ]);
  });

  it('does not count captures that the gateway denies', async () => {
    const attemptId = newUuid();
    await addRecord({ attemptId, amount: 400 });
    await harness.database.query(
      `INSERT INTO reconciliation.break (id, kind, side, subject, subject_id, gateway_account_id, gateway, livemode, attempt_id, amount, currency, differences, owner, occurred_at, opened_by)
       VALUES ($1, 'missing_there', 'gateway', 'record', $2, $3, 'paystack', true, $2, 400, 'NGN', '[]', 'operations', now(), $1)`,
      [newUuid(), attemptId, account],
    );
    const check = await ask();
    await tell(check, { captured: 1_000 });
    await answer(check, 0);
    expect(await look()).toMatchObject([
      { status: 'short', held: 600n, shortfall: 400n, gateways: [{ settling: 600n, contradicted: 400n }] },
    ]);
  });
});
