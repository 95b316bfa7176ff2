/** Whether what is held covers what is owed, asked through the whole program. */
import { eventually } from '../support/eventually.js';
import { payOutBy } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const ANSWERED_WITHIN_MS = 60_000;
const PATH = '/admin/v1/reconciliation/safeguarding_checks';

interface Check {
  readonly id: string;
  readonly status: string;
  readonly coverage: readonly {
    readonly currency: string;
    readonly livemode: boolean;
    readonly status: string;
    readonly owed: number;
    readonly gateways: readonly { readonly booked: number; readonly told: number | null; readonly settling: number }[];
  }[];
}

describeInEachMode('What is held', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  async function judged() {
    const asked = await system.admin.post<Check>(PATH, {});
    expect(asked.status).toBe(202);
    return eventually(
      async () => {
        const { body } = await system.admin.get<Check>(`${PATH}/${asked.body.id}`);
        expect(body.status).toBe('judged');
        return body.coverage.find(({ currency }) => currency === 'GHS');
      },
      { timeoutMs: ANSWERED_WITHIN_MS, everyMs: 200 },
    );
  }

  it(
    'is what the gateway tells, or what was captured lately: and what is missing is told',
    async () => {
      await payOutBy(system, { type: 'order', gateways: ['paystack'] });
      await pay(system, mobileMoney({ amount: 10_000 }));
      // Who is owed is told by the ledger, which has to hear of it first.
      const first = await eventually(
        async () => {
          const coverage = await judged();
          expect(coverage?.owed).toBeGreaterThan(9_000);
          return coverage;
        },
        { timeoutMs: ANSWERED_WITHIN_MS, everyMs: 500 },
      );
      expect(first).toMatchObject({ livemode: false, status: 'covered', shortfall: 0 });
      expect(first?.gateways).toHaveLength(1);
      expect(first?.gateways[0]?.told).toBeGreaterThan(10_000);
      await system.sandbox.setBalance('paystack', 'main', 'GHS', 0);
      const emptied = await judged();
      const booked = emptied?.gateways[0]?.booked ?? 0;
      expect(emptied?.gateways[0]).toMatchObject({ told: 0, settling: booked, contradicted: 0 });
      // The gateway kept more than we charge for it: that much of the merchant's money the house has to put in.
      expect(booked).toBeGreaterThan(9_000);
      expect(emptied).toMatchObject({ status: 'short', shortfall: (emptied?.owed ?? 0) - booked });
      const { body: list } = await system.admin.get<{ data: readonly Check[] }>(`${PATH}?status=judged`);
      expect(list.data.length).toBeGreaterThanOrEqual(2);
    },
    3 * ANSWERED_WITHIN_MS,
  );
});
