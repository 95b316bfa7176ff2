/** Settlement through the whole program: what was captured becomes available when its policy says, once, and merchants see when. */
import { Database } from '../../src/kernel/database/database.js';
import { encodeId } from '../../src/kernel/ids/ids.js';
import { takeLines } from '../../src/modules/reconciliation/lines/take-lines.js';
import { eventually } from '../support/eventually.js';
import { inBatches } from '../support/planted-day.js';
import { proveBooks } from './support/books.js';
import { makeOrders, payThroughCrash } from './support/crash.js';
import { payOutBy } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import { balanceIn, payOut } from './support/money-out.js';
import { everyPayment, mobileMoney, pay } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const HOUR_MS = 3_600_000;

interface Release {
  readonly id: string;
  readonly from: string;
  readonly amount: number;
  readonly matured: number;
  readonly payments: number;
}

describeInEachMode('Settlement', (mode) => {
  let system: System;
  beforeEach(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterEach(() => system.close(), START_TIMEOUT_MS);

  const say = async (content: object) => {
    const answer = await system.admin.post('/admin/v1/ledger/settlement_policies', { content, note: 'a test' });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const list = async <T>(path: string): Promise<readonly T[]> => {
    const { status, body } = await system.merchant.get<{ data: readonly T[] }>(path);
    expect(status).toBe(200);
    return body.data;
  };

  it(
    'shows what is coming, releases it in its time, and says what a release contains',
    async () => {
      const policy = await say({
        mode: 'delay',
        // Longer than the payout below takes to be refused, on any machine.
        delay: { seconds: 25 },
        reserve: { percent_bps: 1_000, delay: { days: 90 } },
        payout_funds: 'available',
      });
      const payment = await pay(system, mobileMoney({ amount: 10_000 }));
      await eventually(async () =>
        expect(await balanceIn(system)).toMatchObject({ pending: 8_950, rolling_reserve: 1_000 }),
      );
      expect(await list('/v1/balances/upcoming_releases')).toMatchObject([
        { object: 'upcoming_release', from: 'pending', currency: 'GHS', amount: 8_950, payments: 1 },
        { from: 'rolling_reserve', amount: 1_000, payments: 1 },
      ]);
      await payOutBy(system, { type: 'order', gateways: ['paystack'] });
      expect((await payOut(system, 5_000)).body).toMatchObject({
        status: 'failed',
        failure_code: 'insufficient_funds',
      });
      await eventually(
        async () =>
          expect(await balanceIn(system)).toMatchObject({ pending: 0, available: 8_950, rolling_reserve: 1_000 }),
        { timeoutMs: 60_000, everyMs: 100 },
      );
      const [release, ...others] = await list<Release>('/v1/balances/releases');
      expect(others).toEqual([]);
      expect(release).toMatchObject({ from: 'pending', amount: 8_950, matured: 8_950, payments: 1 });
      const path = `/v1/balances/releases/${release?.id ?? ''}`;
      expect((await system.merchant.get(path)).body).toEqual(release);
      expect(await list(`${path}/settlements`)).toMatchObject([
        {
          payment_id: payment.id,
          kind: 'capture',
          amount: 8_950,
          given_back: 0,
          proved_at: null,
          policy_id: policy['id'],
        },
      ]);
      expect((await system.admin.get(`/admin/v1/ledger/releases/${release?.id ?? ''}/settlements`)).body).toMatchObject(
        {
          data: [{ payment_id: payment.id }],
        },
      );
      expect((await payOut(system, 5_000)).body).toMatchObject({ status: 'succeeded' });
      const accounts = await list<{ id: string; kind: string }>('/v1/ledger/accounts?kind=merchant_available');
      expect(await list(`/v1/ledger/accounts/${accounts[0]?.id ?? ''}/entries`)).toContainEqual(
        expect.objectContaining({ kind: 'settlement', release_id: release?.id, payment_id: null }),
      );
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'releases what a gateway’s own books prove, and nothing else',
    async () => {
      await say({ mode: 'proved' });
      for (const amount of [3_000, 7_000]) await pay(system, mobileMoney({ amount }));
      const database = new Database({
        url: system.databaseOf('reconciliation').url,
        owner: 'reconciliation',
        poolSize: 2,
      });
      try {
        const record = await eventually(async () => {
          const [found, ...rest] = await database.query<{
            account: string;
            gateway: string;
            reference: string;
            fee: bigint;
            at: Date;
          }>(
            `SELECT gateway_account_id AS account, gateway, reference, fee, started_at AS at FROM reconciliation.record
             WHERE status = 'succeeded' AND moved_amount = 7000`,
          );
          expect(rest).toEqual([]);
          if (found === undefined) throw new Error('nothing is known of it yet');
          return found;
        });
        const [from, to] = [new Date(record.at.getTime() - HOUR_MS), new Date(record.at.getTime() + HOUR_MS)];
        const { account, gateway } = record;
        await takeLines(
          database,
          {
            kind: 'file',
            name: 'a.csv',
            gatewayAccountId: account,
            gateway,
            livemode: false,
            from,
            to,
            checksum: null,
            covers: ['payment'],
          },
          inBatches([
            {
              line: 2,
              id: 'one',
              reference: record.reference,
              handles: {},
              kind: 'charge',
              status: 'succeeded',
              amountMinor: 7_000n,
              feeMinor: record.fee,
              netMinor: null,
              currency: 'GHS',
              occurredAt: record.at,
              settlementId: null,
              description: null,
            },
          ]),
        );
        const asked = await system.admin.post('/admin/v1/reconciliation/runs', {
          gateway_account: encodeId('gatewayAccount', account),
          from: from.toISOString(),
          to: to.toISOString(),
          // The gateway itself would prove the other as well.
          listing: false,
        });
        expect(asked.status).toBe(201);
      } finally {
        await database.close();
      }
      await eventually(
        async () => expect(await balanceIn(system)).toMatchObject({ pending: 2_985, available: 6_965 }),
        {
          timeoutMs: 60_000,
          everyMs: 200,
        },
      );
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'loses nothing and releases nothing twice when it is killed meanwhile',
    async () => {
      await say({ mode: 'delay', delay: { seconds: 1 } });
      const orders = makeOrders(60);
      await payThroughCrash(system, orders);
      await eventually(
        async () => {
          const payments = await everyPayment(system);
          expect(payments.filter(({ status }) => status === 'succeeded')).toHaveLength(orders.length);
        },
        { timeoutMs: 90_000, everyMs: 500 },
      );
      await proveBooks(system, 60_000);
      const owed = orders.reduce(
        (sum, { body }) => sum + Number(body['amount']) - Math.floor(Number(body['amount']) / 200),
        0,
      );
      await eventually(async () => expect(await balanceIn(system)).toMatchObject({ pending: 0, available: owed }), {
        timeoutMs: 30_000,
        everyMs: 200,
      });
      const releases = await list<Release>('/v1/balances/releases?limit=100');
      expect(releases.reduce((sum, { payments }) => sum + payments, 0)).toBe(orders.length);
      expect(releases.reduce((sum, { amount }) => sum + amount, 0)).toBe(owed);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'refuses policies that say what cannot be, and knows none that was not made',
    async () => {
      const refused = async (body: object): Promise<unknown> =>
        (await system.admin.post('/admin/v1/ledger/settlement_policies', { note: 'a test', ...body })).body['errors'];
      expect(await refused({ content: { mode: 'delay' } })).toMatchObject([{ pointer: '/content/delay' }]);
      expect(await refused({ content: { mode: 'never', when: 1 } })).toMatchObject([
        { pointer: '/content/when', code: 'unknown_field' },
      ]);
      expect(await refused({ content: { mode: 'never' }, valid_from: '2026-01-01T00:00:00Z' })).toMatchObject([
        { pointer: '/valid_from', code: 'in_the_past' },
      ]);
      expect(await refused({ content: { mode: 'never' }, merchant: 'pay_1' })).toMatchObject([
        { pointer: '/merchant' },
      ]);
      expect(
        (await system.merchant.post('/admin/v1/ledger/settlement_policies', { content: { mode: 'never' }, note: 'x' }))
          .status,
      ).toBe(403);
      const first = await say({ mode: 'never' });
      const second = await say({ mode: 'proved' });
      expect([first['version'], second['version']]).toEqual([1, 2]);
      expect((await system.admin.get('/admin/v1/ledger/settlement_policies?merchant=none')).body).toMatchObject({
        data: [second, first],
      });
      expect((await system.admin.get(`/admin/v1/ledger/settlement_policies/${String(first['id'])}`)).body).toEqual(
        first,
      );
      expect((await system.admin.get('/admin/v1/ledger/settlement_policies/stp_1')).status).toBe(404);
      expect((await system.merchant.get('/v1/balances/releases/rls_1')).status).toBe(404);
    },
    TEST_TIMEOUT_MS,
  );
});
