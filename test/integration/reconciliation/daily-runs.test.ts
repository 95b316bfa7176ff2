/** The runs of each day: asked for by whoever comes first, once. */
import { listingEnded } from '../../../src/contracts/routing.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { KeepListings } from '../../../src/modules/reconciliation/listings/keep-listings.js';
import { openDailyRuns } from '../../../src/modules/reconciliation/runs/daily-runs.js';
import { everyAccount } from '../../../src/modules/reconciliation/runs/runs.store.js';
import { workOnNext } from '../../../src/modules/reconciliation/runs/work-on-runs.js';
import { plantDay, storeDay } from '../../support/planted-day.js';
import { DAY, DAY_MS, startHarness, type Harness } from './harness.js';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

async function payAt(account: string): Promise<void> {
  const day = plantDay({
    seed: 3,
    gatewayAccountId: account,
    merchantId: account,
    day: DAY,
    plain: 3,
    plants: {},
    odd: {},
  });
  await storeDay((sql, values) => harness.database.query(sql, values), day);
}

/** What routing says of a gateway that has no list. */
async function nothingIsListed(): Promise<void> {
  const listings = await harness.database.query<{ id: string }>(
    `SELECT id FROM reconciliation.listing WHERE state = 'asked'`,
  );
  const handler = new KeepListings({ onHeard: () => undefined, onEnded: () => undefined });
  const events = listings.map(({ id }) => ({
    id: newUuid(),
    type: listingEnded.type,
    aggregateType: 'listing',
    aggregateId: id,
    merchantId: null,
    payload: { listing_id: id, outcome: 'not_supported', code: null, pages: 0, covers: [], told_at: null },
    headers: { correlation_id: 'rcr_test' },
    createdAt: new Date(),
  }));
  await harness.ours.transaction((tx) => handler.handle(tx, events));
}

describe('daily runs', () => {
  it('are opened once per account and day, also by two schedulers at the same moment', async () => {
    const accounts = [newUuid(), newUuid()].toSorted();
    for (const account of accounts) await payAt(account);
    expect((await everyAccount(harness.ours)).map(({ gatewayAccountId }) => gatewayAccountId)).toEqual(accounts);

    const now = new Date(DAY.getTime() + 3 * DAY_MS + 7_200_000);
    const opened = await Promise.all([1, 2, 3].map(() => openDailyRuns(harness.ours, now)));
    const runs = opened.flat();
    expect(runs).toHaveLength(8);
    expect(new Set(runs.map(({ gatewayAccountId, from }) => `${gatewayAccountId} ${from.toISOString()}`)).size).toBe(8);
    expect(runs.map(({ from }) => from.getTime())).toContain(DAY.getTime());
    expect(Math.max(...runs.map(({ to }) => to.getTime()))).toBe(DAY.getTime() + 3 * DAY_MS);
    // Each waits for its listing; the settlements of an account are asked for once.
    expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['waiting']));
    const listings = await harness.database.query(
      'SELECT what, count(*)::int AS count FROM reconciliation.listing GROUP BY what ORDER BY what',
    );
    expect(listings).toEqual([
      { what: 'settlements', count: 2 },
      { what: 'transactions', count: 8 },
    ]);
    // The next day there is one more of each.
    expect(await openDailyRuns(harness.ours, new Date(now.getTime() + DAY_MS))).toHaveLength(2);
  });

  it('are worked on one after the other until none is due', async () => {
    const account = newUuid();
    await payAt(account);
    await openDailyRuns(harness.ours, new Date(DAY.getTime() + 2 * DAY_MS));
    await nothingIsListed();
    const logger = new Logger({ logLevel: 'silent' });
    let worked = 0;
    while (await workOnNext(harness.ours, logger)) worked += 1;
    expect(worked).toBe(4);
    expect(
      await harness.database.query(
        `SELECT state, (counts->>'records')::int AS records FROM reconciliation.run WHERE window_from = $1`,
        [DAY.toISOString()],
      ),
    ).toEqual([{ state: 'succeeded', records: 3 }]);
  });

  it('fail for good after five tries, with what went wrong', async () => {
    const account = newUuid();
    await payAt(account);
    await openDailyRuns(harness.ours, new Date(DAY.getTime() + DAY_MS));
    await nothingIsListed();
    await harness.database.query('ALTER TABLE reconciliation.match RENAME TO not_there');
    const logger = new Logger({ logLevel: 'silent' });
    const [{ id } = { id: '' }] = await harness.database.query<{ id: string }>(
      'SELECT id FROM reconciliation.run WHERE window_from = $1',
      [DAY.toISOString()],
    );
    const stateOf = () =>
      harness.database.query<{ state: string; tries: number; problem: string | null }>(
        'SELECT state, tries, problem FROM reconciliation.run WHERE id = $1',
        [id],
      );
    await harness.database.query('DELETE FROM reconciliation.run WHERE id <> $1', [id]);
    for (let tries = 1; tries <= 5; tries += 1) {
      await expect(workOnNext(harness.ours, logger)).rejects.toThrow();
      expect(await stateOf()).toEqual([
        { state: tries < 5 ? 'queued' : 'failed', tries, problem: expect.stringMatching(/./) as string },
      ]);
    }
    expect(await workOnNext(harness.ours, logger)).toBe(false);
  });
});
