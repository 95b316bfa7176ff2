/**
 * Refunds, payouts, books and balances against the sandbox, as `conformance.test.ts` does it for charges: two readings of the same
 * documents, of which neither knew the other.
 */
import type { PaymentMethod } from '../../../contracts/shared.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Currency } from '../../../kernel/money/money.js';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import type { GatewayAccount, GatewayAdapter, GatewayOutcome } from './gateway-adapter.js';
import type {
  GatewayTransaction,
  MoneyOutOutcome,
  Page,
  PayoutDestination,
  PayoutRequest,
  RefundedCharge,
} from './gateway-parts.js';
import { createGateways, type Gateways } from './index.js';

interface Subject {
  readonly gateway: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly currency: Currency;
  readonly method: PaymentMethod;
  readonly destination: PayoutDestination;
  /** Where a payout fails. */
  readonly deadEnd: PayoutDestination;
  /** How the same payout ends that is sent a second time. */
  readonly second: object;
  /** How a payout ends for which there is too little money, told at once or when asked. */
  readonly broke: object;
  /** What tells that a payout failed. */
  readonly failed: object;
  readonly returns: boolean;
}

const bank = (accountNumber: string): PayoutDestination => ({
  type: 'bank_account',
  bankCode: '058',
  accountNumber,
  name: 'Ada Obi',
});
const wallet = (network: string, phone: string): PayoutDestination => ({
  type: 'mobile_money',
  network,
  phone,
  name: 'Awa Diop',
});

const monnify: Subject = {
  gateway: 'monnify',
  credentials: {
    api_key: 'MK_TEST_SANDBOX',
    secret_key: 'sandbox-monnify-secret',
    contract_code: '4934121693',
    source_account_number: '3934178936',
  },
  currency: 'NGN',
  method: { type: 'bank_transfer' },
  destination: bank('0111946768'),
  deadEnd: bank('0111949901'),
  second: { kind: expect.stringMatching(/^(duplicate|not_sent)$/) as string },
  broke: { kind: 'not_sent', blame: 'merchant' },
  failed: { kind: 'declined', code: 'FAILED', blame: 'ambiguous', retryable: false },
  returns: true,
};
const wave: Subject = {
  gateway: 'wave',
  credentials: {
    api_key: 'wave_sn_test_sandbox',
    webhook_secret: 'wave_sn_WHS_sandbox',
    return_url: 'https://shop.example/back',
  },
  currency: 'XOF',
  method: { type: 'mobile_money', network: 'wave', phone: '+221771234567' },
  destination: wallet('wave', '+221771234567'),
  deadEnd: wallet('wave', '+221771239901'),
  second: { kind: expect.stringMatching(/^(pending|succeeded)$/) as string },
  broke: { kind: 'declined', code: 'insufficient-funds', blame: 'merchant', retryable: true },
  failed: { kind: 'declined', blame: 'ambiguous', retryable: false },
  returns: true,
};
const hubtel: Subject = {
  gateway: 'hubtel',
  credentials: {
    api_id: 'sandbox-hubtel',
    api_key: 'sandbox-hubtel-key',
    pos_sales_id: '11684',
    prepaid_deposit_id: '2016001',
  },
  currency: 'GHS',
  method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
  destination: wallet('mtn', '+233241234567'),
  deadEnd: wallet('mtn', '+233241239901'),
  second: { kind: 'duplicate' },
  broke: { kind: 'not_sent', code: '4075', blame: 'merchant' },
  failed: { kind: 'declined', retryable: false },
  returns: false,
};

const AMOUNT_MINOR = 500_000n;
const FLOAT_MINOR = 100_000_000;

let sandbox: Sandbox;
let gateways: Gateways;

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${sandbox.controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came');
}

const newReference = (): string => newUuid().replaceAll('-', '');
const moved = async (reference: string, kind: string): Promise<{ amount: number; currency: string }[]> => {
  const { data } = (await control('GET', `/_ledger?reference=${reference}`)) as {
    data: { kind: string; amount: number; currency: string }[];
  };
  return data.filter((entry) => entry.kind === kind);
};

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, webhookUrl: 'http://127.0.0.1:9/{gateway}/{account}' });
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await control('DELETE', '/_faults');
  gateways = createGateways();
});
afterEach(() => gateways.close());

