/** Listings as sources, on a real database: what routing tells of them in any order, late, twice, or never. */
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { refundCreated, refundFailed } from '../../../src/contracts/payments.events.js';
import { listingRequested, listingWithdrawn } from '../../../src/contracts/reconciliation.events.js';
import {
  listingEnded,
  MAX_LISTED,
  settlementsListed,
  transactionsListed,
  type ListedLine,
  type ListedSettlement,
} from '../../../src/contracts/routing.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { KeepListings } from '../../../src/modules/reconciliation/listings/keep-listings.js';
import { LISTING_PATIENCE, transactionsFor } from '../../../src/modules/reconciliation/listings/listing.js';
import { cancelRunAndListing, openRun } from '../../../src/modules/reconciliation/listings/open-run.js';
import { listSettlements } from '../../../src/modules/reconciliation/settlements/settlements.store.js';
import { watchListings } from '../../../src/modules/reconciliation/listings/watch-listings.js';
import { KeepRefunds } from '../../../src/modules/reconciliation/records/keep-refunds.js';
import { askForRun } from '../../../src/modules/reconciliation/runs/ask-for-run.js';
import { claimRun, findRun, type Run } from '../../../src/modules/reconciliation/runs/runs.store.js';
import { plantDay, storeDay, type PlantedDay } from '../../support/planted-day.js';
import { DAY, DAY_MS, foundBreaks, startHarness, stored, workThrough, type Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const handler = new KeepListings({ onHeard: () => undefined, onEnded: () => undefined });
const ends: string[] = [];
const watching = (patience = LISTING_PATIENCE) => ({
  database: harness.ours,
  logger: new Logger({ logLevel: 'silent' }),
  patience,
  onReleased: () => undefined,
  onEnded: (_: unknown, outcome: string) => void ends.push(outcome),
});

async function open(account = newUuid(), withSettlements = false): Promise<Run> {
  const { run } = await openRun(
    harness.ours,
    {
      id: newUuid(),
      job: newUuid(),
      gatewayAccountId: account,
      gateway: 'paystack',
      livemode: true,
      from: DAY,
      to: new Date(DAY.getTime() + DAY_MS),
      requestedBy: null,
      withSettlements,
    },
    new Date(),
  );
  return run;
}

const sourceOf = ({ sourceId }: Run): string => {
  if (sourceId === null) throw new Error('the run waits for nothing');
  return sourceId;
};

async function read({ id }: Pick<Run, 'id'>): Promise<Run> {
  const run = await findRun(harness.ours, id);
  if (run === undefined) throw new Error('the run is gone');
  return run;
}

const hear = (...events: readonly StoredEvent[]): Promise<void> =>
  harness.ours.transaction((tx) => handler.handle(tx, events));

/** A planted day's lines, as the gateway would list them. */
function listed(day: Pick<PlantedDay, 'lines'>): readonly ListedLine[] {
  return day.lines.map((line) => ({
    id: String(line.id),
    reference: line.reference,
    kind: 'charge',
    status: line.status,
    amount: Number(line.amountMinor),
    fee: line.feeMinor === null ? null : Number(line.feeMinor),
    currency: line.currency,
    occurred_at: line.occurredAt.toISOString(),
  }));
}

const TOLD_AT = new Date().toISOString();

function pagesOf(listingId: string, lines: readonly ListedLine[], size = MAX_LISTED): readonly StoredEvent[] {
  return Array.from({ length: Math.ceil(lines.length / size) }, (_, page) =>
    stored(transactionsListed, {
      listing_id: listingId,
      page,
      told_at: TOLD_AT,
      lines: lines.slice(page * size, (page + 1) * size),
    }),
  );
}

const endOf = (listingId: string, pages: number, covers: readonly string[] = ['payment']): StoredEvent =>
  stored(listingEnded, { listing_id: listingId, outcome: 'complete', code: null, pages, covers, told_at: TOLD_AT });

const noListing = (listingId: string, outcome: 'not_supported' | 'failed', code: string | null): StoredEvent =>
  stored(listingEnded, { listing_id: listingId, outcome, code, pages: 0, covers: [], told_at: null });

const asked = (account: string) =>
  harness.database.query<{ type: string; payload: Readonly<Record<string, string>> }>(
    `SELECT type, payload FROM messaging.outbox WHERE type LIKE 'reconciliation.%'
        AND payload->>'listing_id' IN (SELECT id::text FROM reconciliation.listing WHERE gateway_account_id = $1) ORDER BY seq`,
    [account],
  );

const DAY_OF_PLANTS = {
  seed: 21,
  day: DAY,
  plain: 120,
  plants: { missing_here: 2, missing_there: 2, amount: 2, fee: 1, duplicate: 1, status_failed_there: 1 },
  odd: {},
} as const;

describe("a run that asks for the gateway's books", () => {
  it('waits, and asks for its window and what lies around it, once', async () => {
    const account = newUuid();
    const run = await open(account, true);
    expect(run).toMatchObject({
      state: 'waiting',
      listing: { state: 'asked', pages: null, pagesIn: 0, linesIn: 0, asks: 1 },
    });
    const again = await openRun(
      harness.ours,
      { ...run, requestedBy: null, withSettlements: true, id: newUuid() },
      new Date(),
    );
    expect([again.isNew, again.run.id]).toEqual([false, run.id]);
    const events = await asked(account);
    expect(events.map(({ type, payload }) => [type, payload['what']])).toEqual([
      [listingRequested.type, 'settlements'],
      [listingRequested.type, 'transactions'],
    ]);
    const window = transactionsFor(run, new Date());
    expect(events[1]?.payload).toEqual({
      listing_id: run.sourceId,
      gateway_account_id: account,
      what: 'transactions',
      from: window?.from.toISOString(),
      to: window?.to.toISOString(),
    });
    expect((window?.from.getTime() ?? 0) <= DAY.getTime() - 3_600_000).toBe(true);
    expect(await claimRun(harness.ours)).toBeUndefined();
  });

  it('of a time to come asks for what there is, or for nothing', () => {
    const now = new Date('2026-11-27T12:00:00Z');
    const day = { from: new Date('2026-11-27T00:00:00Z'), to: new Date('2026-11-28T00:00:00Z') };
    expect(transactionsFor(day, now)?.to).toEqual(now);
    expect(transactionsFor({ from: day.to, to: new Date('2026-11-29T00:00:00Z') }, now)).toBeUndefined();
  });

  it('finds the same as with a file, when all pages are in: whatever their order, and however often they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: MAX_LISTED }),
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 6 }),
        async (size, chance, batch) => {
          const account = newUuid();
          const day = plantDay({ ...DAY_OF_PLANTS, gatewayAccountId: account, merchantId: account });
          await storeDay((sql, values) => harness.database.query(sql, values), day);
          const run = await open(account);
          const source = sourceOf(run);
          const pages = pagesOf(source, listed(day), size);
          const events = [...pages, endOf(source, pages.length)];
          const next = (below: number): number => Number(chance.next().value) % below;
          const last = events.splice(next(events.length), 1);
          const twice = [...events, ...events.filter(() => next(3) === 0)];
          for (let index = twice.length - 1; index > 0; index -= 1) {
            const other = next(index + 1);
            [twice[index], twice[other]] = [twice[other] as StoredEvent, twice[index] as StoredEvent];
          }
          for (let from = 0; from < twice.length; from += batch) await hear(...twice.slice(from, from + batch));
          await watchListings(watching());
          // One is missing still, and nothing of it can be seen.
          expect(await read(run)).toMatchObject({ state: 'waiting', listing: { state: 'asked' } });
          expect(
            await harness.database.query('SELECT 1 FROM reconciliation.line WHERE gateway_account_id = $1', [account]),
          ).toEqual([]);
          await hear(...last);
          await watchListings(watching());
          expect(await read(run)).toMatchObject({
            state: 'queued',
            listing: { state: 'complete', pages: pages.length, pagesIn: pages.length, linesIn: day.lines.length },
          });
          // What comes after the end is nobody's.
          await hear(...pages.slice(0, 2), endOf(source, pages.length + 5));
          await workThrough(harness);
          expect(await foundBreaks(harness, account)).toEqual(day.breaks);
        },
      ),
      // Made smaller, a case that fails is tried a hundred times over, each with days of its own.
      { numRuns: 6, endOnFailure: true },
    );
  });

  it.each([
    ['not_supported', null],
    ['failed', 'http_503'],
  ] as const)(
    'goes ahead without them when the answer is %s, and calls nothing missing there',
    async (outcome, code) => {
      const account = newUuid();
      const day = plantDay({ ...DAY_OF_PLANTS, gatewayAccountId: account, merchantId: account });
      await storeDay((sql, values) => harness.database.query(sql, values), day);
      const run = await open(account);
      // Some pages had come before it failed: half of a listing is none.
      await hear(...pagesOf(sourceOf(run), listed(day)).slice(0, 1), noListing(sourceOf(run), outcome, code));
      expect(await read(run)).toMatchObject({ state: 'queued', listing: { state: outcome, code } });
      const ended = await workThrough(harness);
      expect(ended.id).toBe(run.id);
      expect(await foundBreaks(harness, account)).toEqual([]);
      const [source] = await harness.database.query(
        'SELECT state, (SELECT count(*)::int FROM reconciliation.staged_line WHERE source_id = s.id) AS staged FROM reconciliation.source s WHERE id = $1',
        [run.sourceId],
      );
      expect(source).toEqual({ state: 'abandoned', staged: 0 });
    },
  );

  it('asks again when nobody answers, once, and then goes ahead without', async () => {
    const account = newUuid();
    const run = await open(account);
    const first = sourceOf(run);
    const patience = { silenceMs: 60_000, asks: 2 };
    const silent = () =>
      harness.database.query(
        `UPDATE reconciliation.listing SET heard_at = now() - interval '2 minutes' WHERE gateway_account_id = $1`,
        [account],
      );
    await watchListings(watching(patience));
    expect((await read(run)).sourceId).toBe(first);
    await silent();
    await watchListings(watching(patience));
    const moved = await read(run);
    expect(moved).toMatchObject({ state: 'waiting', listing: { state: 'asked', asks: 2 } });
    expect(moved.sourceId).not.toBe(first);
    expect((await asked(account)).map(({ type, payload }) => [type, payload['listing_id']])).toEqual([
      [listingRequested.type, first],
      [listingWithdrawn.type, first],
      [listingRequested.type, moved.sourceId],
    ]);
    // The first answer at last: nobody wants it any more.
    await hear(
      ...pagesOf(first, listed(plantDay({ ...DAY_OF_PLANTS, gatewayAccountId: account, merchantId: account }))),
      endOf(first, 3),
    );
    await watchListings(watching(patience));
    expect(await read(run)).toMatchObject({ state: 'waiting', listing: { pagesIn: 0 } });
    await silent();
    await watchListings(watching(patience));
    expect(await read(run)).toMatchObject({
      state: 'queued',
      listing: { state: 'failed', code: 'no_answer', asks: 2 },
    });
    expect((await claimRun(harness.ours))?.id).toBe(run.id);
    await harness.database.query(`UPDATE reconciliation.run SET state = 'failed', finished_at = now() WHERE id = $1`, [
      run.id,
    ]);
  });

  it('does not ask again while another listing of the account is coming in', async () => {
    const account = newUuid();
    const [run, other] = [await open(account), await open(account)];
    const patience = { silenceMs: 60_000, asks: 2 };
    await harness.database.query(
      `UPDATE reconciliation.listing SET heard_at = now() - interval '2 minutes' WHERE gateway_account_id = $1`,
      [account],
    );
    await hear(
      ...pagesOf(
        sourceOf(other),
        listed(plantDay({ ...DAY_OF_PLANTS, gatewayAccountId: account, merchantId: account })),
      ),
    );
    await watchListings(watching(patience));
    expect((await read(run)).sourceId).toBe(run.sourceId);
    for (const each of [run, other]) await cancelRunAndListing(harness.ours, each.id);
  });

  it('is canceled with its listing, of which nothing stays', async () => {
    const account = newUuid();
    const run = await open(account);
    const source = sourceOf(run);
    const pages = pagesOf(
      source,
      listed(plantDay({ ...DAY_OF_PLANTS, gatewayAccountId: account, merchantId: account })),
    );
    await hear(...pages);
    expect(await cancelRunAndListing(harness.ours, run.id)).toMatchObject({
      state: 'canceled',
      listing: { state: 'canceled' },
    });
    expect(await cancelRunAndListing(harness.ours, run.id)).toBeUndefined();
    await hear(endOf(source, pages.length));
    await watchListings(watching());
    expect((await read(run)).state).toBe('canceled');
    expect((await asked(account)).at(-1)).toEqual({ type: listingWithdrawn.type, payload: { listing_id: source } });
    expect(
      await harness.database.query('SELECT 1 FROM reconciliation.line WHERE gateway_account_id = $1', [account]),
    ).toEqual([]);
    expect(await harness.database.query('SELECT 1 FROM reconciliation.staged_line')).toEqual([]);
    expect(await harness.database.query('SELECT 1 FROM reconciliation.listing_page')).toEqual([]);
  });
});

