/** What a gateway has settled, from the statement of the bank to the books, through the whole program. */
import { newUuid } from '../../src/kernel/ids/ids.js';
import { eventually } from '../support/eventually.js';
import { describeInEachMode } from './support/modes.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const DAY_MS = 86_400_000;
const LOOKED_WITHIN_MS = 60_000;

const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);
/** `31-Jan-2026`. */
const bankDay = (date: Date): string =>
  `${date.toISOString().slice(8, 10)}-${date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })}-${date.getUTCFullYear()}`;

const STATEMENT = [
  'Account Statement,,,,,,',
  'Account Number: 0123456789,,,,,,',
  'Trans Date,Value Date,Narration,Reference,Debit,Credit,Balance',
  `${bankDay(daysAgo(4))},${bankDay(daysAgo(4))},Opening Balance,,,,"1,000.00"`,
  `${bankDay(daysAgo(3))},${bankDay(daysAgo(3))},NIP/PAYSTACK/SETTLEMENT,FT26031ABC,,"147,750.00","148,750.00"`,
  '',
].join('\r\n');

describeInEachMode('A settlement at the bank', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  interface Settlement {
    readonly id: string;
    readonly received: { readonly bank_line: string; readonly by: string } | null;
  }

  it(
    'is found in its statement, and owed by the gateway no longer',
    async () => {
      const { body: gateways } = await system.admin.get<{ data: readonly { id: string; gateway: string }[] }>(
        '/admin/v1/routing/gateways',
      );
      const account = gateways.data.find(({ gateway }) => gateway === 'paystack')?.id ?? '';
      await system.databaseOf('reconciliation').query(
        `INSERT INTO reconciliation.settlement (id, gateway_account_id, gateway, livemode, gateway_id, status, currency, gross, fees, net, settled_at, bank_reference, told_at)
         SELECT $1, id, gateway, true, '3090024', 'settled', 'NGN', 15000000, 225000, 14775000, $2, 'FT26031ABC', now()
           FROM routing.gateway_account WHERE gateway = 'paystack' LIMIT 1`,
        [newUuid(), daysAgo(4).toISOString()],
      );
      const sent = await system.admin.postRaw(
        '/admin/v1/reconciliation/sources?kind=bank&mapping=bank&bank_account=0123456789',
        STATEMENT,
        { headers: { 'content-type': 'text/csv' } },
      );
      expect([sent.status, sent.text]).toEqual([201, expect.stringContaining('"status":"committed"')]);
      const settlement = await eventually(
        async () => {
          const { body } = await system.admin.get<{ data: readonly Settlement[] }>(
            '/admin/v1/reconciliation/settlements?received=true',
          );
          expect(body.data).toHaveLength(1);
          return body.data[0];
        },
        { timeoutMs: LOOKED_WITHIN_MS, everyMs: 200 },
      );
      expect(settlement).toMatchObject({
        gateway_account: account,
        received: { by: 'reference', because: expect.stringContaining('3090024') as string },
      });
      const balances = async () => {
        const { body } = await system.admin.get<{
          data: readonly { accounts: readonly { kind: string; balance: number }[] }[];
        }>('/admin/v1/ledger/trial_balance?livemode=true&verify=true');
        return Object.fromEntries(
          body.data.flatMap(({ accounts }) => accounts.map((each) => [each.kind, each.balance])),
        );
      };
      // Nothing had been captured here: so the gateway has paid us in advance.
      await eventually(async () =>
        expect(await balances()).toEqual({ bank: 14_775_000, gateway_clearing: -14_775_000 }),
      );
      const { body: breaks } = await system.admin.get<{ data: readonly unknown[] }>(
        '/admin/v1/reconciliation/breaks?side=bank',
      );
      expect(breaks.data).toEqual([]);
    },
    LOOKED_WITHIN_MS + 60_000,
  );
});
