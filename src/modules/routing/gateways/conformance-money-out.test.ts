/**
 * One suite over every gateway for what goes out (refunds, payouts) and what is told about it (books, balances), against the
 * sandbox, which was written from the same documents without knowing the adapters. The sandbox's own books say what really moved.
 */
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Currency } from '../../../kernel/money/money.js';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import type { ChargeRequest, GatewayAccount, GatewayAdapter } from './gateway-adapter.js';
import type {
  CustomerAction,
  GatewayTransaction,
  MoneyOutOutcome,
  Page,
  PayoutDestination,
  PayoutQuery,
  PayoutRequest,
  RefundedCharge,
  RefundQuery,
  RefundRequest,
} from './gateway-parts.js';
import { createGateways, type Gateways } from './index.js';
import { callControl, eventually, receiveWebhooks, type WebhookReceiver } from './testing/sandbox-control.js';

interface Subject {
  readonly gateway: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Credentials that the sandbox does not know. */
  readonly wrongCredentials: Readonly<Record<string, string>>;
  readonly payouts: readonly {
    readonly currency: Currency;
    readonly amountMinor: bigint;
    readonly destination: PayoutDestination;
    readonly environment?: string;
  }[];
  /** Whether the gateway's API has a word for a payout that came back. */
  readonly returns: boolean;
  /** Charges that ask the customer for something, which our own charges do not lead to in the sandbox. */
  readonly asking?: readonly {
    readonly action: CustomerAction;
    readonly path: string;
    readonly body: (reference: string) => object;
  }[];
}

const wallet = (phone: string): PayoutDestination => ({
  type: 'mobile_money',
  network: 'mtn',
  phone,
  name: 'Ama Mensah',
});
const bank: PayoutDestination = {
  type: 'bank_account',
  bankCode: '058',
  accountNumber: '0123456789',
  name: 'Ama Mensah',
};
const GHS = { currency: 'GHS', amountMinor: 20_050n, destination: wallet('+233241234567') } as const;
const XOF = { currency: 'XOF', amountMinor: 1_500n, destination: wallet('+2250701020304') } as const;
const NGN = { currency: 'NGN', amountMinor: 250_099n, destination: bank } as const;

const momo = {
  api_user: '6a1f6c1e-0000-4000-8000-000000000001',
  api_key: 'sandbox-momo-key',
  subscription_key: 'sandbox-momo-subscription',
  target_environment: 'mtnghana',
};

const subjects: readonly Subject[] = [
  {
    gateway: 'paystack',
    credentials: { secret_key: 'sk_test_sandbox_paystack' },
    wrongCredentials: { secret_key: 'sk_test_wrong' },
    payouts: [GHS, XOF, NGN],
    returns: true,
    // The sandbox's customers of these bank accounts are asked for different things.
    asking: (
      [
        ['otp', '123456', '0000000000'],
        ['pin', '1234', '0000009911'],
        ['phone', '+2348012345678', '0000009912'],
        ['birthday', '1990-01-31', '0000009913'],
      ] as const
    ).map(([type, value, account_number]) => ({
      action: { type, value },
      path: '/charge',
      body: (reference) => ({
        reference,
        email: 'a@b.co',
        amount: '500000',
        currency: 'NGN',
        bank: { code: '057', account_number },
      }),
    })),
  },
  {
    gateway: 'flutterwave',
    credentials: { secret_key: 'FLWSECK_TEST-sandbox', webhook_secret_hash: 'sandbox-flutterwave-hash' },
    wrongCredentials: { secret_key: 'FLWSECK_TEST-wrong', webhook_secret_hash: 'x' },
    payouts: [GHS, XOF, { ...XOF, currency: 'XAF', destination: wallet('+237670000000') }, NGN],
    returns: false,
    asking: [
      {
        action: { type: 'otp', value: '123456' },
        path: '/v3/charges?type=card',
        body: (reference) => ({
          tx_ref: reference,
          email: 'a@b.co',
          amount: 5_000,
          currency: 'NGN',
          authorization: { mode: 'pin' },
        }),
      },
    ],
  },
  {
    gateway: 'mtn_momo',
    credentials: {
      ...momo,
      disbursement_api_user: '6a1f6c1e-0000-4000-8000-000000000002',
      disbursement_api_key: 'sandbox-momo-disbursement-key',
      disbursement_subscription_key: 'sandbox-momo-disbursement-subscription',
    },
    wrongCredentials: {
      ...momo,
      disbursement_api_user: '6a1f6c1e-0000-4000-8000-000000000002',
      disbursement_api_key: 'wrong',
      disbursement_subscription_key: 'wrong',
    },
    payouts: [GHS, { ...XOF, environment: 'mtnivorycoast' }],
    returns: false,
  },
];

