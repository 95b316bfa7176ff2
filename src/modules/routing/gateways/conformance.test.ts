/**
 * One suite over every gateway, against the sandbox, which was written from the same documents without knowing the adapters:
 * where both agree, the protocol is understood. The sandbox's own books say what really moved.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PaymentMethod } from '../../../contracts/shared.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Currency } from '../../../kernel/money/money.js';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import type {
  ChargeRequest,
  GatewayAccount,
  GatewayAdapter,
  GatewayOutcome,
  StatusQuery,
  WebhookRequest,
} from './gateway-adapter.js';
import { createGateways, type Gateways } from './index.js';

interface Subject {
  readonly gateway: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Credentials that the sandbox does not know. */
  readonly wrongCredentials: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly currency: Currency;
    readonly amountMinor: bigint;
    readonly method: PaymentMethod;
    readonly environment?: string;
    readonly country?: string;
    /** The currency in which the gateway's own sandbox counts. */
    readonly moves?: string;
  }[];
  /** What a question ends as about a reference that the gateway never got. */
  readonly unheardOf: object;
  readonly idempotent: boolean;
  /** How a second charge with one reference ends. */
  readonly second: 'duplicate' | 'pending' | 'not_sent';
  /** How the gateway tells that the customer could not or would not pay; at some it is no end. */
  readonly declined: object;
  /** The same with a reason that we do not know; undefined where no reason is told. */
  readonly declinedForUnknownReason?: object;
  /** A method whose customer acts as the end of the phone number says; undefined where requests have no field for it. */
  readonly magic?: (ending: string) => PaymentMethod;
  /** What a question finds of a payment that the gateway took while its answer was lost. */
  readonly afterLostAnswer: 'succeeded' | 'unknown';
  /** What shows that a payment failed: its end, a code while it can still be paid, or nothing but the callback. */
  readonly tellsFailureBy: 'end' | 'code' | 'callback';
  /** Whether answers to questions have the amount that was paid. */
  readonly tellsAmount: boolean;
  /** Handles without which no question can be asked, to ask about what was never sent. */
  readonly madeUpHandles?: Readonly<Record<string, string>>;
  /** How a genuine webhook is graded, and a forged one. */
  readonly genuine: 'authenticated' | 'unauthenticated';
  readonly forged: 'rejected' | 'unauthenticated';
}

const momo = (phone: string): PaymentMethod => ({ type: 'mobile_money', network: 'mtn', phone });
const GHS = { currency: 'GHS', amountMinor: 150_050n, method: momo('+233241234567') } as const;
const XOF = { currency: 'XOF', amountMinor: 1_500n, method: momo('+2250701020304') } as const;
const NGN_CARD = { currency: 'NGN', amountMinor: 250_099n, method: { type: 'card', token: 'AUTH_saved' } } as const;
const NGN_TRANSFER = { currency: 'NGN', amountMinor: 500_000n, method: { type: 'bank_transfer' } } as const;
const NGN_USSD = { currency: 'NGN', amountMinor: 100_000n, method: { type: 'ussd', bank: '737' } } as const;

/** Wave and the pages send customers on to https addresses only. */
const RETURN_URL = 'https://shop.example/back';
const WAVE = { type: 'mobile_money', network: 'wave' } as const;
const ORANGE = { type: 'mobile_money', network: 'orange' } as const;

/** What the three have in common that tell the reason of a failure as its end. */
const tellsReasons = {
  declined: { kind: 'declined', blame: 'customer', retryable: false },
  declinedForUnknownReason: {
    kind: 'declined',
    code: expect.stringMatching(/moon.is.full/i) as string,
    blame: 'ambiguous',
    retryable: false,
  },
  magic: (ending: string): PaymentMethod => momo(`+23324123${ending}`),
  tellsFailureBy: 'end',
  afterLostAnswer: 'succeeded',
  tellsAmount: true,
} as const;

