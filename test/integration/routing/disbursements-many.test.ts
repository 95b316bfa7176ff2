/** Ten thousand payouts at once: how long planning them takes, and where they go when one float does not suffice for them. */
import { eventually } from '../../support/eventually.js';
import { createHarness, UNHURRIED, type Harness } from './harness.js';
import { payOut, PayingGateway, payoutOf, shortOfFloat } from './paying-gateway.js';

const PAYOUTS = 10_000;
/** As the kernel hands them over. */
const AT_ONCE = 250;
const AMOUNT = 1_000;
/** Of what could be planned at the first gateway: of it, this many fit. */
const FIT_AT_FIRST = 3_000;
const MINUTES = 240_000;

let harness: Harness;
afterEach(() => harness.close());

async function planAll(): Promise<number> {
  const funded = Array.from({ length: PAYOUTS }, () => payoutOf({ amount: AMOUNT }));
  const startedAt = performance.now();
  for (let index = 0; index < PAYOUTS; index += AT_ONCE) await harness.handle(funded.slice(index, index + AT_ONCE));
  return performance.now() - startedAt;
}

/** How many attempts there are at each gateway, by how they stand. */
const counted = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await harness.database.query<{ name: string; count: number }>(
        "SELECT gateway || ' ' || status AS name, count(*)::int FROM routing.attempt WHERE kind = 'payout' GROUP BY 1",
      )
    ).map(({ name, count }) => [name, count]),
  );

it(
  'are planned in seconds',
  async () => {
    harness = await createHarness([new PayingGateway('first'), new PayingGateway('second')], { start: false });
    const tookMs = await planAll();
    process.stdout.write(`${PAYOUTS} payouts were planned in ${Math.round(tookMs)} ms\n`);
    expect(await counted()).toEqual({ 'first planned': PAYOUTS });
    expect(tookMs).toBeLessThan(60_000);
  },
  MINUTES,
);

it.each(['in_order', 'by_worth'] as const)(
  'go on elsewhere where one float does not suffice for all, and no gateway is asked for what it has not: %s',
  async (payouts) => {
    const first = new PayingGateway('first');
    const second = new PayingGateway('second');
    harness = await createHarness([first, second], { schedule: UNHURRIED, payouts });
    let refusedAtFirst = 0;
    for (const gateway of [first, second])
      gateway.onPayout = (request) => {
        const left = gateway.floatMinor ?? 0n;
        if (request.amountMinor > left) {
          refusedAtFirst += 1;
          return shortOfFloat();
        }
        gateway.floatMinor = left - request.amountMinor;
        return {
          kind: 'succeeded',
          code: 'success',
          amountMinor: request.amountMinor,
          currency: request.currency,
          reference: request.reference,
          feeMinor: null,
          handles: {},
        };
      };
    const wanted = await payOut(harness, { amount: 1 });
    await eventually(async () => expect(await harness.state(wanted)).toBe('routed'));
    first.floatMinor = BigInt(FIT_AT_FIRST * AMOUNT);
    second.floatMinor = BigInt(PAYOUTS * AMOUNT);
    await eventually(() => {
      const known = harness.routing.floats.known().map(({ availableMinor }) => Number(availableMinor));
      expect(known.toSorted((a, b) => a - b)).toEqual([FIT_AT_FIRST * AMOUNT, PAYOUTS * AMOUNT]);
    });
    await planAll();
    await eventually(
      async () => {
        const { 'first succeeded': one = 0, 'second succeeded': other = 0 } = await counted();
        expect(one + other).toBe(PAYOUTS + 1);
      },
      { timeoutMs: MINUTES / 2 },
    );
    const ends = await counted();
    process.stdout.write(`${payouts}: ${JSON.stringify(ends)}, refused for lack of float ${refusedAtFirst}\n`);
    expect(refusedAtFirst).toBe(0);
    expect(first.floatMinor).toBeGreaterThanOrEqual(0n);
    expect(ends['first succeeded']).toBeLessThanOrEqual(FIT_AT_FIRST + 1);
    expect(ends['second succeeded']).toBeGreaterThanOrEqual(PAYOUTS - FIT_AT_FIRST);
  },
  MINUTES,
);