/** What a fault does to a request, and whether the money moved all the same. */
const DOUBTS = [
  ['timeout_before_charge', false],
  ['timeout_after_charge', true],
  ['error_5xx_before', false],
  ['error_5xx_after_charge', true],
  ['garbage', true],
] as const;

interface LedgerLine {
  readonly kind: string;
  readonly amount: number;
  readonly currency: string;
}

let hooks: WebhookReceiver;
let sandbox: Sandbox;
let gateways: Gateways;

const control = (method: string, path: string, body?: object): Promise<unknown> =>
  callControl(sandbox.controlUrl, method, path, body);

beforeAll(async () => {
  hooks = await receiveWebhooks();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${hooks.url}/{gateway}/{account}` });
});

afterAll(async () => {
  await sandbox.close();
  await hooks.close();
});

beforeEach(async () => {
  await control('DELETE', '/_faults');
  await control('DELETE', '/_ledger');
  hooks.received.length = 0;
  gateways = createGateways();
});

afterEach(() => gateways.close());

const newReference = (): string => newUuid().replaceAll('-', '');

/** A part that the subject's adapter must have. */
function must<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the adapter lacks a part');
  return part;
}

describe.each(subjects)('money out at $gateway', (subject) => {
  const account = (over: Partial<GatewayAccount> = {}): GatewayAccount => ({
    id: 'account-1',
    gateway: subject.gateway,
    name: 'main',
    livemode: false,
    baseUrl: sandbox.gateways[subject.gateway] ?? '',
    credentials: subject.credentials,
    ...over,
  });
  const accountFor = (environment: string | undefined): GatewayAccount =>
    account(
      environment === undefined ? {} : { credentials: { ...subject.credentials, target_environment: environment } },
    );
  const wrongAccount = (): GatewayAccount => account({ id: 'account-2', credentials: subject.wrongCredentials });
  const adapter = (): GatewayAdapter => must(gateways.adapters.get(subject.gateway));
  const callbackUrl = (): string => `${hooks.url}/${subject.gateway}/main`;
  const fault = (name: string, on: 'refund' | 'payout', over: object = {}): Promise<unknown> =>
    control('POST', '/_faults', { gateway: subject.gateway, fault: name, on, ...over });

  /** What really moved under a reference, of one kind. */
  const moved = async (kind: string, reference: string): Promise<LedgerLine[]> => {
    const books = (await control('GET', `/_ledger?reference=${reference}`)) as { data: LedgerLine[] };
    return books.data.filter((line) => line.kind === kind);
  };

  describe('a refund', () => {
    const CHARGED = 150_050n;

    /** A charge that was paid, with everything that its success told. */
    const paidCharge = async (): Promise<RefundedCharge> => {
      const charged: ChargeRequest = {
        reference: newReference(),
        currency: 'GHS',
        amountMinor: CHARGED,
        method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
        customer: {},
        description: null,
        callbackUrl: callbackUrl(),
        timeoutMs: 2_000,
      };
      await adapter().charge(account(), charged);
      return eventually(async () => {
        const query = { ...charged, handles: {}, methodType: 'mobile_money' } as const;
        const outcome = await adapter().status(account(), query);
        if (outcome.kind !== 'succeeded') return undefined;
        return { reference: charged.reference, handles: outcome.handles, amountMinor: CHARGED };
      });
    };
    const request = (charge: RefundedCharge, over: Partial<RefundRequest> = {}): RefundRequest => ({
      reference: newReference(),
      charge,
      amountMinor: charge.amountMinor,
      currency: 'GHS',
      reason: 'Out of stock',
      callbackUrl: callbackUrl(),
      timeoutMs: 2_000,
      ...over,
    });
    const query = (asked: RefundRequest, over: Partial<RefundQuery> = {}): RefundQuery => ({
      reference: asked.reference,
      handles: {},
      charge: asked.charge,
      amountMinor: asked.amountMinor,
      currency: asked.currency,
      requestedAt: new Date(),
      knownIds: [],
      timeoutMs: 2_000,
      ...over,
    });
    const refunds = (): NonNullable<GatewayAdapter['refunds']> => must(adapter().refunds);
    /** Asks until the answer is no longer `pending`. */
    const settled = (asked: RefundRequest, over: Partial<RefundQuery> = {}): Promise<MoneyOutOutcome> =>
      eventually(async () => {
        const outcome = await refunds().status(account(), query(asked, over));
        return outcome.kind === 'pending' ? undefined : outcome;
      });
    /** The sandbox tells the refunds of a charge by the charge's reference, whether or not they have one of their own. */
    const refunded = (asked: RefundRequest): Promise<LedgerLine[]> =>
      moved('refund', adapter().writtenReference(asked.charge.reference));

    it.each([
      ['everything', CHARGED],
      ['a part', 50_025n],
    ])('gives back %s and reports exactly what moved', async (_name, amountMinor) => {
      const asked = request(await paidCharge(), { amountMinor });
      const first = await refunds().refund(account(), asked);
      expect(['pending', 'succeeded']).toContain(first.kind);
      const outcome = await settled(asked);
      expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor, currency: 'GHS', reference: asked.reference });
      expect(await refunded(asked)).toMatchObject([{ amount: Number(amountMinor), currency: 'GHS' }]);
      if (outcome.kind !== 'succeeded') return;
      expect(await refunds().status(account(), query(asked, { handles: outcome.handles }))).toEqual(outcome);
    });

    it('is told apart from another one of the same charge and amount', async () => {
      const charge = await paidCharge();
      const one = request(charge, { amountMinor: 100n });
      const other = request(charge, { amountMinor: 100n });
      await refunds().refund(account(), one);
      await refunds().refund(account(), other);
      const [first, second] = [await settled(one), await settled(other)];
      expect([first, second]).toMatchObject([
        { kind: 'succeeded', reference: one.reference },
        { kind: 'succeeded', reference: other.reference },
      ]);
      if (first.kind === 'succeeded' && second.kind === 'succeeded') expect(first.handles).not.toEqual(second.handles);
    });

    it.each(DOUBTS)('is in doubt under %s, and found or not by asking, never made twice', async (name, isMade) => {
      const asked = request(await paidCharge(), { amountMinor: 1_000n, timeoutMs: 400 });
      await fault(name, 'refund');
      expect((await refunds().refund(account(), asked)).kind).toBe('unknown');
      await control('DELETE', '/_faults');
      if (isMade) expect(await settled(asked)).toMatchObject({ kind: 'succeeded', amountMinor: 1_000n });
      else expect(['not_found', 'unknown']).toContain((await refunds().status(account(), query(asked))).kind);
      expect(await refunded(asked)).toHaveLength(isMade ? 1 : 0);
    });

    it('is refused, not made again, where the gateway takes a reference twice', async () => {
      const asked = request(await paidCharge(), { amountMinor: 1_000n });
      await refunds().refund(account(), asked);
      await settled(asked);
      if (!refunds().idempotent) return;
      expect((await refunds().refund(account(), asked)).kind).toBe('duplicate');
      expect(await refunded(asked)).toHaveLength(1);
    });

    it('that failed is over, and nothing moved', async () => {
      const asked = request(await paidCharge());
      await fault('decline', 'refund');
      await refunds().refund(account(), asked);
      expect(await settled(asked)).toMatchObject({ kind: 'declined' });
      expect(await refunded(asked)).toEqual([]);
    });

    it('is not made of more than was taken', async () => {
      const asked = request(await paidCharge(), { amountMinor: CHARGED + 1n });
      const outcome = await refunds().refund(account(), asked);
      if (outcome.kind === 'pending') expect((await settled(asked)).kind).toBe('declined');
      else expect(outcome).toMatchObject({ kind: 'not_sent' });
      expect(await refunded(asked)).toEqual([]);
    });

    it('is not sent with wrong credentials, nor to a closed door', async () => {
      const asked = request(await paidCharge());
      expect(await refunds().refund(wrongAccount(), asked)).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
      expect((await refunds().status(wrongAccount(), query(asked))).kind).toBe('not_sent');
      await control('POST', '/_faults', { gateway: subject.gateway, fault: 'refuse' });
      expect(await refunds().refund(account(), asked)).toMatchObject({ kind: 'not_sent', blame: 'gateway' });
      expect(await refunded(asked)).toEqual([]);
    });

    it('is found in a genuine webhook, where the gateway sends one', async () => {
      const asked = request(await paidCharge());
      await refunds().refund(account(), asked);
      await settled(asked);
      if (subject.gateway === 'flutterwave') return;
      const hint = await eventually(() =>
        hooks.received
          .map((hook) => adapter().verifyWebhook(account(), hook))
          .map((verdict) => (verdict.grade === 'rejected' ? null : verdict.hint))
          .find((found) => found?.about === 'refund' && /success/.test(found.eventType)),
      );
      expect(hint?.reference ?? asked.reference).toBe(asked.reference);
      expect(hint?.handles['charge_reference'] ?? asked.charge.reference).toBe(asked.charge.reference);
    });
  });

  describe('a payout', () => {
    const request = (over: Partial<PayoutRequest> = {}): PayoutRequest => ({
      reference: newReference(),
      ...GHS,
      narration: 'Wages',
      callbackUrl: callbackUrl(),
      timeoutMs: 2_000,
      ...over,
    });
    const query = (asked: PayoutRequest, over: Partial<PayoutQuery> = {}): PayoutQuery => ({
      reference: asked.reference,
      handles: {},
      amountMinor: asked.amountMinor,
      currency: asked.currency,
      destinationType: asked.destination.type,
      timeoutMs: 2_000,
      ...over,
    });
    const payouts = (): NonNullable<GatewayAdapter['payouts']> => must(adapter().payouts);
    const settled = (asked: PayoutRequest, on: GatewayAccount = account()): Promise<MoneyOutOutcome> =>
      eventually(async () => {
        const outcome = await payouts().status(on, query(asked));
        return outcome.kind === 'pending' ? undefined : outcome;
      });
    const paid = (asked: PayoutRequest, kind = 'payout'): Promise<LedgerLine[]> =>
      moved(kind, payouts().writtenReference(asked.reference));
    const balance = async (currency: Currency, on: GatewayAccount): Promise<bigint> => {
      const told = await must(adapter().float).balances(on, 2_000);
      if (told.kind === 'failed') throw new Error(told.code);
      return must(told.balances.find((one) => one.currency === currency)).availableMinor;
    };

    it.each(subject.payouts)(
      'in $currency to a $destination.type arrives, and the balance falls by it',
      async ({ environment, ...over }) => {
        const on = accountFor(environment);
        const asked = request(over);
        const before = await balance(over.currency, on);
        const first = await payouts().payout(on, asked);
        expect(['pending', 'succeeded']).toContain(first.kind);
        const outcome = await settled(asked, on);
        expect(outcome).toMatchObject({
          kind: 'succeeded',
          amountMinor: over.amountMinor,
          currency: over.currency,
          reference: asked.reference,
        });
        expect(await paid(asked)).toMatchObject([{ amount: Number(over.amountMinor), currency: over.currency }]);
        expect(await balance(over.currency, on)).toBe(before - over.amountMinor);
        if (outcome.kind !== 'succeeded') return;
        expect(await payouts().status(on, query(asked, { handles: outcome.handles }))).toEqual(outcome);
      },
    );

    it.each(DOUBTS)('is in doubt under %s, and found or not by asking, never made twice', async (name, isMade) => {
      const asked = request({ timeoutMs: 800 });
      await fault(name, 'payout');
      expect((await payouts().payout(account(), asked)).kind).toBe('unknown');
      await control('DELETE', '/_faults');
      if (isMade) expect(await settled(asked)).toMatchObject({ kind: 'succeeded', amountMinor: asked.amountMinor });
      else expect(['not_found', 'unknown']).toContain((await payouts().status(account(), query(asked))).kind);
      expect(await paid(asked)).toHaveLength(isMade ? 1 : 0);
    });

    it('says that it does not know a reference that it never got', async () => {
      expect((await payouts().status(account(), query(request()))).kind).toBe('not_found');
    });

    it('is not made twice under one reference', async () => {
      const asked = request();
      await payouts().payout(account(), asked);
      await settled(asked);
      expect((await payouts().payout(account(), asked)).kind).toBe('duplicate');
      expect(await paid(asked)).toHaveLength(1);
    });

    it('that was declined is over, and nothing moved', async () => {
      await fault('decline', 'payout');
      const asked = request();
      await payouts().payout(account(), asked);
      expect((await settled(asked)).kind).toBe('declined');
      expect(await paid(asked)).toEqual([]);
    });

    it('that came back is told as returned, and the balance has it again', async () => {
      if (!subject.returns) return;
      const before = await balance('GHS', account());
      await fault('returned', 'payout', { ms: 50 });
      const asked = request();
      await payouts().payout(account(), asked);
      const outcome = await eventually(async () => {
        const seen = await payouts().status(account(), query(asked));
        return seen.kind === 'returned' ? seen : undefined;
      });
      expect(outcome).toMatchObject({ kind: 'returned', code: 'reversed' });
      expect([await paid(asked), await paid(asked, 'payout_return')]).toMatchObject([[{}], [{}]]);
      expect(await balance('GHS', account())).toBe(before);
    });

    it('that our float does not cover moves nothing, and leaves the way to another gateway open', async () => {
      await control('POST', '/_float', { gateway: subject.gateway, currency: 'GHS', amount: 0 });
      const asked = request();
      const first = await payouts().payout(account(), asked);
      const outcome = first.kind === 'pending' ? await settled(asked) : first;
      expect(outcome).toMatchObject({ blame: 'merchant' });
      expect(outcome.kind === 'not_sent' || (outcome.kind === 'declined' && outcome.retryable)).toBe(true);
      expect(await paid(asked)).toEqual([]);
    });

    it('is not sent with wrong credentials, nor to a closed door', async () => {
      const asked = request();
      expect(await payouts().payout(wrongAccount(), asked)).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
      expect((await payouts().status(wrongAccount(), query(asked))).kind).toBe('not_sent');
      expect((await must(adapter().float).balances(wrongAccount(), 2_000)).kind).toBe('failed');
      await control('POST', '/_faults', { gateway: subject.gateway, fault: 'refuse' });
      expect(await payouts().payout(account(), asked)).toMatchObject({ kind: 'not_sent', blame: 'gateway' });
      expect(await paid(asked)).toEqual([]);
    });

    it('is found in a genuine webhook', async () => {
      const asked = request();
      await payouts().payout(account(), asked);
      const hint = await eventually(() =>
        hooks.received
          .map((hook) => adapter().verifyWebhook(account(), hook))
          .map((verdict) => (verdict.grade === 'rejected' ? null : verdict.hint))
          .find((found) => found?.about === 'payout'),
      );
      expect(hint).toMatchObject({ reference: asked.reference, eventType: expect.stringMatching(/success/) as string });
      expect(await payouts().status(account(), query(asked, { handles: hint?.handles ?? {} }))).toMatchObject({
        kind: 'succeeded',
        reference: asked.reference,
      });
    });
  });

  describe('the books', () => {
    /** Every line of every page. */
    const all = async <Item>(ask: (cursor: string | null) => Promise<Page<Item>>): Promise<Item[]> => {
      const items: Item[] = [];
      for (let cursor: string | null = null; ;) {
        const page: Page<Item> = await ask(cursor);
        if (page.kind === 'failed') throw new Error(page.code);
        items.push(...page.items);
        if (page.next === null) return items;
        cursor = page.next;
      }
    };
    const total = (lines: readonly GatewayTransaction[]): bigint =>
      lines.reduce((sum, { kind, amountMinor }) => (kind === 'charge' ? sum + amountMinor : sum), 0n);

    const charge = (reference: string): ChargeRequest => ({
      reference,
      currency: 'NGN',
      amountMinor: 500_000n,
      method: { type: 'card', token: 'AUTH_saved' },
      customer: {},
      description: null,
      callbackUrl: callbackUrl(),
      timeoutMs: 2_000,
    });

    it('list every charge that moved, and settlements that add up', async () => {
      const { books, refunds } = adapter();
      // MTN has none that can be asked for.
      expect(books === undefined).toBe(subject.gateway === 'mtn_momo');
      if (books === undefined) return;
      const from = new Date(Date.now() - 60_000);
      const references = Array.from({ length: 3 }, newReference);
      for (const reference of references) {
        await adapter().charge(account(), charge(reference));
        await eventually(async () => ((await moved('charge', reference)).length > 0 ? true : undefined));
      }
      const [first = ''] = references;
      const back = { ...charge(newReference()), amountMinor: 100_050n, reason: null };
      await refunds?.refund(account(), {
        ...back,
        charge: { reference: first, handles: {}, amountMinor: 500_000n },
      });
      await eventually(async () => ((await moved('refund', first)).length > 0 ? true : undefined));

      const window = { from, to: new Date(Date.now() + 60_000), currency: 'NGN', timeoutMs: 2_000 } as const;
      const lines = await all((cursor) => must(books.listTransactions?.(account(), { ...window, cursor })));
      expect(lines.map(({ reference }) => reference).toSorted()).toEqual(references.toSorted());
      for (const { reference, ...line } of lines) {
        expect(line).toMatchObject({ kind: 'charge', amountMinor: 500_000n, currency: 'NGN' });
        expect(reference === first ? ['succeeded', 'reversed'] : ['succeeded']).toContain(line.status);
      }

      await control('POST', '/_settlements', { gateway: subject.gateway });
      const settlements = await all((cursor) => must(books.listSettlements?.(account(), { ...window, cursor })));
      expect(settlements).toHaveLength(1);
      for (const { id, grossMinor, feesMinor, netMinor } of settlements) {
        const settled = await all((cursor) => must(books.listSettled?.(account(), id, { ...window, cursor })));
        expect(total(settled)).toBe(grossMinor);
        expect(grossMinor - feesMinor - back.amountMinor).toBe(netMinor);
      }
    });
  });

  it('goes on with a charge when that was typed which the customer was asked for', async () => {
    const { customerActions } = adapter();
    const asking = subject.asking ?? [];
    expect(asking.map(({ action }) => action.type)).toEqual(customerActions?.types ?? []);
    for (const { action, path, body } of asking) {
      const reference = newReference();
      const asked = await fetch(`${account().baseUrl}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${subject.credentials['secret_key']}`, 'content-type': 'application/json' },
        body: JSON.stringify(body(reference)),
      });
      expect(`${asked.status} ${await asked.text()}`).toMatch(/^200 /);
      const request = { reference, handles: {}, currency: 'NGN', action, timeoutMs: 2_000 } as const;
      expect((await must(customerActions).submit(wrongAccount(), request)).kind).toBe('not_sent');
      expect(await moved('charge', reference)).toEqual([]);
      const outcome = await must(customerActions).submit(account(), request);
      expect(['pending', 'succeeded']).toContain(outcome.kind);
      const query = { ...request, amountMinor: 500_000n, methodType: 'card' } as const;
      await eventually(async () =>
        (await adapter().status(account(), query)).kind === 'succeeded' ? true : undefined,
      );
      expect(await moved('charge', reference)).toHaveLength(1);
    }
  });
});
