import { transfersPosted } from '../../../src/contracts/ledger.events.js';
import { paymentSucceeded } from '../../../src/contracts/payments.events.js';
import { attemptQuarantined, surplusCaptured } from '../../../src/contracts/routing.events.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { PayloadOf, StoredEvent } from '../../../src/kernel/outbox/event.js';
import { createHarness, differences, disagreements, type LedgerHarness, type LedgerProcess } from './harness.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeEach(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterEach(() => harness.close());

const MERCHANT = '0191b6f0-0000-7000-8000-000000000001';
const GATEWAY_ACCOUNT = '0191b6f0-0000-7000-8000-0000000000aa';

function event(type: string, payload: unknown, merchantId: string | null = MERCHANT): StoredEvent {
  return {
    id: newUuid(),
    type,
    aggregateType: 'payment',
    aggregateId: newUuid(),
    merchantId,
    payload,
    headers: { correlation_id: 'req_test' },
    createdAt: new Date('2026-02-01T00:00:00Z'),
  };
}

function succeeded(
  more: Partial<PayloadOf<typeof paymentSucceeded>> = {},
  merchantId: string | null = MERCHANT,
): StoredEvent {
  const payload = paymentSucceeded.schema.parse({
    payment_id: newUuid(),
    livemode: false,
    amount: 10_000,
    currency: 'GHS',
    gateway: 'paystack',
    gateway_account_id: GATEWAY_ACCOUNT,
    attempt_id: newUuid(),
    gateway_fee: 195,
    platform_fee: 50,
    succeeded_at: '2026-02-01T00:00:00Z',
    resource: {},
    ...more,
  });
  return event(paymentSucceeded.type, payload, merchantId);
}

function attempt() {
  return {
    attempt_id: newUuid(),
    version: 3,
    gateway: 'paystack',
    gateway_account_id: GATEWAY_ACCOUNT,
    reference: 'ref',
    status: 'surplus',
    outcome_code: null,
    blame: null,
    started_at: '2026-02-01T00:00:00Z',
    concluded_at: '2026-02-01T00:00:05Z',
  } as const;
}

const surplus = (more: Partial<PayloadOf<typeof surplusCaptured>> = {}): StoredEvent =>
  event(
    surplusCaptured.type,
    surplusCaptured.schema.parse({
      payment_id: newUuid(),
      livemode: false,
      attempt: attempt(),
      amount: 10_000,
      currency: 'GHS',
      gateway_fee: 100,
      ...more,
    }),
  );

const quarantined = (more: Partial<PayloadOf<typeof attemptQuarantined>> = {}): StoredEvent =>
  event(
    attemptQuarantined.type,
    attemptQuarantined.schema.parse({
      payment_id: newUuid(),
      livemode: false,
      attempt: { ...attempt(), concluded_at: null },
      captured_amount: 700,
      captured_currency: 'NGN',
      gateway_fee: 0,
      reason: 'currency',
      ...more,
    }),
  );

const book = (events: readonly StoredEvent[], by: LedgerProcess = ledger): Promise<void> =>
  by.database.transaction((tx) => by.bookCollections.handle(tx, events));

/** Balances by `currency kind`. */
async function balances(): Promise<Record<string, bigint>> {
  const { accounts } = await ledger.trialBalance.read({ verify: false });
  return Object.fromEntries(
    accounts.map((row) => [
      `${row.currency} ${row.kind}`,
      row.normalSide === 'debit' ? row.debits - row.credits : row.credits - row.debits,
    ]),
  );
}

const announcements = (): Promise<
  {
    aggregateid: string;
    merchant_id: string | null;
    payload: PayloadOf<typeof transfersPosted>;
    headers: Record<string, string>;
  }[]
> =>
  harness.superuser.query(
    'SELECT aggregateid, merchant_id, payload, headers FROM messaging.outbox WHERE type = $1 ORDER BY seq',
    [transfersPosted.type],
  );

