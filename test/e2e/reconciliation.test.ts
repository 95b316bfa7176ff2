/** Reconciliation through the whole program: what was paid is known, what a gateway's file says otherwise is found and listed. */
import { Database } from '../../src/kernel/database/database.js';
import { decodeId } from '../../src/kernel/ids/ids.js';
import { takeLines } from '../../src/modules/reconciliation/lines/take-lines.js';
import { eventually } from '../support/eventually.js';
import { inBatches } from '../support/planted-day.js';
import { makeOrders } from './support/crash.js';
import { postAll } from './support/load.js';
import { describeInEachMode } from './support/modes.js';
import { everyPayment } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const HOUR_MS = 3_600_000;

describeInEachMode('Reconciliation', (mode) => {
  let system: System;
  let database: Database;
  beforeEach(async () => {
    system = await startSystem(mode);
    database = new Database({ url: system.database.url, owner: 'reconciliation', poolSize: 2 });
  }, START_TIMEOUT_MS);
  afterEach(async () => {
    await database.close();
    await system.close();
  }, START_TIMEOUT_MS);

  interface Known {
    readonly account: string;
    readonly gateway: string;
    readonly reference: string;
    readonly handles: readonly string[];
    readonly moved: bigint;
    readonly fee: bigint;
    readonly at: Date;
    readonly movements: number;
  }

  const known = () =>
    database.query<Known>(
      `SELECT gateway_account_id AS account, gateway, reference, handles, moved_amount AS moved, fee, started_at AS at,
          (SELECT count(*)::int FROM reconciliation.movement m WHERE m.attempt_id = r.attempt_id) AS movements
         FROM reconciliation.record r WHERE status = 'succeeded' ORDER BY started_at`,
    );

  async function reconcile(account: string, from: Date, to: Date): Promise<Readonly<Record<string, unknown>>> {
    const asked = await system.admin.post('/admin/v1/reconciliation/runs', {
      gateway_account: account,
      from: from.toISOString(),
      to: to.toISOString(),
      // The file alone is to be compared with: the gateway's own books would know better.
      listing: false,
    });
    expect(asked.status).toBe(201);
    return eventually(
      async () => {
        const { body } = await system.admin.get(`/admin/v1/reconciliation/runs/${String(asked.body['id'])}`);
        expect(body['status']).toBe('succeeded');
        return body;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
  }

  it(
    'knows what was paid and booked, and lists where a file of the gateway says otherwise',
    async () => {
      const orders = makeOrders(6);
      await postAll(system, orders);
      await eventually(
        async () => {
          const payments = await everyPayment(system);
          expect(payments.filter(({ status }) => status === 'succeeded')).toHaveLength(orders.length);
          const records = await known();
          expect(records).toHaveLength(orders.length);
          expect(records.every(({ movements }) => movements >= 1)).toBe(true);
        },
        { timeoutMs: 60_000, everyMs: 200 },
      );
      const records = await known();
      expect(records.map(({ moved }) => Number(moved)).toSorted()).toEqual(
        orders.map(({ body }) => Number(body['amount'])).toSorted(),
      );
      const [first] = records;
      if (first === undefined) throw new Error('nothing is known');
      expect(first.handles.length).toBeGreaterThan(0);
      const here = records.filter(({ account }) => account === first.account);
      const [from, to] = [new Date(first.at.getTime() - HOUR_MS), new Date(first.at.getTime() + HOUR_MS)];
      await takeLines(
        database,
        {
          kind: 'file',
          name: 'today.csv',
          gatewayAccountId: first.account,
          gateway: first.gateway,
          livemode: false,
          from,
          to,
          checksum: null,
          covers: ['payment'],
        },
        inBatches(
          here.map((record, index) => ({
            line: index + 2,
            id: record.handles[0] ?? null,
            reference: index === 1 ? null : record.reference,
            handles: {},
            kind: 'charge',
            status: 'succeeded',
            amountMinor: record.moved - (index === 0 ? 100n : 0n),
            feeMinor: record.fee,
            netMinor: null,
            currency: 'GHS',
            occurredAt: record.at,
            settlementId: null,
            description: null,
          })),
        ),
      );
      const shown = ((await system.admin.get('/admin/v1/routing/gateways')).body['data'] as { id: string }[]).find(
        ({ id }) => decodeId('gatewayAccount', id) === first.account,
      );
      const run = await reconcile(String(shown?.id), from, to);
      expect(run).toMatchObject({
        counts: { records: here.length, lines: here.length, matched: here.length, opened: 1 },
        progress: { done: expect.any(Number) as number },
      });
      const { body } = await system.admin.get(
        `/admin/v1/reconciliation/breaks?status=open&gateway_account=${String(shown?.id)}`,
      );
      expect(body['data']).toEqual([
        expect.objectContaining({
          kind: 'amount',
          side: 'gateway',
          reference: first.reference,
          amount: 100,
          owner: 'operations',
          differences: [{ field: 'amount', ours: String(first.moved), theirs: String(first.moved - 100n) }],
        }),
      ]);
      const none = await system.admin.get('/admin/v1/reconciliation/breaks?status=open&kind=fee');
      expect(none.body['data']).toEqual([]);
      expect((await system.admin.post(`/admin/v1/reconciliation/runs/${String(run['id'])}/cancel`, {})).status).toBe(
        409,
      );
      expect((await system.merchant.get('/admin/v1/reconciliation/breaks')).status).toBe(403);
    },
    TEST_TIMEOUT_MS,
  );
});