describe('a charge that the gateway calls reversed', () => {
  const refunds = new KeepRefunds();
  const told = (
    definition: typeof refundCreated | typeof refundFailed,
    refundId: string,
    attemptId: string,
  ): StoredEvent => ({
    ...stored(listingEnded, {
      listing_id: newUuid(),
      outcome: 'failed',
      code: null,
      pages: 0,
      covers: [],
      told_at: null,
    }),
    type: definition.type,
    payload: { refund_id: refundId, captured_by: attemptId },
  });

  it.each([
    ['that we gave back, is no difference', [refundCreated], []],
    ['of which a refund failed, is one', [refundFailed, refundCreated], ['status']],
    ['of which a refund failed after it was accepted, is one', [refundCreated, refundFailed], ['status']],
    ['that we know nothing of, is one', [], ['status']],
  ] as const)('%s', async (_, events, kinds) => {
    const account = newUuid();
    const day = plantDay({ ...DAY_OF_PLANTS, plants: {}, plain: 1, gatewayAccountId: account, merchantId: account });
    await storeDay((sql, values) => harness.database.query(sql, values), day);
    const refundId = newUuid();
    const attemptId = String(day.records[0]?.['attempt_id']);
    for (const each of events)
      await harness.ours.transaction((tx) => refunds.handle(tx, [told(each, refundId, attemptId)]));
    const run = await open(account);
    const lines = listed(day).map((line) => ({ ...line, status: 'reversed' as const }));
    await hear(...pagesOf(sourceOf(run), lines), endOf(sourceOf(run), 1));
    await watchListings(watching());
    await workThrough(harness);
    expect((await foundBreaks(harness, account)).map((found) => found.split(' ')[0])).toEqual(kinds);
  });
});

