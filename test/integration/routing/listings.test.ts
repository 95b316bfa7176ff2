/** Reading gateways' books on a real database, with a gateway that does as it is told. */
import { listingRequested, listingWithdrawn } from '../../../src/contracts/reconciliation.events.js';
import { MAX_LISTED, routingEvents } from '../../../src/contracts/routing.events.js';
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import type { GatewayAdapter } from '../../../src/modules/routing/gateways/gateway-adapter.js';
import type {
  BooksQuery,
  GatewayBooks,
  GatewayTransaction,
  Page,
} from '../../../src/modules/routing/gateways/gateway-parts.js';
import { createGateways } from '../../../src/modules/routing/gateways/index.js';
import { LISTING_SCHEDULE, type ListingSchedule } from '../../../src/modules/routing/listings/listing.js';
import { ReadListings } from '../../../src/modules/routing/listings/read-listings.js';
import { TakeListingRequests } from '../../../src/modules/routing/listings/take-requests.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

const ACCOUNT = newUuid();
const FROM = new Date('2026-11-26T00:00:00Z');
const TO = new Date('2026-11-27T00:00:00Z');

let database: TestDatabase;
let ours: Database;
let gateways: ReturnType<typeof createGateways>;
const readers: ReadListings[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  ours = new Database({ url: database.url, owner: 'routing', poolSize: 4 });
  gateways = createGateways();
});
beforeEach(async () => {
  await database.query('DELETE FROM routing.listing');
  await database.query('TRUNCATE messaging.outbox');
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.stop()));
});
afterAll(async () => {
  await gateways.close();
  await ours.close();
  await database.drop();
});

const line = (id: string): GatewayTransaction => ({
  kind: 'charge',
  id,
  reference: newUuid().replaceAll('-', ''),
  status: 'succeeded',
  amountMinor: 1_000n,
  feeMinor: null,
  currency: 'GHS',
  occurredAt: FROM,
});

type Listed = Page<GatewayTransaction>;
type List = (query: BooksQuery) => Promise<Listed> | Listed;

interface Setting {
  readonly list?: List;
  readonly schedule?: Partial<ListingSchedule>;
  readonly isBusy?: () => boolean;
  readonly readTimeoutMs?: number;
  readonly account?: 'unknown';
}

/** As another process would have it. Not started: a test looks for itself. */
function reader({ list, schedule = {}, isBusy, readTimeoutMs = 1_000, account }: Setting): ReadListings {
  const paystack = gateways.adapters.get('paystack');
  if (paystack === undefined) throw new Error('there is no Paystack');
  const books: GatewayBooks = {
    covers: ['payment'],
    ...(list === undefined ? {} : { listTransactions: async (_, query) => list(query) }),
  };
  const adapter: GatewayAdapter = {
    gateway: 'paystack',
    capabilities: paystack.capabilities,
    requiredCredentials: [],
    writtenReference: (reference) => reference,
    charge: (request, charge) => paystack.charge(request, charge),
    status: (of, query) => paystack.status(of, query),
    verifyWebhook: (of, request) => paystack.verifyWebhook(of, request),
    books,
  };
  const made = new ReadListings({
    database: ours,
    accounts: {
      byId: async (id) =>
        Promise.resolve(
          account === 'unknown'
            ? undefined
            : {
                id,
                gateway: 'paystack',
                name: 'main',
                livemode: false,
                baseUrl: 'http://127.0.0.1:1',
                credentials: {},
                merchantId: null,
                priority: 1,
                enabled: true,
                createdAt: FROM,
                fees: [],
                credentialsProblem: null,
              },
        ),
    },
    adapters: new Map([['paystack', adapter]]),
    logger: new Logger({ logLevel: 'silent' }),
    schedule: { ...LISTING_SCHEDULE, firstPauseMs: 1, longestPauseMs: 4, busyPauseMs: 1, ...schedule },
    readTimeoutMs,
    isBusy: isBusy ?? (() => false),
    onCall: () => undefined,
    onEnded: () => undefined,
  });
  readers.push(made);
  return made;
}

function stored(definition: { readonly type: string }, payload: unknown): StoredEvent {
  return {
    id: newUuid(),
    type: definition.type,
    aggregateType: 'listing',
    aggregateId: newUuid(),
    merchantId: null,
    payload,
    headers: { correlation_id: 'rcr_test' },
    createdAt: new Date(),
  };
}

const handler = new TakeListingRequests(() => undefined);

async function request(what: 'transactions' | 'settlements' = 'transactions', account = ACCOUNT): Promise<string> {
  const id = newUuid();
  const event = stored(listingRequested, {
    listing_id: id,
    gateway_account_id: account,
    what,
    from: FROM.toISOString(),
    to: TO.toISOString(),
  });
  // Told twice, it is one.
  await ours.transaction((tx) => handler.handle(tx, [event]));
  await ours.transaction((tx) => handler.handle(tx, [event]));
  return id;
}

const withdraw = (id: string): Promise<void> =>
  ours.transaction((tx) => handler.handle(tx, [stored(listingWithdrawn, { listing_id: id })]));