describe('booking', () => {
  it('books a collection with both fees: the merchant is owed the amount less ours, the gateway owes us the amount less its own', async () => {
    await book([succeeded()]);
    expect(await balances()).toEqual({
      'GHS gateway_clearing': 9_805n,
      'GHS gateway_fees': 195n,
      'GHS merchant_pending': 9_950n,
      'GHS platform_fees': 50n,
    });
    expect(await differences(ledger)).toEqual({ 'GHS test': 0n });
  });

  it('books no fee that was not taken', async () => {
    await book([succeeded({ gateway_fee: 0, platform_fee: 0, currency: 'XOF', amount: 1_500 })]);
    expect(await balances()).toEqual({ 'XOF gateway_clearing': 1_500n, 'XOF merchant_pending': 1_500n });
  });

  it('books surplus and quarantined captures to suspense, in the currency that was captured', async () => {
    await book([surplus(), quarantined()]);
    expect(await balances()).toEqual({
      'GHS gateway_clearing': 9_900n,
      'GHS gateway_fees': 100n,
      'GHS suspense': 10_000n,
      'NGN gateway_clearing': 700n,
      'NGN suspense': 700n,
    });
  });

  it('announces what it posted, all of one cause together, with the story it belongs to, in a shape that fits the contract', async () => {
    const sources = [succeeded(), succeeded({ gateway_fee: 0 })];
    await book(sources);
    const announced = await announcements();
    expect(announced.map(({ payload }) => payload.transfers.map(({ kind, amount }) => [kind, amount]))).toEqual([
      [
        ['collection', 10_000],
        ['gateway_fee', 195],
        ['platform_fee', 50],
      ],
      [
        ['collection', 10_000],
        ['platform_fee', 50],
      ],
    ]);
    for (const [index, source] of sources.entries()) {
      const { payload, aggregateid, merchant_id, headers } = announced[index] ?? {};
      const { payment_id: paymentId } = source.payload as PayloadOf<typeof paymentSucceeded>;
      expect(transfersPosted.schema.parse(payload)).toMatchObject({ subject_id: paymentId });
      expect(aggregateid).toBe(paymentId);
      expect(merchant_id).toBe(MERCHANT);
      expect(headers).toEqual({ correlation_id: 'req_test', causation_id: source.id });
    }
    expect(await ledger.metrics.registry.metrics()).toContain('sankofa_ledger_transfers_total{kind="collection"} 2');
  });

  it('books and announces once what is delivered again, alone or beside something new, under any event id', async () => {
    const first = succeeded();
    await book([first, first]);
    await book([first]);
    await book([{ ...first, id: newUuid() }, succeeded()]);
    expect((await balances())['GHS gateway_clearing']).toBe(2n * 9_805n);
    expect(await announcements()).toHaveLength(2);
    expect(await disagreements(ledger)).toBe(0n);
  });

  it('refuses to book one attempt twice with other content, and books nothing of that batch', async () => {
    const first = succeeded();
    await book([first]);
    const { attempt_id: attemptId } = first.payload as PayloadOf<typeof paymentSucceeded>;
    const again = surplus({ attempt: { ...attempt(), attempt_id: attemptId } });
    await expect(book([succeeded(), again])).rejects.toMatchObject({ code: 'ledger.transfer_conflict' });
    expect((await balances())['GHS gateway_clearing']).toBe(9_805n);
    expect(await announcements()).toHaveLength(1);
  });

  it('refuses a platform fee above the amount, a payment of no merchant, and an event it does not know', async () => {
    await expect(book([succeeded({ amount: 10, platform_fee: 11 })])).rejects.toThrow('more than its amount');
    await expect(book([succeeded({}, null)])).rejects.toThrow('no merchant');
    await expect(book([event('payments.payment_created.v1', {})])).rejects.toThrow('does not know how to book');
    expect(await balances()).toEqual({});
  });

  it('books nothing where nothing was captured', async () => {
    await book([quarantined({ captured_amount: 0 })]);
    await book([]);
    expect(await balances()).toEqual({});
  });
});

describe('opening accounts', () => {
  it('keeps modes, merchants, currencies and gateway accounts apart', async () => {
    await book([
      succeeded(),
      succeeded({ livemode: true }),
      succeeded({ currency: 'NGN' }),
      succeeded({ gateway_account_id: newUuid() }),
      succeeded({}, newUuid()),
    ]);
    const [row] = await harness.superuser.query<{ clearing: string; pending: string; fees: string }>(
      `SELECT count(*) FILTER (WHERE kind = 'gateway_clearing') AS clearing, count(*) FILTER (WHERE kind = 'merchant_pending') AS pending,
              count(*) FILTER (WHERE kind = 'platform_fees') AS fees FROM ledger.account`,
    );
    expect(row).toEqual({ clearing: '4', pending: '4', fees: '3' });
  });

  it('opens each account once when many processes need it first at the same time', async () => {
    const processes = Array.from({ length: 8 }, () => harness.process());
    const batches = processes.map(() =>
      [succeeded(), succeeded({ currency: 'NGN' }), succeeded({ livemode: true })].sort(() => Math.random() - 0.5),
    );
    await Promise.all(processes.map((process, index) => book(batches[index] ?? [], process)));
    const [row] = await harness.superuser.query<{ accounts: number; transfers: number }>(
      'SELECT (SELECT count(*)::int FROM ledger.account) AS accounts, (SELECT count(*)::int FROM ledger.transfer) AS transfers',
    );
    expect(row).toEqual({ accounts: 12, transfers: 8 * 9 });
    expect(await disagreements(ledger)).toBe(0n);
  });

  it('does not remember an account whose opening was rolled back', async () => {
    const source = succeeded();
    const failing = ledger.database.transaction(async (tx) => {
      await ledger.bookCollections.handle(tx, [source]);
      throw new Error('the process went down');
    });
    await expect(failing).rejects.toThrow('the process went down');
    await book([source]);
    expect((await balances())['GHS merchant_pending']).toBe(9_950n);
  });

  it('recovers from ids that no longer exist', async () => {
    await book([succeeded()]);
    await harness.superuser.query('ALTER TABLE ledger.account DISABLE TRIGGER permanent; DELETE FROM ledger.account');
    await expect(book([succeeded()])).rejects.toMatchObject({ code: 'ledger.account_not_found' });
    await book([succeeded()]);
  });
});