describe('settlements', () => {
  const settlement: ListedSettlement = {
    id: '3090024',
    status: 'pending',
    currency: 'NGN',
    gross: 1_000_000,
    fees: 15_000,
    net: 985_000,
    settled_at: null,
    bank_reference: null,
  };

  async function tell(account: string, told: readonly ListedSettlement[], toldAt: string): Promise<void> {
    await open(account, true);
    const [listing] = await harness.database.query<{ id: string }>(
      `SELECT id FROM reconciliation.listing WHERE gateway_account_id = $1 AND what = 'settlements' ORDER BY created_at DESC LIMIT 1`,
      [account],
    );
    const id = String(listing?.id);
    await hear(
      stored(settlementsListed, { listing_id: id, page: 0, told_at: toldAt, settlements: told }),
      endOf(id, 1, []),
    );
    await watchListings(watching());
    expect(await harness.database.query('SELECT state FROM reconciliation.listing WHERE id = $1', [id])).toEqual([
      { state: 'complete' },
    ]);
  }

  const listedOf = (account: string) =>
    listSettlements(harness.ours, {
      gatewayAccountId: account,
      status: null,
      currency: null,
      settledAfter: null,
      settledBefore: null,
      isReceived: null,
      livemode: null,
      before: null,
      after: null,
      limit: 10,
    });

  it('are kept once, as they were told last', async () => {
    const account = newUuid();
    await tell(account, [settlement, { ...settlement, id: 'other' }], '2026-11-20T02:00:00.000Z');
    const [, first] = await listedOf(account);
    const paid = {
      ...settlement,
      status: 'settled',
      settled_at: '2026-11-21T09:00:00.000Z',
      bank_reference: 'NIP-1',
    } as const;
    await tell(account, [paid], '2026-11-22T02:00:00.000Z');
    // What was told the day before comes too late.
    await tell(account, [settlement], '2026-11-21T02:00:00.000Z');
    const rows = await listedOf(account);
    expect(rows).toHaveLength(2);
    const now = rows.find(({ gatewayId }) => gatewayId === settlement.id);
    expect(now).toMatchObject({
      status: 'settled',
      gross: 1_000_000n,
      fees: 15_000n,
      net: 985_000n,
      settledAt: new Date('2026-11-21T09:00:00.000Z'),
      bankReference: 'NIP-1',
      toldAt: new Date('2026-11-22T02:00:00.000Z'),
    });
    const same = await listedOf(account);
    await tell(account, [paid], '2026-11-23T02:00:00.000Z');
    const later = (await listedOf(account)).find(({ gatewayId }) => gatewayId === settlement.id);
    expect(later?.updatedAt).toEqual(same.find(({ gatewayId }) => gatewayId === settlement.id)?.updatedAt);
    expect(first).toBeDefined();
    await harness.database.query(
      `UPDATE reconciliation.run SET state = 'canceled', finished_at = now() WHERE state = 'waiting'`,
    );
  });
});