const adapterOf = ({ gateway }: Subject): GatewayAdapter => {
  const found = gateways.adapters.get(gateway);
  if (found === undefined) throw new Error('no such adapter');
  return found;
};
const accountOf = (subject: Subject): GatewayAccount => ({
  id: 'account-1',
  gateway: subject.gateway,
  name: 'main',
  livemode: false,
  baseUrl: sandbox.gateways[subject.gateway] ?? '',
  credentials: subject.credentials,
});

/** A charge that was paid, as it is kept. */
async function paidCharge(subject: Subject): Promise<RefundedCharge> {
  const { currency, method } = subject;
  const [reference, callbackUrl, timeoutMs] = [newReference(), 'http://127.0.0.1:9/hooks', 5_000];
  const asked = { reference, amountMinor: AMOUNT_MINOR, currency, timeoutMs };
  await adapterOf(subject).charge(accountOf(subject), {
    ...asked,
    method,
    customer: {},
    description: null,
    callbackUrl,
  });
  const paid = await eventually(async () => {
    const query = { ...asked, handles: {}, methodType: method.type };
    const outcome: GatewayOutcome = await adapterOf(subject).status(accountOf(subject), query);
    return outcome.kind === 'succeeded' ? outcome : undefined;
  });
  return { reference, handles: paid.handles, amountMinor: AMOUNT_MINOR };
}

describe.each([monnify, wave])('refunds at $gateway', (subject) => {
  const refunds = () => {
    const part = adapterOf(subject).refunds;
    if (part === undefined) throw new Error('no refunds');
    return part;
  };
  const request = (charge: RefundedCharge, amountMinor = charge.amountMinor, reference = newReference()) => ({
    reference,
    charge,
    amountMinor,
    currency: subject.currency,
    reason: null,
    callbackUrl: '',
    timeoutMs: 5_000,
  });
  const settled = (asked: ReturnType<typeof request>): Promise<MoneyOutOutcome> =>
    eventually(async () => {
      const query = { ...asked, handles: {}, requestedAt: new Date(), knownIds: [] };
      const outcome = await refunds().status(accountOf(subject), query);
      return outcome.kind === 'pending' || outcome.kind === 'not_found' ? undefined : outcome;
    });

  it('give back everything and report exactly what moved', async () => {
    const charge = await paidCharge(subject);
    const asked = request(charge);
    expect(['pending', 'succeeded']).toContain((await refunds().refund(accountOf(subject), asked)).kind);
    expect(await settled(asked)).toMatchObject({
      kind: 'succeeded',
      amountMinor: AMOUNT_MINOR,
      currency: subject.currency,
      reference: asked.reference,
    });
    expect(await moved(charge.reference, 'refund')).toMatchObject([{ amount: Number(AMOUNT_MINOR) }]);
  });

  it('find the charge by its reference alone', async () => {
    const charge = { ...(await paidCharge(subject)), handles: {} };
    const asked = request(charge);
    expect(['pending', 'succeeded']).toContain((await refunds().refund(accountOf(subject), asked)).kind);
    expect((await settled(asked)).kind).toBe('succeeded');
  });

  it('give back a part where that is offered, and nothing where it is not', async () => {
    const charge = await paidCharge(subject);
    const asked = request(charge, 120_050n);
    const outcome = await refunds().refund(accountOf(subject), asked);
    if (!refunds().partial) return expect(outcome).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
    expect(await settled(asked)).toMatchObject({ kind: 'succeeded', amountMinor: 120_050n });
    expect(await moved(charge.reference, 'refund')).toMatchObject([{ amount: 120_050 }]);
  });

  it('give nothing back twice, or more than was paid', async () => {
    const charge = await paidCharge(subject);
    const asked = request(charge);
    await refunds().refund(accountOf(subject), asked);
    await settled(asked);
    const second = await refunds().refund(accountOf(subject), asked);
    if (refunds().idempotent) expect(second.kind).toBe('duplicate');
    const more = await refunds().refund(accountOf(subject), request(charge, AMOUNT_MINOR));
    expect(['not_sent', 'unknown', 'declined']).toContain(more.kind);
    expect(await moved(charge.reference, 'refund')).toHaveLength(1);
  });

  it('are not found where none was asked for', async () => {
    const asked = request(await paidCharge(subject));
    const query = { ...asked, handles: {}, requestedAt: new Date(), knownIds: [] };
    expect((await refunds().status(accountOf(subject), query)).kind).toBe('not_found');
  });

  it('are unknown when the answer is lost, and found by asking', async () => {
    const charge = await paidCharge(subject);
    await control('POST', '/_faults', { gateway: subject.gateway, fault: 'timeout_after_charge', on: 'refund' });
    const asked = { ...request(charge), timeoutMs: 500 };
    expect((await refunds().refund(accountOf(subject), asked)).kind).toBe('unknown');
    await control('DELETE', '/_faults');
    expect((await settled({ ...asked, timeoutMs: 5_000 })).kind).toBe('succeeded');
    expect(await moved(charge.reference, 'refund')).toHaveLength(1);
  });
});

