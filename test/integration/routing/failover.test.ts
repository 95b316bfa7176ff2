import { CONNECTIONS } from '../../../src/modules/routing/gateways/http-client.js';
import { eventually } from '../../support/eventually.js';
import { CARD, createHarness, gate, MOMO, UNHURRIED, type Harness } from './harness.js';
import { declined, notFound, notSent, pending, ScriptedGateway, succeeded, unknown } from './scripted-gateway.js';

let first: ScriptedGateway;
let second: ScriptedGateway;
let harness: Harness;

beforeEach(async () => {
  first = new ScriptedGateway('first');
  second = new ScriptedGateway('second');
  // What a gateway answers is all that is known: nobody asks it again meanwhile, however long a busy machine takes.
  harness = await createHarness([first, second], { schedule: UNHURRIED });
});
afterEach(() => harness.close());

const typesOf = async (paymentId: string): Promise<string[]> =>
  (await harness.events(paymentId)).map((event) => event.type.replace('routing.', '').replace('.v1', ''));

describe('routing a payment', () => {
  it('goes through the first gateway that takes it, and says so', async () => {
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(await typesOf(payment)).toEqual(['attempt_started', 'payment_routed']);
    const [, routed] = await harness.events(payment);
    expect(routed?.payload).toMatchObject({
      amount: 1_500,
      currency: 'GHS',
      gateway_fee: 10,
      livemode: false,
      attempt: { gateway: 'first', status: 'succeeded' },
    });
    expect(first.charges).toHaveLength(1);
    expect(second.charges).toHaveLength(0);
    const [attempt] = await harness.attempts(payment);
    expect(first.charges[0]).toMatchObject({
      reference: attempt?.id.replaceAll('-', ''),
      amountMinor: 1_500n,
      callbackUrl: 'http://127.0.0.1:1/webhooks/first/main',
    });
  });

  it('keeps to the fast path for a pending charge: no event until there is something to say', async () => {
    first.onCharge = pending;
    first.onStatus = pending;
    const payment = await harness.pay();
    await eventually(async () => expect((await harness.attempts(payment))[0]?.status).toBe('pending'));
    expect(await typesOf(payment)).toEqual(['attempt_started']);
  });

  it('commits as its own what it can send at once, and leaves the rest for whoever has room', async () => {
    const hold = gate();
    first.onCharge = async (request) => {
      await hold.opened;
      return succeeded(request);
    };
    const statuses = async (): Promise<Record<string, number>> => {
      const rows = await harness.database.query<{ status: string; count: number }>(
        'SELECT status, count(*)::int AS count FROM routing.attempt GROUP BY 1',
      );
      return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    };
    const room = CONNECTIONS.charge;
    await harness.handle(Array.from({ length: room + 6 }, () => harness.created()));
    expect(await statuses()).toEqual({ sending: room, planned: 6 });
    expect(first.charges).toHaveLength(room);
    hold.open();
    await eventually(async () => expect(await statuses()).toEqual({ succeeded: room + 6 }));
    expect(first.charges).toHaveLength(room + 6);
  });

  it('tells what the customer has to do', async () => {
    first.onCharge = () => ({
      kind: 'pending',
      code: 'otp',
      nextAction: { type: 'redirect', url: 'https://pay.example' },
      handles: { id: '7' },
    });
    const payment = await harness.pay(CARD);
    await eventually(async () => expect(await typesOf(payment)).toContain('attempt_updated'));
    const updated = (await harness.events(payment)).find((event) => event.type.includes('updated'));
    expect(updated?.payload['next_action']).toEqual({ type: 'redirect', url: 'https://pay.example' });
  });

  it.each([
    ['a charge that was never sent', () => notSent()],
    ['a decline by fault of the gateway', () => declined(true)],
  ])('fails over after %s', async (_, outcome) => {
    first.onCharge = outcome;
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(await typesOf(payment)).toEqual([
      'attempt_started',
      'attempt_concluded',
      'attempt_started',
      'payment_routed',
    ]);
    expect((await harness.attempts(payment)).map((each) => [each.gateway, each.status])).toEqual([
      ['first', outcome().kind],
      ['second', 'succeeded'],
    ]);
  });

  it.each([
    ['a timeout', () => unknown()],
    ['a duplicate', () => ({ kind: 'duplicate', code: 'duplicate_reference' }) as const],
    ['a pending charge', () => pending()],
  ])('never fails over after %s, however often the gateway knows nothing', async (_, outcome) => {
    first.onCharge = outcome;
    first.onStatus = notFound;
    const payment = await harness.pay();
    await eventually(async () => expect((await harness.attempts(payment))[0]?.status).toMatch(/unknown|pending/));
    for (let look = 0; look < 6; look += 1) {
      const asked = first.queries.length;
      const [attempt] = await harness.attempts(payment);
      await harness.passTime(attempt?.id ?? '', 100_000);
      await eventually(() => expect(first.queries.length).toBeGreaterThan(asked));
    }
    expect(await harness.attempts(payment)).toHaveLength(1);
    expect(second.charges).toHaveLength(0);
    expect(first.charges).toHaveLength(1);
    expect(await harness.state(payment)).toBe('routing');
  });

  it("ends with the customer's own no, without asking another gateway", async () => {
    first.onCharge = () => declined(false);
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('exhausted'));
    expect(second.charges).toHaveLength(0);
    const exhausted = (await harness.events(payment)).at(-1);
    expect(exhausted).toMatchObject({
      type: 'routing.payment_exhausted.v1',
      payload: { failure_code: 'insufficient_funds', blame: 'customer', attempts: 1 },
    });
  });

  it('tries every account once, then gives up', async () => {
    first.onCharge = () => notSent();
    second.onCharge = () => declined(true);
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('exhausted'));
    expect((await harness.events(payment)).at(-1)?.payload).toMatchObject({
      failure_code: 'issuer_down',
      blame: 'gateway',
      attempts: 2,
    });
    expect(first.charges).toHaveLength(1);
    expect(second.charges).toHaveLength(1);
  });

  it('gives up at once when no gateway can take the method', async () => {
    const payment = await harness.pay({ ...MOMO, network: 'no-such' } as typeof MOMO);
    expect(await harness.state(payment)).toBe('exhausted');
    expect((await harness.events(payment)).map((event) => event.payload)).toMatchObject([
      { failure_code: 'no_gateway_available', attempts: 0 },
    ]);
  });

  it('routes a payment once, however often it is announced', async () => {
    const event = harness.created();
    const copies = Array.from({ length: 5 }, () => ({ ...event, id: crypto.randomUUID() }));
    await harness.handle([event, ...copies]);
    await Promise.all(copies.map((copy) => harness.handle([copy])));
    const { payment_id: payment } = event.payload as { payment_id: string };
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    expect(first.charges).toHaveLength(1);
    expect(await typesOf(payment)).toEqual(['attempt_started', 'payment_routed']);
  });

  it('moves attempts that wait for a gateway whose breaker has opened to another', async () => {
    const hold = gate();
    first.onCharge = async () => {
      await hold.opened;
      return notSent();
    };
    // Questions may come before the charges that they are about.
    first.onStatus = () => notFound();
    second.onStatus = (query) =>
      second.charges.some(({ reference }) => reference === query.reference) ? succeeded(query) : notFound();
    const payments = 3 * CONNECTIONS.charge;
    await harness.handle(Array.from({ length: payments }, () => harness.created()));
    await eventually(() => expect(first.charges).toHaveLength(CONNECTIONS.charge));
    hold.open();
    await eventually(async () => {
      const states = await harness.database.query<{ state: string; n: string }>(
        'SELECT state, count(*) AS n FROM routing.payment GROUP BY 1',
      );
      expect(states).toEqual([{ state: 'routed', n: String(payments) }]);
    });
    // Some were being claimed already when it opened; most of those waiting went straight to the second gateway.
    expect(first.charges.length).toBeLessThan(2 * CONNECTIONS.charge + 2);
    expect(new Set(second.charges.map((each) => each.reference)).size).toBe(payments);
    expect(second.charges).toHaveLength(payments);
  });

  describe('with more than can be sent', () => {
    /** As many are sent at once through an account, and as many waiting are enough to keep it busy. */
    const ENOUGH = 2 * CONNECTIONS.charge;
    /** Longer than an attempt waits for its gateway before another may have it. */
    const TOO_LONG_MS = 2_300;
    const holdBack = (gateway: ScriptedGateway): ReturnType<typeof gate> => {
      const hold = gate();
      gateway.onCharge = async (request) => {
        await hold.opened;
        return succeeded(request);
      };
      return hold;
    };
    let holds: { readonly first: ReturnType<typeof gate>; readonly second: ReturnType<typeof gate> };
    beforeEach(() => {
      holds = { first: holdBack(first), second: holdBack(second) };
    });
    afterEach(() => {
      holds.first.open();
      holds.second.open();
    });
    const payments = (count: number): Promise<void> =>
      harness.handle(Array.from({ length: count }, () => harness.created()));
    const attemptsBy = (column: 'gateway' | 'status'): Promise<Record<string, unknown>[]> =>
      harness.database.query(`SELECT ${column}, count(*)::int AS n FROM routing.attempt GROUP BY 1 ORDER BY 1`);
    const pass = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        setTimeout(resolve, ms);
      });

    it('keeps to the preferred gateway while it is quick, and gives the next one what would wait too long', async () => {
      await payments(ENOUGH + 40);
      expect(await attemptsBy('gateway')).toEqual([{ gateway: 'first', n: ENOUGH + 40 }]);
      await pass(TOO_LONG_MS);
      await payments(30);
      expect(await attemptsBy('gateway')).toEqual([
        { gateway: 'first', n: ENOUGH + 40 },
        { gateway: 'second', n: 30 },
      ]);
    });

    it('sends nobody from one line to another', async () => {
      await payments(ENOUGH + 40);
      await pass(TOO_LONG_MS);
      await payments(ENOUGH);
      await pass(TOO_LONG_MS);
      holds.first.open();
      await eventually(async () =>
        expect(await attemptsBy('status')).toContainEqual({ status: 'succeeded', n: ENOUGH + 40 }),
      );
      expect((await attemptsBy('status')).map(({ status }) => status)).not.toContain('not_sent');
    });

    it('takes no more out of the line while the gateway has enough, and goes on when it has not, or another is better', async () => {
      const { handler } = harness.routing;
      const isReady = (): Promise<boolean> =>
        Promise.race([handler.ready().then(() => true), pass(300).then(() => false)]);
      await payments(ENOUGH - 10);
      expect(await isReady()).toBe(true);
      await payments(20);
      expect(await isReady()).toBe(false);
      await pass(TOO_LONG_MS);
      expect(await isReady()).toBe(true);
      await payments(ENOUGH);
      expect(await isReady()).toBe(false);
      holds.first.open();
      await handler.ready();
    });

    it('waits for nobody whom no gateway can take', async () => {
      await harness.handle([harness.created({ method: { ...MOMO, network: 'no-such' } as typeof MOMO })]);
      await harness.routing.handler.ready();
    });
  });

  it('sends to the only gateway even though its breaker is open', async () => {
    second.onCharge = () => notSent();
    first.onCharge = () => notSent();
    for (let n = 0; n < 8; n += 1) {
      const payment = await harness.pay();
      await eventually(async () => expect(await harness.state(payment)).toBe('exhausted'));
    }
    first.onCharge = (request) => succeeded(request);
    second.onCharge = (request) => succeeded(request);
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
  });
});
