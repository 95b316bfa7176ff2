/** What the ledger tells whoever guards that what is held covers what is owed. */
import { obligationsTold } from '../../../src/contracts/ledger.events.js';
import { obligationsRequested } from '../../../src/contracts/reconciliation.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { TellObligations } from '../../../src/modules/ledger/obligations/tell-obligations.js';
import { rollUp } from '../../../src/modules/ledger/statements/day-totals.store.js';
import {
  createHarness,
  openTestAccounts,
  transfer,
  type AccountSpec,
  type LedgerHarness,
  type LedgerProcess,
} from './harness.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;
beforeEach(async () => {
  harness = await createHarness();
  ledger = harness.process();
});
afterEach(() => harness.close());

const SINCE = '2026-01-30';
const LATELY = new Date('2026-01-31T10:00:00Z');
const BEFORE = new Date('2026-01-29T23:59:59Z');

/** As many as can be told apart by place; each merchant's is of a merchant of its own. */
async function open(specs: readonly AccountSpec[]): Promise<readonly [string, string, string, string, string]> {
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = await openTestAccounts(ledger, specs);
  return [first, second, third, fourth, fifth];
}

async function told() {
  const checkId = newUuid();
  const event = {
    id: newUuid(),
    type: obligationsRequested.type,
    aggregateType: 'safeguarding_check',
    aggregateId: checkId,
    merchantId: null,
    payload: obligationsRequested.schema.parse({ check_id: checkId, captured_since: SINCE }),
    headers: { correlation_id: 'sgc_test' },
    createdAt: new Date(),
  };
  await ledger.database.transaction((tx) => new TellObligations().handle(tx, [event]));
  const [row] = await harness.superuser.query<{ payload: unknown }>(
    "SELECT payload FROM messaging.outbox WHERE type = $1 AND payload->>'check_id' = $2",
    [obligationsTold.type, checkId],
  );
  return obligationsTold.schema.parse(row?.payload);
}

describe('obligations', () => {
  it('are nothing where nothing has been booked', async () => {
    expect(await told()).toMatchObject({ owed: [], clearing: [] });
  });

  it('are what each merchant is owed, without what another one owes us, and what customers are', async () => {
    const [clearing, rich, reserve, overdrawn, suspense] = await open([
      { kind: 'gateway_clearing' },
      { kind: 'merchant_pending' },
      { kind: 'merchant_rolling_reserve' },
      { kind: 'merchant_available' },
      { kind: 'suspense' },
    ]);
    const [other, cedis] = await open([
      { kind: 'gateway_clearing', currency: 'GHS' },
      { kind: 'merchant_available', currency: 'GHS' },
    ]);
    expect(
      await ledger.post([
        transfer(clearing, rich, 9_000n, { effectiveAt: LATELY }),
        transfer(clearing, reserve, 1_000n, { effectiveAt: BEFORE }),
        transfer(clearing, suspense, 700n, { effectiveAt: LATELY }),
        transfer(overdrawn, clearing, 4_000n, { effectiveAt: LATELY }),
        transfer(other, cedis, 50n, { effectiveAt: LATELY }),
      ]),
    ).toEqual(Array.from({ length: 5 }, () => 'posted'));
    const expected = {
      owed: [
        { currency: 'GHS', livemode: false, merchants: 50, customers: 0, on_its_way: 0 },
        { currency: 'NGN', livemode: false, merchants: 10_000, customers: 700, on_its_way: 0 },
      ],
      clearing: [
        { gateway_account_id: other, currency: 'GHS', livemode: false, balance: 50, captured: 50 },
        { gateway_account_id: clearing, currency: 'NGN', livemode: false, balance: 6_700, captured: 9_700 },
      ],
    };
    expect(await told()).toMatchObject(expected);
    // The same when days have been rolled up, and entries come behind them.
    await harness.superuser.query(
      'INSERT INTO ledger.roll_up_due (account_id, account_version) SELECT id, version FROM ledger.account WHERE version > 0',
    );
    expect(await rollUp(ledger.database, 100)).toBeGreaterThan(0);
    expect(await told()).toMatchObject(expected);
    await ledger.post([transfer(clearing, rich, 5n, { effectiveAt: LATELY })]);
    expect((await told()).clearing[1]).toMatchObject({ balance: 6_705, captured: 9_705 });
  });

  it('say what is held for payouts', async () => {
    const [available, reserved] = await open([{ kind: 'merchant_available' }, { kind: 'merchant_reserved' }]);
    const [clearing] = await open([{ kind: 'gateway_clearing' }]);
    await ledger.post([
      transfer(clearing, available, 9_000n),
      { ...transfer(available, reserved, 2_000n), phase: 'pending', expiresAt: null },
    ]);
    expect((await told()).owed).toEqual([
      { currency: 'NGN', livemode: false, merchants: 9_000, customers: 0, on_its_way: 2_000 },
    ]);
  });
});
