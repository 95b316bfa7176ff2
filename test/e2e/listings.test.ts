/**
 * Gateways' own books as what runs are compared with: asked for, read page by page through whatever happens, and taken as a whole. What was
 * done is there on both sides; what is not is found.
 */
import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import {
  accountAt,
  askForRun,
  holdPaystacksDoor,
  openBreaks,
  type BreakResource,
  readRun,
  untilKnown,
  untilRun,
  type BooksAnswer,
  type BooksProxy,
} from './support/books-proxy.js';
import { makeOrders } from './support/crash.js';
import { orderGateways, payOutBy, type AnyGateway } from './support/gateways.js';
import { postAll } from './support/load.js';
import { describeInEachMode, type Mode } from './support/modes.js';
import { payOut, refund, WALLET } from './support/money-out.js';
import { everyPage, mobileMoney, pay, untilStatus } from './support/payments.js';
import { aMoment, startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;

/** How each gateway that lists is paid through, and what its list has besides charges. */
interface Lister {
  readonly gateway: AnyGateway;
  readonly payment: Readonly<Record<string, unknown>>;
  readonly payout: Readonly<Record<string, unknown>>;
  readonly listsMoneyOut: boolean;
}

const BANK = { type: 'bank_account', bank_code: '058', account_number: '0123456789', name: 'Ama Mensah' } as const;
const LISTERS: readonly Lister[] = [
  { gateway: 'paystack', payment: {}, payout: { currency: 'GHS', destination: WALLET }, listsMoneyOut: false },
  { gateway: 'flutterwave', payment: {}, payout: { currency: 'GHS', destination: WALLET }, listsMoneyOut: false },
  {
    gateway: 'monnify',
    payment: { currency: 'NGN', amount: 500_000, method: { type: 'bank_transfer' } },
    payout: { currency: 'NGN', destination: BANK },
    listsMoneyOut: false,
  },
  {
    gateway: 'wave',
    payment: { currency: 'XOF', method: { type: 'mobile_money', network: 'wave', phone: '+221771234567' } },
    payout: { currency: 'XOF', destination: { ...WALLET, network: 'wave', phone: '+221771234567' } },
    listsMoneyOut: true,
  },
];

/** Pauses are a tenth: a gateway that fails is asked again after half a second. */
const started = (mode: Mode): Promise<System> => startSystem({ ...mode, env: { RETRY_PAUSE_PERCENT: '10' } });

describeInEachMode("Gateways' own books", (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await started(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  async function payAt({ gateway, payment }: Pick<Lister, 'gateway' | 'payment'>): Promise<{ readonly id: string }> {
    const { id } = await pay(system, mobileMoney(payment));
    const paid = await untilStatus(system, id, 'succeeded');
    expect(paid.gateway).toBe(gateway);
    return paid;
  }

  async function prefer(gateway: AnyGateway): Promise<void> {
    const all: readonly AnyGateway[] = ['paystack', 'flutterwave', 'mtn_momo', 'monnify', 'wave'];
    await orderGateways(system, [gateway, ...all.filter((each) => each !== gateway)]);
  }

  it.each(LISTERS)(
    'agree with us on payments, refunds and payouts at $gateway',
    async (lister) => {
      const { gateway, payout, listsMoneyOut } = lister;
      await prefer(gateway);
      await payOutBy(system, { type: 'order', gateways: [gateway] });
      const first = await payAt(lister);
      for (let count = 1; count < 4; count += 1) await payAt(lister);
      expect((await refund(system, first)).body).toMatchObject({ status: 'succeeded', gateway });
      await eventually(async () =>
        expect((await payOut(system, 2_000, payout)).body).toMatchObject({ status: 'succeeded', gateway }),
      );
      await untilKnown(system, gateway, 6);

      const asked = await askForRun(system, gateway);
      expect(asked.listing?.status).toBe('asked');
      const run = await untilRun(system, asked);
      const lines = listsMoneyOut ? 6 : 4;
      expect(run).toMatchObject({
        listing: { status: 'complete', pages_in: 1, pages: 1, lines_in: lines, problem: null },
        counts: { records: 6, lines, matched: lines, opened: 0 },
      });
      expect(await openBreaks(system, `&gateway_account=${await accountAt(system, gateway)}`)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of a gateway that lists nothing are not waited for, and the run says so',
    async () => {
      await prefer('mtn_momo');
      await payAt({ gateway: 'mtn_momo', payment: {} });
      await untilKnown(system, 'mtn_momo', 1);
      const run = await untilRun(system, await askForRun(system, 'mtn_momo'));
      expect(run).toMatchObject({
        listing: { status: 'not_supported', lines_in: 0 },
        counts: { records: 1, opened: 0 },
      });
      const without = await untilRun(system, await askForRun(system, 'mtn_momo', { listing: false }));
      expect(without.listing).toBeNull();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'tell what was paid to the bank, and each settlement once',
    async () => {
      await fetch(`${system.sandbox.controlUrl}/_settlements`, {
        method: 'POST',
        body: JSON.stringify({ gateway: 'flutterwave' }),
      });
      const account = await accountAt(system, 'flutterwave');
      const path = `/admin/v1/reconciliation/settlements?gateway_account=${account}`;
      interface Settlement {
        readonly gross: number;
        readonly fees: number;
        readonly net: number;
      }
      const listed = async () => (await system.admin.get<{ data: Settlement[] }>(path)).body.data;
      for (let count = 0; count < 2; count += 1) {
        await untilRun(system, await askForRun(system, 'flutterwave'));
        await eventually(async () => expect(await listed()).toHaveLength(1), { timeoutMs: 20_000 });
      }
      const [settlement] = await listed();
      expect(settlement).toMatchObject({
        object: 'settlement',
        id: expect.stringMatching(/^stl_/) as string,
        gateway: 'flutterwave',
        currency: 'GHS',
        gross: 40_000,
        bank_reference: expect.any(String) as string,
      });
      // What was given back is in neither of the three.
      if (settlement !== undefined) expect(settlement.gross - settlement.fees - 10_000).toBe(settlement.net);
      expect((await system.admin.get<{ data: object[] }>(`${path}&currency=NGN`)).body.data).toEqual([]);
      expect((await system.merchant.get(path)).status).toBe(403);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'show what we do not know, what they do not have, another amount, and another fee',
    async () => {
      const ours = system.databaseOf('reconciliation');
      await prefer('paystack');
      const before = (await openBreaks(system)).length;
      expect(before).toBe(0);
      await payAt({ gateway: 'paystack', payment: { amount: 30_000 } });
      await payAt({ gateway: 'paystack', payment: { amount: 31_000 } });
      await untilKnown(system, 'paystack', 8);
      const unknown = `not-ours-${randomUUID()}`;
      const charged = await fetch(`${String(system.sandbox.gateways['paystack'])}/charge`, {
        method: 'POST',
        headers: { authorization: 'Bearer sk_test_sandbox_paystack', 'content-type': 'application/json' },
        body: JSON.stringify({
          email: 'somebody@example.com',
          amount: 7_700,
          currency: 'GHS',
          reference: unknown,
          mobile_money: { phone: '0241234567', provider: 'mtn' },
        }),
      });
      expect(charged.status).toBe(200);
      await eventually(async () => expect(await system.sandbox.ledger(unknown)).toHaveLength(1));
      const [more] = await ours.query<{ reference: string }>(
        `UPDATE reconciliation.record SET moved_amount = moved_amount + 500 WHERE moved_amount = 30000 RETURNING reference`,
      );
      const [dearer] = await ours.query<{ reference: string }>(
        `UPDATE reconciliation.record SET fee = fee + 7 WHERE moved_amount = 31000 RETURNING reference`,
      );
      // Half an hour ago: around it the books cover what there could be of it.
      await ours.query(
        `INSERT INTO reconciliation.record SELECT (json_populate_record(r, json_build_object('attempt_id', gen_random_uuid(), 'reference', $1::text, 'key', $1::text,
            'handles', '{}', 'moved_amount', 5550, 'amount', 5550, 'started_at', now() - interval '30 minutes', 'concluded_at', now() - interval '30 minutes'))).*
           FROM reconciliation.record r WHERE r.reference = $2`,
        ['0'.repeat(32), more?.reference],
      );
      // As though the run came an hour later: what nobody knows of is given time to be heard of.
      await ours.query(
        `CREATE FUNCTION reconciliation.later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.as_of := now() + interval '1 hour'; RETURN NEW; END $$`,
      );
      await ours.query(
        'CREATE TRIGGER later BEFORE INSERT ON reconciliation.run FOR EACH ROW EXECUTE FUNCTION reconciliation.later()',
      );
      try {
        const run = await untilRun(system, await askForRun(system, 'paystack'));
        expect(run).toMatchObject({ listing: { status: 'complete', lines_in: 7 } });
        const found = await openBreaks(system, '&side=gateway');
        expect(found.map(({ kind, reference, amount }) => ({ kind, reference, amount }))).toEqual(
          expect.arrayContaining([
            { kind: 'missing_here', reference: unknown, amount: 7_700 },
            { kind: 'missing_there', reference: '0'.repeat(32), amount: 5_550 },
            { kind: 'amount', reference: more?.reference, amount: 500 },
          ]),
        );
        expect(found).toHaveLength(3);
        // What the gateway kept less than it had said is certain, and little: it is booked, and is no open break.
        await eventually(async () => {
          const decided = await everyPage(system.admin, '/admin/v1/reconciliation/resolutions?automatic=true');
          const booking = { side: 'debit', account: 'gateway_fees', amount: 7, currency: 'GHS' };
          expect(decided).toEqual([expect.objectContaining({ action: 'adjust', status: 'done' })]);
          expect(decided).toMatchObject([
            { booking: { ...booking, transfer: expect.stringMatching(/^tr_/) as string } },
          ]);
        });
        const [closed] = await everyPage<BreakResource>(
          system.admin,
          '/admin/v1/reconciliation/breaks?kind=fee&side=gateway',
        );
        expect(closed).toMatchObject({ status: 'closed', reference: dearer?.reference, amount: 7 });
      } finally {
        await ours.query('DROP FUNCTION reconciliation.later() CASCADE');
      }
    },
    TEST_TIMEOUT_MS,
  );
});

describeInEachMode("Reading gateways' own books", (mode) => {
  /** Three pages, the last of them short. */
  const PAYMENTS = 120;
  let system: System;
  let proxy: BooksProxy;
  beforeAll(async () => {
    system = await started(mode);
    await orderGateways(system, ['paystack', 'flutterwave', 'mtn_momo']);
    await postAll(system, makeOrders(PAYMENTS));
    await untilKnown(system, 'paystack', PAYMENTS);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  beforeEach(async () => {
    proxy = await holdPaystacksDoor(system);
  });
  afterEach(() => proxy.close());

  const whole = {
    status: 'succeeded',
    listing: { status: 'complete', pages_in: 3, pages: 3, lines_in: PAYMENTS, problem: null },
    counts: { records: PAYMENTS, lines: PAYMENTS, matched: PAYMENTS, opened: 0 },
  };
  const timesAsked = (page: number): number => proxy.asked.filter((each) => each.page === page).length;

  it(
    'goes on at the page where a program was killed, to the same result',
    async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      proxy.answer(async (page, ask) => {
        if (page === 2) await held;
        return ask(page);
      });
      const asked = await askForRun(system, 'paystack');
      await eventually(() => expect(timesAsked(2)).toBe(1));
      await eventually(async () =>
        expect(await readRun(system, asked)).toMatchObject({
          status: 'waiting',
          listing: { status: 'asked', pages_in: 1, pages: null, lines_in: 50 },
        }),
      );
      await system.kill9();
      release();
      await system.restart();
      expect(await untilRun(system, asked)).toMatchObject(whole);
      expect([timesAsked(1), timesAsked(2), timesAsked(3)]).toEqual([1, 2, 1]);
      expect(await openBreaks(system)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'outlasts a gateway that is down, and waits as long as one that is asked too often wants',
    async () => {
      const bad: BooksAnswer[] = [
        { status: 503, body: '<html>Service Unavailable</html>' },
        { status: 502, body: '' },
        { status: 429, body: '{"status":false,"message":"Too many requests"}', headers: { 'retry-after': '3' } },
      ];
      proxy.answer((page, ask) => (page === 2 ? bad.shift() : undefined) ?? ask(page));
      expect(await untilRun(system, await askForRun(system, 'paystack'))).toMatchObject(whole);
      const second = proxy.asked.filter(({ page }) => page === 2).map(({ at }) => at);
      expect(second).toHaveLength(4);
      expect((second[3] ?? 0) - (second[2] ?? 0)).toBeGreaterThan(3_000);
      expect(timesAsked(1)).toBe(1);
      const { body } = await system.admin.get<{ data: { gateway: string; breaker: string }[] }>(
        '/admin/v1/routing/gateways',
      );
      expect(body.data.find(({ gateway }) => gateway === 'paystack')?.breaker).toBe('closed');
      expect(await pay(system)).toMatchObject({ status: 'succeeded', gateway: 'paystack' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes a page that comes twice for what it is',
    async () => {
      const known = PAYMENTS + 1;
      await untilKnown(system, 'paystack', known);
      // Whoever adds to a list while it is read pushes what was on one page to the next.
      proxy.answer(async (page, ask) => {
        const answer = await ask(page === 1 ? 1 : page - 1);
        const parsed = JSON.parse(answer.body) as { meta: { page: number; pageCount: number } };
        const meta = { ...parsed.meta, page, pageCount: parsed.meta.pageCount + 1 };
        return { ...answer, body: JSON.stringify({ ...parsed, meta }) };
      });
      const run = await untilRun(system, await askForRun(system, 'paystack'));
      expect(run).toMatchObject({
        listing: { status: 'complete', pages_in: 4, lines_in: known + 50 },
        counts: { records: known, lines: known, matched: known, opened: 0 },
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'ends with the run that wants them',
    async () => {
      proxy.answer(() => ({ status: 503, body: '' }));
      const asked = await askForRun(system, 'paystack');
      await eventually(() => expect(proxy.asked.length).toBeGreaterThan(1), { timeoutMs: 20_000 });
      const { status, body } = await system.admin.post(`/admin/v1/reconciliation/runs/${asked.id}/cancel`, {});
      expect([status, body]).toMatchObject([201, { status: 'canceled', listing: { status: 'canceled' } }]);
      await eventually(async () => {
        const open = await system
          .databaseOf('routing')
          .query(`SELECT 1 FROM routing.listing WHERE what = 'transactions' AND state IN ('queued', 'reading')`);
        expect(open).toEqual([]);
      });
      const before = proxy.asked.length;
      await aMoment(2_000);
      expect(proxy.asked.length).toBe(before);
      expect((await readRun(system, asked)).status).toBe('canceled');
    },
    TEST_TIMEOUT_MS,
  );
});