/** Amounts differ, since Monnify takes the same one to the same account once in two minutes only. */
let amounts = 10_000n;

describe.each([monnify, wave, hubtel])('payouts at $gateway', (subject) => {
  const payouts = () => {
    const part = adapterOf(subject).payouts;
    if (part === undefined) throw new Error('no payouts');
    return part;
  };
  const request = (over: Partial<PayoutRequest> = {}): PayoutRequest => ({
    reference: newReference(),
    amountMinor: (amounts += 100n),
    currency: subject.currency,
    destination: subject.destination,
    narration: 'Salary',
    callbackUrl: 'http://127.0.0.1:9/hooks',
    timeoutMs: 5_000,
    ...over,
  });
  const ask = ({ reference, amountMinor, currency, destination }: PayoutRequest): Promise<MoneyOutOutcome> =>
    payouts().status(accountOf(subject), {
      reference,
      amountMinor,
      currency,
      handles: {},
      destinationType: destination.type,
      timeoutMs: 5_000,
    });
  const settled = (asked: PayoutRequest): Promise<MoneyOutOutcome> =>
    eventually(async () => {
      const outcome = await ask(asked);
      return outcome.kind === 'pending' ? undefined : outcome;
    });
  const fill = (amount: number): Promise<unknown> =>
    control('POST', '/_float', { gateway: subject.gateway, currency: subject.currency, amount });
  beforeEach(() => fill(FLOAT_MINOR));

  it('arrive, and report exactly what moved', async () => {
    const asked = request();
    expect(['pending', 'succeeded']).toContain((await payouts().payout(accountOf(subject), asked)).kind);
    expect(await settled(asked)).toMatchObject({
      kind: 'succeeded',
      amountMinor: asked.amountMinor,
      currency: subject.currency,
      reference: asked.reference,
    });
    expect(await moved(asked.reference, 'payout')).toMatchObject([
      { amount: Number(asked.amountMinor), currency: subject.currency },
    ]);
  });

  it('are paid once, however often they are sent', async () => {
    const asked = request();
    await payouts().payout(accountOf(subject), asked);
    await settled(asked);
    expect(await payouts().payout(accountOf(subject), asked)).toMatchObject(subject.second);
    expect(await moved(asked.reference, 'payout')).toHaveLength(1);
  });

  it('are not found where none was sent', async () => {
    expect((await ask(request())).kind).toBe('not_found');
  });

  it('that cannot arrive are declined', async () => {
    const asked = request({ destination: subject.deadEnd });
    await payouts().payout(accountOf(subject), asked);
    expect(await settled(asked)).toMatchObject(subject.failed);
    expect(await moved(asked.reference, 'payout')).toEqual([]);
  });

  it('for which there is too little money say so', async () => {
    await fill(0);
    // More than all charges brought in.
    const asked = request({ amountMinor: 90_000_000_000n });
    const outcome = await payouts().payout(accountOf(subject), asked);
    expect(outcome.kind === 'pending' ? await settled(asked) : outcome).toMatchObject(subject.broke);
    expect(await moved(asked.reference, 'payout')).toEqual([]);
  });

  it('are unknown when the answer is lost, and found by asking', async () => {
    await payouts().payout(accountOf(subject), request());
    await control('POST', '/_faults', { gateway: subject.gateway, fault: 'timeout_after_charge', on: 'payout' });
    const asked = request({ timeoutMs: 500 });
    expect((await payouts().payout(accountOf(subject), asked)).kind).toBe('unknown');
    await control('DELETE', '/_faults');
    expect((await settled(asked)).kind).toBe('succeeded');
    expect(await moved(asked.reference, 'payout')).toHaveLength(1);
  });

  it('that come back are returned, where the gateway can say it', async () => {
    if (!subject.returns) return;
    await control('POST', '/_faults', { gateway: subject.gateway, fault: 'returned', ms: 100 });
    const asked = request();
    await payouts().payout(accountOf(subject), asked);
    const outcome = await eventually(async () => {
      const seen = await ask(asked);
      return seen.kind === 'returned' ? seen : undefined;
    });
    expect(outcome.kind).toBe('returned');
    expect(await moved(asked.reference, 'payout_return')).toHaveLength(1);
  });
});

