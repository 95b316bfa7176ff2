import { eventually } from '../../support/eventually.js';
import { createHarness, QUICK, type AttemptRow, type Harness } from './harness.js';
import { ends, idOf, payOut, PayingGateway, payoutOf, shortOfFloat } from './paying-gateway.js';

let first: PayingGateway;
let second: PayingGateway;
let harness: Harness;

beforeEach(() => {
  first = new PayingGateway('first');
  second = new PayingGateway('second');
});
afterEach(() => harness.close());

const ended = (id: string, names: readonly string[]): Promise<void> =>
  eventually(async () => expect(await ends(harness, id)).toEqual(names));
const gatewaysOf = async (id: string): Promise<string[]> => (await harness.attempts(id)).map(({ gateway }) => gateway);
async function only(id: string): Promise<AttemptRow> {
  const [attempt] = await harness.attempts(id);
  if (attempt === undefined) throw new Error('no attempt');
  return attempt;
}

/** Sets the floats, and waits until they are known; a payout of nothing to speak of makes them wanted. */
async function floatsBecome(one: bigint, other: bigint): Promise<void> {
  await ended(await payOut(harness, { amount: 1 }), ['disbursement_succeeded']);
  first.floatMinor = one;
  second.floatMinor = other;
  await eventually(() => {
    const known = harness.routing.floats.known().map(({ availableMinor }) => Number(availableMinor));
    expect(known.toSorted((a, b) => a - b)).toEqual([one, other].map(Number).toSorted((a, b) => a - b));
  });
}

describe('the float', () => {
  it('of an account that is surely too small lets the payout go to the next', async () => {
    harness = await createHarness([first, second]);
    await floatsBecome(999n, 1_000_000n);
    const id = await payOut(harness, { amount: 1_000 });
    await ended(id, ['disbursement_succeeded']);
    expect(await gatewaysOf(id)).toEqual(['second']);
    // The one of nothing to speak of.
    expect(first.payoutRequests).toHaveLength(1);
  });

  it('that just suffices is used', async () => {
    harness = await createHarness([first, second]);
    await floatsBecome(1_000n, 1_000_000n);
    const id = await payOut(harness, { amount: 1_000 });
    await ended(id, ['disbursement_succeeded']);
    expect(await gatewaysOf(id)).toEqual(['first']);
  });

  it('that nobody can tell is not held against an account', async () => {
    harness = await createHarness([first, second]);
    first.floatMinor = undefined;
    const id = await payOut(harness, { amount: 1_000_000_000 });
    await ended(id, ['disbursement_succeeded']);
    expect(await gatewaysOf(id)).toEqual(['first']);
  });

  it('that the gateway says is too small sends the payout to the next account', async () => {
    harness = await createHarness([first, second]);
    first.onPayout = shortOfFloat;
    const id = await payOut(harness);
    await ended(id, ['disbursement_succeeded']);
    expect(await gatewaysOf(id)).toEqual(['first', 'second']);
  });

  it('is what a payout waits for, and goes when it is filled up', async () => {
    harness = await createHarness([first, second]);
    await floatsBecome(999n, 999n);
    const funded = payoutOf({ amount: 1_000 });
    await harness.handle([funded]);
    const id = idOf(funded);
    const before = (await only(id)).next_check_at?.getTime() ?? 0;
    // It has been looked at again, and again.
    await eventually(async () => {
      const next = (await only(id)).next_check_at?.getTime() ?? 0;
      expect(next).toBeGreaterThan(before + 2 * QUICK.tryAgainEveryMs);
    });
    expect(await harness.attempts(id)).toMatchObject([{ status: 'planned', gateway: 'first' }]);
    expect([first.payoutRequests, second.payoutRequests].flat()).toHaveLength(1);
    first.floatMinor = 1_000n;
    await ended(id, ['disbursement_succeeded']);
    expect(await gatewaysOf(id)).toEqual(['first']);
  });

  it('that is filled up at another account takes the waiting payout there', async () => {
    harness = await createHarness([first, second]);
    await floatsBecome(999n, 999n);
    const id = await payOut(harness, { amount: 1_000 });
    await eventually(async () => expect((await only(id)).status).toBe('planned'));
    second.floatMinor = 1_000n;
    await ended(id, ['disbursement_succeeded']);
    expect(await gatewaysOf(id)).toEqual(['first', 'second']);
    expect(await harness.attempts(id)).toMatchObject([{ status: 'not_sent', outcome_code: 'insufficient_float' }, {}]);
  });

  it('that is not filled up in time ends the waiting', async () => {
    harness = await createHarness([first, second], { schedule: { ...QUICK, patienceMs: 300 } });
    await floatsBecome(999n, 999n);
    const id = await payOut(harness, { amount: 1_000 });
    await ended(id, ['disbursement_failed']);
    expect((await harness.events(id)).at(-1)?.payload).toMatchObject({
      failure_code: 'insufficient_float',
      blame: 'merchant',
    });
    expect([first.payoutRequests, second.payoutRequests].flat()).toHaveLength(1);
  });

  it('is shared out among many payouts, as far as it goes', async () => {
    harness = await createHarness([first, second]);
    await floatsBecome(5_000n, 5_000n);
    let left = 5_000n;
    first.onPayout = (request) => {
      if (request.amountMinor > left) return shortOfFloat();
      left -= request.amountMinor;
      first.floatMinor = left;
      return { ...success, amountMinor: request.amountMinor, reference: request.reference };
    };
    const funded = Array.from({ length: 8 }, () => payoutOf({ amount: 1_000 }));
    await harness.handle(funded);
    for (const each of funded) await ended(idOf(each), ['disbursement_succeeded']);
    const chosen = await Promise.all(funded.map((each) => gatewaysOf(idOf(each))));
    // Those that do not fit were passed over when they were planned: no gateway had to refuse them.
    expect(chosen.filter((gateways) => gateways.join() === 'first')).toHaveLength(5);
    expect(chosen.filter((gateways) => gateways.join() === 'second')).toHaveLength(3);
  });
});

const success = { kind: 'succeeded', code: 'success', currency: 'GHS', feeMinor: null, handles: {} } as const;
