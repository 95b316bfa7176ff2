/**
 * Refunds and payouts through the real adapters against the sandbox program's gateways, under faults. What routing announced must be what the
 * sandbox's own books say has moved.
 */
import { paymentCreated } from '../../../src/contracts/payments.events.js';
import type { PaymentMethod, PayoutDestination } from '../../../src/contracts/shared.js';
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { Currency } from '../../../src/kernel/money/money.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { upsertGatewayAccount } from '../../../src/modules/routing/gateway-accounts.js';
import { createGateways, type Gateways } from '../../../src/modules/routing/gateways/index.js';
import { Routing } from '../../../src/modules/routing/routing.js';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { testVault } from '../../support/vault.js';
import { QUICK, start, stop, type AttemptRow, type RoutedEvent } from './harness.js';
import { idOf, payoutOf, refundOf } from './paying-gateway.js';

interface Subject {
  readonly gateway: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly currency: Currency;
  readonly amount: number;
  readonly method: PaymentMethod;
  readonly destination: PayoutDestination;
  /** Less than everything can be given back; null: nothing can. */
  readonly partial: boolean | null;
  readonly returns: boolean;
  /** Its API has no word for a refund that failed: such a one waits for people. */
  readonly hidesFailedRefunds?: true;
}

const wallet = (network: string, phone: string): PayoutDestination => ({
  type: 'mobile_money',
  network,
  phone,
  name: 'Ama Mensah',
});
const ghana = {
  currency: 'GHS',
  amount: 20_000,
  method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
  destination: wallet('mtn', '+233241234567'),
} as const;

const subjects: readonly Subject[] = [
  {
    ...ghana,
    gateway: 'paystack',
    credentials: { secret_key: 'sk_test_sandbox_paystack' },
    partial: true,
    returns: true,
  },
  {
    ...ghana,
    gateway: 'flutterwave',
    credentials: { secret_key: 'FLWSECK_TEST-sandbox', webhook_secret_hash: 'sandbox-flutterwave-hash' },
    partial: true,
    returns: false,
  },
  {
    ...ghana,
    gateway: 'mtn_momo',
    credentials: {
      api_user: '6a1f6c1e-0000-4000-8000-000000000001',
      api_key: 'sandbox-momo-key',
      subscription_key: 'sandbox-momo-subscription',
      target_environment: 'mtnghana',
      disbursement_api_user: '6a1f6c1e-0000-4000-8000-000000000002',
      disbursement_api_key: 'sandbox-momo-disbursement-key',
      disbursement_subscription_key: 'sandbox-momo-disbursement-subscription',
    },
    partial: true,
    returns: false,
  },
  {
    gateway: 'monnify',
    credentials: {
      api_key: 'MK_TEST_SANDBOX',
      secret_key: 'sandbox-monnify-secret',
      contract_code: '4934121693',
      source_account_number: '3934178936',
    },
    currency: 'NGN',
    amount: 500_000,
    method: { type: 'bank_transfer' },
    destination: { type: 'bank_account', bank_code: '058', account_number: '0111946768', name: 'Ada Obi' },
    partial: true,
    returns: true,
  },
  {
    gateway: 'wave',
    credentials: {
      api_key: 'wave_sn_test_sandbox',
      webhook_secret: 'wave_sn_WHS_sandbox',
      return_url: 'https://shop.example/back',
    },
    currency: 'XOF',
    amount: 5_000,
    method: { type: 'mobile_money', network: 'wave', phone: '+221771234567' },
    destination: wallet('wave', '+221771234567'),
    partial: false,
    returns: true,
    hidesFailedRefunds: true,
  },
  {
    ...ghana,
    gateway: 'hubtel',
    credentials: {
      api_id: 'sandbox-hubtel',
      api_key: 'sandbox-hubtel-key',
      pos_sales_id: '11684',
      prepaid_deposit_id: '2016001',
    },
    partial: null,
    returns: false,
  },
];