describe('twenty thousand lines', () => {
  it('are taken in as a whole, within some megabytes', async () => {
    const account = newUuid();
    const run = await open(account);
    const lines: readonly ListedLine[] = Array.from({ length: 20_000 }, (_, index) => ({
      id: `tx-${index}`,
      reference: newUuid().replaceAll('-', ''),
      kind: 'charge',
      status: 'succeeded',
      amount: 1_000 + index,
      fee: 15,
      currency: 'GHS',
      occurred_at: new Date(DAY.getTime() + index).toISOString(),
    }));
    const pages = pagesOf(sourceOf(run), lines);
    expect(pages).toHaveLength(400);
    const [startedAt, memory] = [performance.now(), process.memoryUsage().rss];
    // A consumer's full batches.
    for (let from = 0; from < pages.length; from += 250) await hear(...pages.slice(from, from + 250));
    await hear(endOf(sourceOf(run), pages.length));
    const heardMs = performance.now() - startedAt;
    await watchListings(watching());
    const takenMs = performance.now() - startedAt;
    const grewMb = (process.memoryUsage().rss - memory) / 1_048_576;
    process.stdout.write(`${JSON.stringify({ heardMs, takenMs, grewMb })}\n`);
    expect(await read(run)).toMatchObject({ state: 'queued', listing: { state: 'complete', linesIn: 20_000 } });
    expect(grewMb).toBeLessThan(150);
  }, 60_000);
});