const subjects: readonly Subject[] = [
  {
    gateway: 'paystack',
    credentials: { secret_key: 'sk_test_sandbox_paystack' },
    wrongCredentials: { secret_key: 'sk_test_wrong' },
    cases: [GHS, XOF, NGN_CARD, NGN_TRANSFER, NGN_USSD],
    ...tellsReasons,
    unheardOf: { kind: 'not_found', code: 'transaction_not_found' },
    idempotent: true,
    second: 'duplicate',
    genuine: 'authenticated',
    forged: 'rejected',
  },
  {
    gateway: 'flutterwave',
    credentials: { secret_key: 'FLWSECK_TEST-sandbox', webhook_secret_hash: 'sandbox-flutterwave-hash' },
    wrongCredentials: { secret_key: 'FLWSECK_TEST-wrong', webhook_secret_hash: 'x' },
    cases: [GHS, XOF, { ...XOF, currency: 'XAF', method: momo('+237670000000') }, NGN_CARD, NGN_TRANSFER, NGN_USSD],
    ...tellsReasons,
    unheardOf: { kind: 'not_found', code: 'transaction_not_found' },
    idempotent: false,
    second: 'pending',
    genuine: 'authenticated',
    // The sandbox leaves the signature of the original body on the altered one.
    forged: 'rejected',
  },
  {
    gateway: 'mtn_momo',
    credentials: {
      api_user: '6a1f6c1e-0000-4000-8000-000000000001',
      api_key: 'sandbox-momo-key',
      subscription_key: 'sandbox-momo-subscription',
      target_environment: 'mtnghana',
    },
    wrongCredentials: {
      api_user: '6a1f6c1e-0000-4000-8000-000000000001',
      api_key: 'wrong',
      subscription_key: 'wrong',
      target_environment: 'mtnghana',
    },
    cases: [
      GHS,
      { ...XOF, environment: 'mtnivorycoast' },
      { ...XOF, currency: 'GNF', method: momo('+224620000000'), environment: 'mtnguineaconakry' },
    ],
    ...tellsReasons,
    unheardOf: { kind: 'not_found', code: 'RESOURCE_NOT_FOUND' },
    idempotent: true,
    second: 'duplicate',
    genuine: 'unauthenticated',
    forged: 'unauthenticated',
  },
  {
    gateway: 'monnify',
    credentials: {
      api_key: 'MK_TEST_SANDBOX',
      secret_key: 'sandbox-monnify-secret',
      contract_code: '4934121693',
      return_url: RETURN_URL,
    },
    wrongCredentials: { api_key: 'MK_TEST_SANDBOX', secret_key: 'wrong', contract_code: '4934121693' },
    cases: [NGN_TRANSFER, { ...NGN_TRANSFER, amountMinor: 250_099n }],
    unheardOf: { kind: 'not_found', code: 'not_found' },
    idempotent: true,
    second: 'duplicate',
    declined: { kind: 'declined', code: 'FAILED', blame: 'ambiguous', retryable: false },
    tellsFailureBy: 'end',
    afterLostAnswer: 'succeeded',
    tellsAmount: true,
    genuine: 'authenticated',
    forged: 'rejected',
  },
  {
    gateway: 'hubtel',
    credentials: {
      api_id: 'sandbox-hubtel',
      api_key: 'sandbox-hubtel-key',
      pos_sales_id: '11684',
      return_url: RETURN_URL,
    },
    wrongCredentials: { api_id: 'sandbox-hubtel', api_key: 'wrong', pos_sales_id: '11684' },
    cases: [GHS, { ...GHS, method: { type: 'mobile_money', network: 'telecel', phone: '+233201234567' } }],
    unheardOf: { kind: 'not_found', code: 'not_found' },
    idempotent: false,
    second: 'duplicate',
    // Only the callback tells, which nobody signed.
    declined: { kind: 'pending', code: 'Unpaid' },
    tellsFailureBy: 'callback',
    magic: tellsReasons.magic,
    afterLostAnswer: 'succeeded',
    tellsAmount: true,
    genuine: 'unauthenticated',
    forged: 'unauthenticated',
  },
  {
    gateway: 'orange_money',
    credentials: {
      client_id: 'sandbox-orange',
      client_secret: 'sandbox-orange-secret',
      merchant_key: 'sandbox-merchant',
      country: 'ci',
      return_url: RETURN_URL,
    },
    wrongCredentials: { client_id: 'sandbox-orange', client_secret: 'wrong', merchant_key: 'x', country: 'ci' },
    cases: [
      { ...XOF, method: { ...ORANGE, phone: '+2250701020304' } },
      { ...XOF, currency: 'XAF', method: { ...ORANGE, phone: '+237670000000' }, country: 'cm' },
      { ...XOF, currency: 'GNF', method: { ...ORANGE, phone: '+224620000000' }, country: 'gn' },
      { ...XOF, method: { ...ORANGE, phone: '+2250701020304' }, country: 'dev', moves: 'OUV' },
    ],
    unheardOf: { kind: 'not_sent', blame: 'merchant' },
    idempotent: false,
    second: 'duplicate',
    declined: { kind: 'declined', code: 'FAILED', blame: 'ambiguous', retryable: false },
    tellsFailureBy: 'end',
    afterLostAnswer: 'unknown',
    tellsAmount: false,
    madeUpHandles: { pay_token: 'nonesuch' },
    genuine: 'unauthenticated',
    forged: 'unauthenticated',
  },
  {
    gateway: 'wave',
    credentials: { api_key: 'wave_sn_test_sandbox', webhook_secret: 'wave_sn_WHS_sandbox', return_url: RETURN_URL },
    wrongCredentials: { api_key: 'wave_sn_test_wrong', webhook_secret: 'x', return_url: RETURN_URL },
    cases: [{ ...XOF, method: { ...WAVE, phone: '+221771234567' } }],
    unheardOf: { kind: 'not_found', code: 'checkout-session-not-found' },
    idempotent: false,
    second: 'pending',
    // The session stays open.
    declined: { kind: 'pending', code: expect.stringMatching(/^(insufficient-funds|payment-failure)$/) as string },
    tellsFailureBy: 'code',
    declinedForUnknownReason: { kind: 'pending', code: expect.stringMatching(/moon.is.full/i) as string },
    magic: (ending) => ({ ...WAVE, phone: `+22177123${ending}` }),
    afterLostAnswer: 'succeeded',
    tellsAmount: true,
    genuine: 'authenticated',
    forged: 'rejected',
  },
];

