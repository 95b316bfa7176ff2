/** Our fees through the whole program: what a payment is charged is what its schedule said when it was made, and what the books say. */
import { eventually } from '../support/eventually.js';
import { balanceOf, proveBooks } from './support/books.js';
import { prefer } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import { refund } from './support/money-out.js';
import { mobileMoney, pay, read, type PaymentResource } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;
const PATH = '/admin/v1/payments/fee_schedules';

describeInEachMode('Fees', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const say = async (content: object, merchant?: string): Promise<string> => {
    const answer = await system.admin.post(PATH, {
      content,
      note: 'a test',
      ...(merchant === undefined ? {} : { merchant }),
    });
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
    return String(answer.body['id']);
  };
  const flat = (amount: number, more: object = {}) => ({
    currency: 'GHS',
    ...more,
    fee: { tiers: [{ flat: amount }] },
  });
  const merchantOf = async (): Promise<string> => {
    const { body } = await system.admin.get<{ data: readonly { id: string }[] }>('/admin/v1/merchants');
    return body.data[0]?.id ?? '';
  };

  it(
    'are the merchant’s basis points where nothing else was said, and the schedule’s from when it was',
    async () => {
      const before = await pay(system, mobileMoney({ amount: 10_000 }));
      expect(before.fees).toMatchObject({ platform: 50, schedule: null });
      const common = await say({
        fees: [
          { currency: 'GHS', method: 'mobile_money', fee: { tiers: [{ percent_bps: 12.5 }], least: 20, most: 300 } },
        ],
        rounding: 'half_even',
      });
      const of = async (amount: number) => (await pay(system, mobileMoney({ amount }))).fees;
      expect(await of(1_000)).toMatchObject({ platform: 20, schedule: common });
      expect(await of(30_000)).toMatchObject({ platform: 38, schedule: common });
      expect(await of(1_000_000)).toMatchObject({ platform: 300, schedule: common });
      const own = await say({ fees: [flat(7)] }, await merchantOf());
      expect(await of(30_000)).toMatchObject({ platform: 7, schedule: own });
      await say({ fees: [flat(9_999)] });
      expect(await of(30_000)).toMatchObject({ platform: 7, schedule: own });
      expect((await read(system, before.id)).fees).toMatchObject({ platform: 50, schedule: null });
      expect((await system.admin.get(`${PATH}/${common}`)).body).toMatchObject({
        id: common,
        version: 1,
        merchant: null,
      });
      const taken = 50 + 20 + 38 + 300 + 7 + 7;
      await eventually(async () => expect(await balanceOf(system, 'GHS', 'platform_fees')).toBe(taken));
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'follow the gateway that captured, and the books with them',
    async () => {
      await say({ fees: [flat(3, { gateway: 'flutterwave' }), flat(11)] }, await merchantOf());
      await prefer(system, 'flutterwave');
      const payment = await pay(system, mobileMoney({ amount: 5_000 }));
      expect([payment.gateway, payment.fees.platform]).toEqual(['flutterwave', 3]);
      expect((await read(system, payment.id)).fees).toMatchObject({ platform: 3 });
      // Also of those payments that found out who is first.
      const { body } = await system.merchant.get<{ data: readonly PaymentResource[] }>('/v1/payments?limit=100');
      const taken = body.data.reduce((sum, { fees }) => sum + fees.platform, 0);
      await eventually(async () => expect(await balanceOf(system, 'GHS', 'platform_fees')).toBe(taken));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are kept when a payment is refunded, where the schedule says so',
    async () => {
      await say({ fees: [flat(40)], refunds: 'keep' }, await merchantOf());
      await prefer(system, 'paystack');
      const payment = await pay(system, mobileMoney({ amount: 5_000 }));
      expect(payment.fees.platform).toBe(40);
      expect((await refund(system, payment)).body).toMatchObject({
        status: 'succeeded',
        amount: 5_000,
        platform_fee: 0,
      });
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it('are refused where they say what cannot be', async () => {
    const errorsOf = async (content: object): Promise<unknown> => {
      const { status, body } = await system.admin.post(PATH, { content, note: 'a test' });
      expect(status).toBe(422);
      return body['errors'];
    };
    expect(await errorsOf({ fees: [] })).toMatchObject([{ pointer: '/content/fees' }]);
    expect(await errorsOf({ fees: [{ ...flat(1), percent: 1 }] })).toMatchObject([
      { pointer: '/content/fees/0/percent' },
    ]);
    expect(await errorsOf({ fees: [{ currency: 'USD', fee: { tiers: [{}] } }] })).toMatchObject([
      { pointer: '/content/fees/0/currency' },
    ]);
    expect((await system.merchant.get(PATH)).status).toBe(403);
    expect((await system.admin.get(`${PATH}/fsc_1`)).status).toBe(404);
  });
});