describe("Monnify's guard of two minutes", () => {
  it('refuses another payout of the same amount to the same account, which is then unknown to it', async () => {
    const payouts = gateways.adapters.get('monnify')?.payouts;
    await control('POST', '/_float', { gateway: 'monnify', currency: 'NGN', amount: FLOAT_MINOR });
    const request = (): PayoutRequest => ({
      reference: newReference(),
      amountMinor: 777_700n,
      currency: 'NGN',
      destination: bank('0111946700'),
      narration: 'Salary',
      callbackUrl: '',
      timeoutMs: 5_000,
    });
    await payouts?.payout(accountOf(monnify), request());
    const second = request();
    expect(await payouts?.payout(accountOf(monnify), second)).toEqual({
      kind: 'not_sent',
      code: 'D07',
      blame: 'gateway',
    });
    expect(await moved(second.reference, 'payout')).toEqual([]);
  });
});

describe.each([monnify, wave])('the books of $gateway', (subject) => {
  it('have the charge that was paid, page by page', async () => {
    const from = new Date(Date.now() - 60_000);
    const charge = await paidCharge(subject);
    const items: GatewayTransaction[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 100; pages += 1) {
      const page: Page<GatewayTransaction> | undefined = await adapterOf(subject).books?.listTransactions?.(
        accountOf(subject),
        {
          from,
          to: new Date(Date.now() + 60_000),
          cursor,
          currency: subject.currency,
          timeoutMs: 5_000,
        },
      );
      if (page?.kind !== 'page') throw new Error(`no page: ${page?.code}`);
      items.push(...page.items);
      cursor = page.next;
      if (cursor === null) break;
    }
    const line = items.find(({ kind, reference }) => kind === 'charge' && reference === charge.reference);
    expect(line).toMatchObject({ status: 'succeeded', amountMinor: AMOUNT_MINOR, currency: subject.currency });
    expect(Math.abs((line?.occurredAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('say what can be paid out', async () => {
    await control('POST', '/_float', { gateway: subject.gateway, currency: subject.currency, amount: FLOAT_MINOR });
    const held = (await control('GET', `/_float?gateway=${subject.gateway}&currency=${subject.currency}`)) as object;
    const seen = await adapterOf(subject).float?.balances(accountOf(subject), 5_000);
    if (seen?.kind !== 'balances') throw new Error(`no balances: ${seen?.code}`);
    expect(seen.balances).toHaveLength(1);
    expect(seen.balances[0]?.currency).toBe(subject.currency);
    expect(Object.values(held)).toContain(Number(seen.balances[0]?.availableMinor));
  });
});