interface Received extends WebhookRequest {
  readonly path: string;
}

const received: Received[] = [];
/** What the gateways called the charges that they took, by our references. */
const handlesOf = new Map<string, Readonly<Record<string, string>>>();
let hooks: Server;
let hooksUrl: string;
let sandbox: Sandbox;
let gateways: Gateways;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${sandbox.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Waits until `look` gives something; the sandbox's customer takes 50 ms, so ten seconds are ample even on a busy machine. */
async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came');
}

beforeAll(async () => {
  hooks = createServer((request, response) => {
    void bodyOf(request).then((rawBody) => {
      received.push({ path: request.url ?? '', method: request.method ?? '', headers: request.headers, rawBody });
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    hooks.listen(0, '127.0.0.1', resolve);
  });
  hooksUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/webhooks`;
  sandbox = await startSandbox({ port: 0, webhookUrl: `${hooksUrl}/{gateway}/{account}` });
});

afterAll(async () => {
  await sandbox.close();
  hooks.closeAllConnections();
  await new Promise((resolve) => hooks.close(resolve));
});

beforeEach(async () => {
  await control('DELETE', '/_faults');
  received.length = 0;
  gateways = createGateways();
});

afterEach(() => gateways.close());

describe.each(subjects)('the adapter of $gateway', (subject) => {
  const account = (over: Partial<GatewayAccount> = {}): GatewayAccount => ({
    id: 'account-1',
    gateway: subject.gateway,
    name: 'main',
    livemode: false,
    baseUrl: sandbox.gateways[subject.gateway] ?? '',
    credentials: subject.credentials,
    ...over,
  });
  const accountFor = ({ environment, country }: Subject['cases'][number]): GatewayAccount =>
    account({
      credentials: {
        ...subject.credentials,
        ...(environment === undefined ? {} : { target_environment: environment }),
        ...(country === undefined ? {} : { country }),
      },
    });

  const adapter = (): GatewayAdapter => {
    const found = gateways.adapters.get(subject.gateway);
    if (found === undefined) throw new Error('no such adapter');
    return found;
  };

  const [{ amountMinor, currency, method } = GHS] = subject.cases;
  const request = (over: Partial<ChargeRequest> = {}): ChargeRequest => ({
    reference: newUuid().replaceAll('-', ''),
    amountMinor,
    currency,
    method,
    customer: {},
    description: null,
    callbackUrl: `${hooksUrl}/${subject.gateway}/main`,
    timeoutMs: 5_000,
    ...over,
  });

  /** Charges and remembers what the gateway calls it, as is done wherever attempts are kept. */
  const charge = async (charged: ChargeRequest, on: GatewayAccount = account()): Promise<GatewayOutcome> => {
    const outcome = await adapter().charge(on, charged);
    if (outcome.kind === 'pending') handlesOf.set(charged.reference, outcome.handles);
    return outcome;
  };

  const query = (charged: ChargeRequest, over: Partial<StatusQuery> = {}): StatusQuery => ({
    reference: charged.reference,
    handles: subject.madeUpHandles === undefined ? {} : (handlesOf.get(charged.reference) ?? subject.madeUpHandles),
    amountMinor: charged.amountMinor,
    currency: charged.currency,
    methodType: charged.method.type,
    timeoutMs: 5_000,
    ...over,
  });
  const withHandles = (charged: ChargeRequest, handles: Readonly<Record<string, string>>): StatusQuery => {
    const asked = query(charged);
    return { ...asked, handles: { ...handles, ...asked.handles } };
  };

  const fault = (name: string, over: object = {}): Promise<unknown> =>
    control('POST', '/_faults', { gateway: subject.gateway, fault: name, ...over });

  const moved = async (charged: ChargeRequest): Promise<{ amount: number; currency: string }[]> => {
    const reference = adapter().writtenReference(charged.reference);
    return (
      (await control('GET', `/_ledger?reference=${reference}`)) as { data: { amount: number; currency: string }[] }
    ).data;
  };

  /** Asks until the answer is no longer `pending`. */
  const settled = (charged: ChargeRequest, on: GatewayAccount = account()): Promise<GatewayOutcome> =>
    eventually(async () => {
      const outcome = await adapter().status(on, query(charged));
      return outcome.kind === 'pending' ? undefined : outcome;
    });

  /** Asks until the customer's no shows. */
  const refused = (charged: ChargeRequest): Promise<GatewayOutcome> =>
    eventually(async () => {
      const isCalledBack = received.some(({ rawBody }) => rawBody.includes(charged.reference));
      const outcome = await adapter().status(account(), query(charged));
      const isTold = { end: false, code: outcome.code !== 'open', callback: isCalledBack }[subject.tellsFailureBy];
      return outcome.kind !== 'pending' || isTold ? outcome : undefined;
    });

  it.each(subject.cases)(
    'takes a payment in $currency by $method.type and reports exactly what moved',
    async (wanted) => {
      const on = accountFor(wanted);
      const over = { amountMinor: wanted.amountMinor, currency: wanted.currency, method: wanted.method };
      const charged = request(over);
      const first = await charge(charged, on);
      expect(['pending', 'succeeded']).toContain(first.kind);
      const outcome = await settled(charged, on);
      expect(outcome).toMatchObject({
        kind: 'succeeded',
        amountMinor: over.amountMinor,
        currency: over.currency,
        reference: charged.reference,
      });
      expect(await moved(charged)).toMatchObject([
        { amount: Number(over.amountMinor), currency: wanted.moves ?? over.currency },
      ]);
      if (outcome.kind === 'succeeded')
        expect(await adapter().status(on, withHandles(charged, outcome.handles))).toEqual(outcome);
    },
  );

  it('says that it does not know a reference that it never got', async () => {
    expect(await adapter().status(account(), query(request()))).toMatchObject(subject.unheardOf);
  });

  it('never charges one reference twice without saying what it is', async () => {
    const charged = request();
    await charge(charged);
    await settled(charged);
    const second = await adapter().charge(account(), charged);
    expect(second.kind).toBe(subject.second);
    expect(adapter().capabilities.idempotentCreate).toBe(subject.idempotent);
    if (subject.second !== 'pending') expect(await moved(charged)).toHaveLength(1);
  });

  it.each([
    ['9901', 'a customer without funds'],
    ['9902', 'a customer who refuses'],
  ])("reads the decline of %s (%s) as the customer's own", async (ending) => {
    if (subject.magic === undefined) return;
    const charged = request({ method: subject.magic(ending) });
    await charge(charged);
    expect(await refused(charged)).toMatchObject(subject.declined);
    expect(await moved(charged)).toEqual([]);
  });

  it('reads a decline ordered for every charge', async () => {
    await fault('decline');
    const charged = request();
    await charge(charged);
    expect(await refused(charged)).toMatchObject(subject.declined);
  });

  it('does not fail over on a reason that it does not know', async () => {
    await fault('decline', { code: 'Moon Is Full' });
    const charged = request();
    await charge(charged);
    expect(await refused(charged)).toMatchObject(subject.declinedForUnknownReason ?? subject.declined);
  });

  it.each(['refuse', 'down'])('says not sent under %s, and that nothing moved', async (name) => {
    await adapter().charge(account(), request());
    await fault(name);
    const charged = request();
    const outcome = await adapter().charge(account(), charged);
    expect(outcome).toEqual({ kind: 'not_sent', code: 'connection_refused', blame: 'gateway' });
    expect((await adapter().status(account(), query(charged))).kind).toBe('not_sent');
    expect(await moved(charged)).toEqual([]);
  });

  it.each([
    ['timeout_before_charge', false],
    ['timeout_after_charge', true],
    ['error_5xx_before', false],
    ['error_5xx_after_charge', true],
    ['garbage', true],
  ])('says unknown under %s, and learns the truth by asking', async (name, isCharged) => {
    await fault(name);
    const charged = request({ timeoutMs: 300 });
    expect((await adapter().charge(account(), charged)).kind).toBe('unknown');
    await control('DELETE', '/_faults');
    const ask = (): Promise<GatewayOutcome> =>
      adapter().status(account(), { ...query(charged), handles: handlesOf.get(charged.reference) ?? {} });
    if (subject.afterLostAnswer === 'unknown') {
      // Without what the answer would have told, one cannot even ask.
      expect(await ask()).toEqual({ kind: 'unknown', code: 'pay_token_unknown' });
    } else if (!isCharged) {
      expect(await ask()).toMatchObject({ kind: 'not_found' });
    } else {
      expect(await settled(charged)).toMatchObject({ kind: 'succeeded', amountMinor: charged.amountMinor });
    }
    if (subject.afterLostAnswer === 'succeeded') expect(await moved(charged)).toHaveLength(isCharged ? 1 : 0);
  });

  it('waits for a slow answer, and calls it unknown only when the time is over', async () => {
    await adapter().charge(account(), request());
    await fault('slow', { ms: 600 });
    expect((await adapter().charge(account(), request())).kind).toBe('pending');
    expect(await adapter().charge(account(), request({ timeoutMs: 75 }))).toEqual({ kind: 'unknown', code: 'timeout' });
    expect(await adapter().status(account(), query(request(), { timeoutMs: 75 }))).toEqual({
      kind: 'unknown',
      code: 'timeout',
    });
  });

  it('reports another amount than was asked as it is', async () => {
    await fault('wrong_amount');
    const charged = request();
    await charge(charged);
    const outcome = await settled(charged);
    const [entry] = await moved(charged);
    // An answer without an amount can only be believed, until the books of the gateway come.
    if (!subject.tellsAmount)
      return expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor: charged.amountMinor });
    expect(outcome).toMatchObject({ kind: 'succeeded', amountMinor: BigInt(entry?.amount ?? -1) });
    expect(outcome).not.toMatchObject({ amountMinor: charged.amountMinor });
  });

  it('keeps saying pending while the customer does nothing', async () => {
    await fault('approve_after', { ms: 0 });
    const charged = request();
    await charge(charged);
    expect(await adapter().status(account(), query(charged))).toMatchObject({ kind: 'pending' });
  });

  it('sees the success that follows a failure', async () => {
    await fault('late_success', { ms: 1_500 });
    const charged = request();
    await charge(charged);
    expect((await refused(charged)).kind).toBe(subject.tellsFailureBy === 'end' ? 'declined' : 'pending');
    await eventually(async () =>
      (await adapter().status(account(), query(charged))).kind === 'succeeded' ? true : undefined,
    );
    expect(await moved(charged)).toHaveLength(1);
  });

  it('refuses wrong credentials as not sent, for charges and for questions', async () => {
    const wrong = account({ id: 'account-2', credentials: subject.wrongCredentials });
    const charged = request();
    expect(await adapter().charge(wrong, charged)).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
    expect(await adapter().status(wrong, query(charged))).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
    expect(await moved(charged)).toEqual([]);
  });

  it('finds the payment in a genuine webhook', async () => {
    const charged = request();
    await charge(charged);
    const hook = await eventually(() => received.find(({ path }) => path === `/webhooks/${subject.gateway}/main`));
    const verdict = adapter().verifyWebhook(account(), hook);
    const eventType = expect.stringMatching(/success/i) as string;
    const token = handlesOf.get(charged.reference)?.['notif_token'];
    const found = token === undefined ? { reference: charged.reference } : { handles: { notif_token: token } };
    expect(verdict).toMatchObject({ grade: subject.genuine, hint: { ...found, eventType } });
    if (verdict.grade !== 'rejected' && verdict.hint !== null) {
      expect(await adapter().status(account(), withHandles(charged, verdict.hint.handles))).toMatchObject({
        kind: 'succeeded',
        reference: charged.reference,
      });
    }
  });

  it('gives repeats of one webhook one key', async () => {
    await fault('duplicate_webhook');
    await adapter().charge(account(), request());
    await eventually(() => (received.length >= 3 ? true : undefined));
    const keys = received.map((hook) => {
      const verdict = adapter().verifyWebhook(account(), hook);
      return verdict.grade === 'rejected' ? undefined : verdict.hint?.dedupeKey;
    });
    expect(new Set(keys).size).toBe(1);
  });

  it('is not told a success by a forged webhook', async () => {
    await fault('forged_webhook');
    await fault('approve_after', { ms: 0 });
    const charged = request();
    await charge(charged);
    const hook = await eventually(() => received[0]);
    const verdict = adapter().verifyWebhook(account(), hook);
    expect(verdict.grade).toBe(subject.forged);
    const handles = verdict.grade === 'rejected' ? {} : (verdict.hint?.handles ?? {});
    expect(await adapter().status(account(), withHandles(charged, handles))).toMatchObject({ kind: 'pending' });
  });

  it('sends a card without a token to a page, where the customer pays', async () => {
    const [cardCurrency = 'NGN'] = adapter().capabilities.methodCurrencies.card ?? [];
    const charged = request({ currency: cardCurrency, method: { type: 'card' } });
    const outcome = await charge(charged);
    if (!adapter().capabilities.methods.includes('card')) {
      expect(outcome).toEqual({ kind: 'not_sent', code: 'unsupported_method', blame: 'merchant' });
      return;
    }
    expect(outcome).toMatchObject({ kind: 'pending', nextAction: { type: 'redirect' } });
    expect(await moved(charged)).toEqual([]);
    if (outcome.kind === 'pending' && outcome.nextAction?.type === 'redirect') await fetch(outcome.nextAction.url);
    await eventually(async () => ((await moved(charged)).length > 0 ? true : undefined));
    expect(await settled(charged)).toMatchObject({
      kind: 'succeeded',
      amountMinor: charged.amountMinor,
      currency: cardCurrency,
    });
  });

  it('refuses what it cannot take without a call', async () => {
    const charged = request({ method: { type: 'mobile_money', network: 'nonesuch', phone: '+233241234567' } });
    expect(await adapter().charge(account({ baseUrl: 'http://127.0.0.1:9' }), charged)).toEqual({
      kind: 'not_sent',
      code: 'unsupported_method',
      blame: 'merchant',
    });
  });

  it('turns a useless base address or credential into an outcome', async () => {
    const charged = request();
    expect(await adapter().charge(account({ baseUrl: 'nonsense' }), charged)).toMatchObject({
      kind: 'not_sent',
      blame: 'merchant',
    });
    const broken = Object.fromEntries(Object.keys(subject.credentials).map((name) => [name, 'a\r\nb']));
    expect(await adapter().charge(account({ credentials: broken }), charged)).toMatchObject({
      kind: 'not_sent',
      blame: 'merchant',
    });
    expect(await adapter().status(account({ credentials: broken }), query(charged))).toMatchObject({
      kind: 'not_sent',
    });
  });
});

describe("an MTN account in MTN's own sandbox", () => {
  it('is told with a server error that it takes euros only, which is no doubt about the payment', async () => {
    const [adapter, subject] = [
      gateways.adapters.get('mtn_momo'),
      subjects.find(({ gateway }) => gateway === 'mtn_momo'),
    ];
    const account: GatewayAccount = {
      id: 'a',
      gateway: 'mtn_momo',
      name: 'main',
      livemode: false,
      baseUrl: sandbox.gateways['mtn_momo'] ?? '',
      credentials: { ...subject?.credentials, target_environment: 'sandbox' },
    };
    const charge = {
      reference: newUuid().replaceAll('-', ''),
      ...GHS,
      customer: {},
      description: null,
      callbackUrl: '',
      timeoutMs: 1_000,
    };
    expect(await adapter?.charge(account, charge)).toEqual({
      kind: 'not_sent',
      code: 'INVALID_CURRENCY',
      blame: 'merchant',
    });
  });
});