interface Told {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Everything that was announced, each of it as the contract has it. */
async function told(): Promise<readonly Told[]> {
  const rows = await database.query<Told>('SELECT type, payload FROM messaging.outbox ORDER BY seq');
  for (const { type, payload } of rows)
    routingEvents.find((definition) => definition.type === type)?.schema.parse(payload);
  return rows;
}

const stateOf = async (id: string) =>
  (
    await database.query<{ state: string; tries: number; code: string | null }>(
      'SELECT state, tries, code FROM routing.listing WHERE id = $1',
      [id],
    )
  )[0];

/** Looks again and again until nothing is open. */
async function untilOver(...all: readonly ReadListings[]): Promise<void> {
  await eventually(async () => {
    for (const each of all) {
      await each.run();
      await each.settled();
    }
    const open = await database.query(`SELECT 1 FROM routing.listing WHERE state IN ('queued', 'reading')`);
    expect(open).toEqual([]);
  });
}

describe('a listing', () => {
  it('is announced in pages without gaps, a large one of the gateway as several, an empty one as none', async () => {
    const id = await request();
    const pages: Readonly<Record<string, Listed>> = {
      first: {
        kind: 'page',
        items: Array.from({ length: MAX_LISTED * 2 + 1 }, (_, index) => line(`a${index}`)),
        next: 'b',
      },
      b: { kind: 'page', items: [], next: 'c' },
      c: { kind: 'page', items: [line('c')], next: null },
    };
    const asked: BooksQuery[] = [];
    const list: List = (query) => {
      asked.push(query);
      return pages[query.cursor ?? 'first'] ?? { kind: 'failed', code: 'no_such_page' };
    };
    await untilOver(reader({ list }));
    expect(asked.map(({ from, to, cursor }) => ({ from, to, cursor }))).toEqual(
      [null, 'b', 'c'].map((cursor) => ({ from: FROM, to: TO, cursor })),
    );
    const events = await told();
    expect(events.map(({ type, payload }) => [type, payload['page'] ?? payload['pages']])).toEqual([
      ['routing.transactions_listed.v1', 0],
      ['routing.transactions_listed.v1', 1],
      ['routing.transactions_listed.v1', 2],
      ['routing.transactions_listed.v1', 3],
      ['routing.listing_ended.v1', 4],
    ]);
    expect(events.map(({ payload }) => (payload['lines'] as unknown[] | undefined)?.length)).toEqual([
      MAX_LISTED,
      MAX_LISTED,
      1,
      1,
      undefined,
    ]);
    expect(events.at(-1)?.payload).toMatchObject({
      listing_id: id,
      outcome: 'complete',
      code: null,
      covers: ['payment'],
    });
    expect(new Set(events.map(({ payload }) => payload['told_at'])).size).toBe(1);
  });

  it('of what the API does not list, or of an account that nobody knows, ends at once and says so', async () => {
    const [settlements, transactions] = [await request('settlements'), await request()];
    await untilOver(reader({ list: () => ({ kind: 'page', items: [], next: null }) }));
    await request('transactions', newUuid());
    await untilOver(reader({ account: 'unknown' }));
    const ends = (await told()).map(({ payload }) => [payload['outcome'], payload['code']]);
    expect(ends).toEqual([
      ['complete', null],
      ['not_supported', null],
      ['failed', 'unknown_account'],
    ]);
    expect([(await stateOf(transactions))?.state, (await stateOf(settlements))?.state]).toEqual([
      'complete',
      'not_supported',
    ]);
  });

  it('is read by one process at a time, and what one that slept still writes is nothing', async () => {
    const id = await request();
    let wake: (page: Listed) => void = () => undefined;
    const slept = new Promise<Listed>((resolve) => {
      wake = resolve;
    });
    const first = reader({ list: () => slept });
    await first.run();
    const second = reader({
      list: ({ cursor }) => ({ kind: 'page', items: [line(cursor ?? 'x')], next: cursor === null ? 'y' : null }),
    });
    await second.run();
    await second.settled();
    expect(await stateOf(id)).toMatchObject({ state: 'reading' });
    await database.query(`UPDATE routing.listing SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
    await second.run();
    await second.settled();
    const before = await told();
    expect(before).toHaveLength(3);
    wake({ kind: 'page', items: [line('late')], next: null });
    await first.settled();
    expect(await told()).toEqual(before);
  });

  it('of one account waits for the other one, those of other accounts do not', async () => {
    await request();
    await request();
    await request('transactions', newUuid());
    const gates: (() => void)[] = [];
    const list: List = () =>
      new Promise((resolve) => {
        gates.push(() => resolve({ kind: 'page', items: [], next: null }));
      });
    const [one, two] = [reader({ list }), reader({ list })];
    await Promise.all([one.run(), two.run(), one.run()]);
    await eventually(async () => {
      await one.run();
      expect(gates).toHaveLength(2);
    });
    expect(await database.query(`SELECT 1 FROM routing.listing WHERE state = 'queued'`)).toHaveLength(1);
    for (let gate = gates.shift(); gate !== undefined; gate = gates.shift()) gate();
    await Promise.all([one.settled(), two.settled()]);
    await one.run();
    await eventually(() => expect(gates).toHaveLength(1));
    gates[0]?.();
  });

  it('goes on where it was after failures, as late as the gateway wants', async () => {
    const id = await request();
    const answers: Listed[] = [
      { kind: 'page', items: [line('1')], next: '2' },
      { kind: 'failed', code: 'http_503' },
      { kind: 'failed', code: 'rate_limited', retryAfterMs: 700 },
      { kind: 'page', items: [line('2')], next: null },
    ];
    const asked: { readonly cursor: string | null; readonly at: number }[] = [];
    const list: List = ({ cursor }) => {
      asked.push({ cursor, at: performance.now() });
      return answers.shift() ?? { kind: 'failed', code: 'asked_too_often' };
    };
    await untilOver(reader({ list }));
    expect(asked.map(({ cursor }) => cursor)).toEqual([null, '2', '2', '2']);
    expect((asked[3]?.at ?? 0) - (asked[2]?.at ?? 0)).toBeGreaterThanOrEqual(690);
    expect(await stateOf(id)).toEqual({ state: 'complete', tries: 0, code: null });
  });

  it.each<[string, Setting, string]>([
    ['a gateway that stays away', { list: () => ({ kind: 'failed', code: 'http_503' }) }, 'http_503'],
    [
      'a gateway that wants more time than there is',
      { list: () => ({ kind: 'failed', code: 'rate_limited', retryAfterMs: 3_600_000 }) },
      'rate_limited',
    ],
    [
      'an account that never has room',
      { list: () => ({ kind: 'page', items: [], next: null }), isBusy: () => true },
      'account_busy',
    ],
    ['an adapter that throws', { list: () => Promise.reject(new Error('oh')) }, 'unreadable_page'],
    [
      'an amount beyond what can be told',
      { list: () => ({ kind: 'page', items: [{ ...line('x'), amountMinor: 2n ** 60n }], next: null }) },
      'unreadable_page',
    ],
  ])('of %s is given up', async (_, setting, code) => {
    const id = await request();
    await untilOver(reader({ ...setting, schedule: { patienceMs: 300 } }));
    expect(await stateOf(id)).toMatchObject({ state: 'failed', code });
    expect((await told()).map(({ payload }) => payload)).toEqual([
      { listing_id: id, outcome: 'failed', code, pages: 0, covers: [], told_at: null },
    ]);
  });

  it('that leads in a circle is given up at once', async () => {
    const id = await request();
    await untilOver(reader({ list: () => ({ kind: 'page', items: [line('x')], next: 'same' }) }));
    expect(await stateOf(id)).toMatchObject({ state: 'failed', code: 'cursor_stands_still' });
    expect((await told()).at(-1)?.payload).toMatchObject({ outcome: 'failed', pages: 1 });
  });

  it('asks for nothing while payments wait for the account', async () => {
    await request();
    let isBusy = true;
    let calls = 0;
    const list: List = () => {
      calls += 1;
      return { kind: 'page', items: [], next: null };
    };
    const one = reader({ list, isBusy: () => isBusy });
    for (let look = 0; look < 5; look += 1) {
      await one.run();
      await one.settled();
    }
    expect(calls).toBe(0);
    isBusy = false;
    await untilOver(one);
    expect(calls).toBe(1);
  });

  it('that is withdrawn is read no further, and one withdrawn before it was begun is not begun', async () => {
    const [id, never] = [await request(), await request()];
    await withdraw(never);
    let wake: (page: Listed) => void = () => undefined;
    const list: List = () =>
      new Promise((resolve) => {
        wake = resolve;
      });
    const one = reader({ list });
    await one.run();
    await withdraw(id);
    wake({ kind: 'page', items: [line('x')], next: 'y' });
    await one.settled();
    await untilOver(one);
    expect(await told()).toEqual([]);
    expect([await stateOf(id), await stateOf(never)]).toMatchObject([{ state: 'canceled' }, { state: 'canceled' }]);
  });

  it('is given back by a process that stops, and read on by the next from its page', async () => {
    const id = await request();
    const list: List = ({ cursor }) => ({
      kind: 'page',
      items: [line(cursor ?? '0')],
      next: String(Number(cursor ?? 0) + 1),
    });
    const one = reader({ list });
    one.start();
    await eventually(async () => expect((await told()).length).toBeGreaterThan(2));
    await one.stop();
    expect(await stateOf(id)).toMatchObject({ state: 'queued' });
    const before = await told();
    const asked: (string | null)[] = [];
    const last: List = ({ cursor }) => {
      asked.push(cursor);
      return { kind: 'page', items: [line('last')], next: null };
    };
    await untilOver(reader({ list: last }));
    expect(asked).toEqual([String(before.length)]);
    expect((await told()).at(-1)?.payload).toMatchObject({ outcome: 'complete', pages: before.length + 1 });
  });
});