/** Faults of a call, each with what may become of the refund or payout; `still` is that nobody can know yet. */
const FAULTS = [
  ['none', ['succeeded']],
  ['timeout_after_charge', ['succeeded', 'still']],
  ['error_5xx_after_charge', ['succeeded', 'still']],
  ['garbage', ['succeeded', 'still']],
  ['error_5xx_before', ['succeeded', 'failed', 'still']],
  ['decline', ['failed']],
] as const;

interface LedgerLine {
  readonly kind: 'charge' | 'refund' | 'payout' | 'payout_return';
  readonly amount: number;
}

let sandbox: Sandbox;
const control = async (method: string, path: string, body?: object): Promise<unknown> => {
  const answer = await fetch(`${sandbox.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, webhookUrl: 'http://127.0.0.1:1/{gateway}/{account}' });
});
afterAll(() => sandbox.close());

describe.each(subjects)('money out through $gateway', (subject) => {
  const { gateway, currency, amount } = subject;
  let database: TestDatabase;
  let pool: Database;
  let gateways: Gateways;
  let routing: Routing;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new Database({ url: database.url, owner: 'routing', poolSize: 4 });
    gateways = createGateways();
    routing = new Routing({
      vault: testVault,
      env: {
        publicUrl: 'http://127.0.0.1:1',
        gatewayChargeTimeoutMs: 1_500,
        gatewayReadTimeoutMs: 1_500,
        gatewayWebhookKeepDays: 90,
        shutdownTimeoutMs: 4_000,
      },
      logger: new Logger({ logLevel: 'silent' }),
      metrics: new Metrics(),
      database: pool,
      adapters: gateways.adapters,
      // Its looks after a success go on for longer than the sandbox takes to return something.
      schedule: { ...QUICK, afterSuccessMs: Array.from({ length: 100 }, () => 100) },
      pollEveryMs: 20,
    });
    await upsertGatewayAccount(pool, testVault, {
      merchantId: null,
      livemode: false,
      gateway,
      name: 'main',
      baseUrl: sandbox.gateways[gateway] ?? '',
      credentials: subject.credentials,
      priority: 1,
    });
    start(routing);
  });
  afterAll(async () => {
    await stop(routing);
    await pool.close();
    await gateways.close();
    await database.drop();
  });
  afterEach(() => control('DELETE', '/_faults'));

  const handle = async (handler: Routing['handler'] | Routing['disbursementHandler'], event: StoredEvent) => {
    await handler.ready();
    await pool.transaction((tx) => handler.handle(tx, [event]));
  };
  const attemptsOf = (id: string): Promise<AttemptRow[]> =>
    database.query<AttemptRow>('SELECT * FROM routing.attempt WHERE payment_id = $1 ORDER BY sequence', [id]);
  const endsOf = async (id: string): Promise<string[]> => {
    const rows = await database.query<RoutedEvent>(
      "SELECT type FROM messaging.outbox WHERE aggregateid = $1 AND type NOT LIKE '%_attempted.v1' ORDER BY seq",
      [id],
    );
    return rows.map(({ type }) => type.replace(/^routing\.disbursement_(.*)\.v1$/, '$1'));
  };
  const fault = (name: string, on: 'refund' | 'payout', over: object = {}): Promise<unknown> =>
    name === 'none' ? Promise.resolve() : control('POST', '/_faults', { gateway, fault: name, on, ...over });
  const moved = async (kind: LedgerLine['kind'], reference: string): Promise<LedgerLine[]> => {
    const books = (await control('GET', `/_ledger?reference=${reference}`)) as { data: LedgerLine[] };
    return books.data.filter((line) => line.kind === kind);
  };

  /** A charge that the sandbox's customer has paid. */
  const capture = async (): Promise<AttemptRow & { reference: string }> => {
    const payment = newUuid();
    await handle(routing.handler, {
      ...payoutOf(),
      type: paymentCreated.type,
      payload: {
        payment_id: payment,
        livemode: false,
        amount,
        currency,
        reference: payment,
        method: subject.method,
        customer: { email: 'ama@example.com', name: 'Ama Mensah' },
        description: null,
      },
    });
    return eventually(async () => {
      const [attempt] = await attemptsOf(payment);
      if (attempt?.status !== 'succeeded') throw new Error(`the charge is ${attempt?.status} ${attempt?.outcome_code}`);
      return attempt as AttemptRow & { reference: string };
    });
  };

  /** Routes it under a fault that strikes once, and follows it to its end, or until it is plain that it cannot be told yet. */
  const routeUnder = async (name: string, on: 'refund' | 'payout', event: StoredEvent): Promise<string> => {
    await fault(name, on);
    const id = idOf(event);
    await handle(routing.disbursementHandler, event);
    await eventually(async () => {
      const [attempt] = await attemptsOf(id);
      expect(['planned', 'sending']).not.toContain(attempt?.status);
    });
    await control('DELETE', '/_faults');
    return eventually(async () => {
      const [attempt] = await attemptsOf(id);
      const [end] = await endsOf(id);
      if (end !== undefined) return end;
      // Asked ten times by a schedule whose real one takes hours for it.
      const isOpen = attempt?.status === 'unknown' || attempt?.status === 'pending';
      if (isOpen && (attempt as unknown as { checks: number }).checks >= 10) return 'still';
      throw new Error(`it is ${attempt?.status} ${attempt?.outcome_code}`);
    });
  };

  if (subject.partial !== null) {
    it.each(FAULTS)('a refund under %s is what the books say', async (name, ends) => {
      const charge = await capture();
      const event = refundOf(charge, { amount });
      const funded = { ...event, payload: { ...(event.payload as object), currency } } as StoredEvent;
      const end = await routeUnder(name, 'refund', funded);
      if (name === 'decline' && subject.hidesFailedRefunds === true) expect(end).toBe('still');
      else expect(ends).toContain(end);
      const books = await moved('refund', charge.reference);
      if (end === 'succeeded') expect(books).toMatchObject([{ amount }]);
      if (end === 'failed') expect(books).toEqual([]);
      expect(books.length).toBeLessThanOrEqual(1);
    });

    it('refunds of one charge that are asked for at once are all made, once', async () => {
      const charge = await capture();
      const part = subject.partial === true ? amount / 4 : amount;
      const events = Array.from({ length: subject.partial === true ? 3 : 1 }, () => {
        const event = refundOf(charge, { amount: part });
        return { ...event, payload: { ...(event.payload as object), currency } } as StoredEvent;
      });
      await Promise.all(events.map((event) => handle(routing.disbursementHandler, event)));
      for (const event of events)
        await eventually(async () => expect(await endsOf(idOf(event))).toEqual(['succeeded']));
      expect(await moved('refund', charge.reference)).toMatchObject(events.map(() => ({ amount: part })));
    });
  }

  let payouts = 0;
  const payout = (): StoredEvent => {
    payouts += 1;
    // Monnify refuses the same amount to the same account within two minutes.
    const { destination: to } = subject;
    const destination = to.type === 'bank_account' ? { ...to, account_number: `011194676${payouts % 10}` } : to;
    const event = payoutOf({ amount, destination });
    return { ...event, payload: { ...(event.payload as object), currency } } as StoredEvent;
  };
  const referenceOf = async (id: string): Promise<string> =>
    ((await attemptsOf(id))[0] as unknown as { reference: string }).reference;

  it.each(FAULTS)('a payout under %s is what the books say', async (name, ends) => {
    const funded = payout();
    const end = await routeUnder(name, 'payout', funded);
    expect(ends).toContain(end);
    const books = await moved('payout', await referenceOf(idOf(funded)));
    if (end === 'succeeded') expect(books).toMatchObject([{ amount }]);
    if (end === 'failed') expect(books).toEqual([]);
    expect(books.length).toBeLessThanOrEqual(1);
  });

  if (subject.returns) {
    it('a payout that comes back is told as returned', async () => {
      const funded = payout();
      const id = idOf(funded);
      await fault('returned', 'payout', { ms: 1_000 });
      await handle(routing.disbursementHandler, funded);
      await eventually(async () => expect(await endsOf(id)).toEqual(['succeeded', 'returned']));
      const reference = await referenceOf(id);
      expect(await moved('payout', reference)).toMatchObject([{ amount }]);
      expect(await moved('payout_return', reference)).toMatchObject([{ amount }]);
    });
  }
});