describe('a process whose clock is an hour slow', () => {
  beforeEach(() =>
    jest.useFakeTimers({
      now: Date.now() - 3_600_000,
      doNotFake: [
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setInterval',
        'clearInterval',
        'setTimeout',
        'clearTimeout',
      ],
    }),
  );
  afterEach(() => jest.useRealTimers());

  it('asks for what has happened until now by the clock that all share', async () => {
    const account = newUuid();
    await open(account);
    const { begun } = await databaseTimes('SELECT clock_timestamp() AS begun');
    const from = new Date(begun.getTime() - DAY_MS);
    const to = new Date(begun.getTime() + DAY_MS);
    const asked = { gatewayAccountId: account, from, to, requestedBy: null, asksGateway: true };
    await askForRun(harness.ours, asked);
    const { until } = await databaseTimes(
      'SELECT max(window_to) AS until FROM reconciliation.listing WHERE gateway_account_id = $1',
      account,
    );
    expect(until.getTime()).toBeGreaterThanOrEqual(begun.getTime());
  });

  async function databaseTimes(sql: string, ...values: readonly string[]): Promise<Record<'begun' | 'until', Date>> {
    const [row] = await harness.ours.query<Record<'begun' | 'until', Date>>(sql, values);
    if (row === undefined) throw new Error('no time');
    return row;
  }
});
