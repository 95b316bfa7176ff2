import fc from 'fast-check';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { asked, take, told, type Asked, type Happening } from './disbursement-events.js';
import { createHarness, differences, disagreements, type LedgerHarness, type LedgerProcess } from './harness.js';
import { NaiveHolds } from './naive-holds.js';
import { balancesOf, capture, contradictions, hours, NO_CONTRADICTION, pass, prove, release, say } from './settling.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterAll(() => harness.close());

const delayed = fc.nat({ max: 4 });
const policies = fc.record({
  mode: fc.constantFrom('delay', 'delay', 'proved', 'proved_or_delay', 'never'),
  after: delayed,
  reserve: fc.option(fc.record({ percent: fc.integer({ min: 1, max: 60 }), after: delayed }), { nil: undefined }),
  funds: fc.constantFrom('captured', 'captured', 'available'),
});
type PolicyWord = typeof policies extends fc.Arbitrary<infer T> ? T : never;

/** `of` picks a capture or a disbursement among those that there are. */
const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('capture' as const),
      amount: fc.integer({ min: 1, max: 60 }),
      fee: fc.nat({ max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('say' as const), policy: policies }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('release' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('prove' as const), of: fc.nat({ max: 9 }), early: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('refund' as const),
      of: fc.nat({ max: 9 }),
      amount: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('payout' as const), amount: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('hear' as const),
      of: fc.nat({ max: 9 }),
      what: fc.constantFrom<Happening>('succeeded', 'failed', 'returned', 'created'),
    }),
  },
);

/** A part of a capture on an account, and when it is due, in hours from the beginning. */
interface Part {
  readonly captureId: string;
  readonly kind: 'merchant_pending' | 'merchant_rolling_reserve';
  readonly amount: bigint;
  readonly dueAt: number | undefined;
  readonly byProof: boolean;
  givenBack: bigint;
  isReleased: boolean;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Settlement as one would do it first: every part is looked at, with every release. */
class NaiveSettlement extends NaiveHolds {
  readonly waiting: Part[] = [];
  readonly proved = new Set<string>();
  now = 0;
  policy: PolicyWord = { mode: 'never', after: 0, reserve: undefined, funds: 'captured' };

  constructor(private readonly merchantId: string) {
    super();
  }

  capture(captureId: string, amount: bigint, fee: bigint): void {
    const { mode, after, reserve } = this.policy;
    const kept = reserve === undefined ? 0n : least((amount * BigInt(reserve.percent)) / 100n, amount - fee);
    this.account('merchant_pending', this.merchantId).posted += amount - fee - kept;
    this.account('merchant_rolling_reserve', this.merchantId).posted += kept;
    const isDelayed = mode === 'delay' || mode === 'proved_or_delay';
    const byProof = mode === 'proved' || mode === 'proved_or_delay';
    const common = { captureId, givenBack: 0n, isReleased: false };
    this.waiting.push({
      ...common,
      kind: 'merchant_pending',
      amount: amount - fee - kept,
      dueAt: isDelayed ? this.now + after : undefined,
      byProof,
    });
    if (reserve !== undefined)
      this.waiting.push({
        ...common,
        kind: 'merchant_rolling_reserve',
        amount: kept,
        dueAt: this.now + reserve.after,
        byProof: false,
      });
  }

  /** What a refund holds, or holds no longer. */
  giveBack(captureId: string, amount: bigint): void {
    for (const part of this.waiting)
      if (part.captureId === captureId && part.kind === 'merchant_pending') part.givenBack += amount;
  }

  settle(): void {
    for (const part of this.waiting) {
      const isProved = part.byProof && this.proved.has(part.captureId);
      if (isProved || (part.dueAt !== undefined && part.dueAt <= this.now)) part.isReleased = true;
    }
    for (const kind of ['merchant_pending', 'merchant_rolling_reserve'] as const) {
      // An account on which nothing was ever due is not looked at, also where refunds beyond a capture have left more on it than waits.
      if (!this.waiting.some((part) => part.kind === kind && part.isReleased)) continue;
      const account = this.account(kind, this.merchantId);
      const waits = sum(
        this.waiting
          .filter((part) => part.kind === kind && !part.isReleased)
          .map(({ amount, givenBack }) => amount - least(givenBack, amount)),
      );
      const moved = account.posted - account.held - waits;
      if (moved <= 0n) continue;
      account.posted -= moved;
      this.account('merchant_available', this.merchantId).posted += moved;
    }
  }

  balances() {
    const of = (kind: string): bigint => {
      const { posted, held } = this.account(kind, this.merchantId);
      return kind === 'merchant_reserved' ? posted + held : posted - held;
    };
    return {
      pending: of('merchant_pending'),
      available: of('merchant_available'),
      reserved: of('merchant_reserved'),
      rolling: of('merchant_rolling_reserve'),
    };
  }
}

interface Standing {
  readonly merchantId: string;
  readonly naive: NaiveSettlement;
  readonly captures: { readonly attemptId: string; readonly amount: number }[];
  readonly disbursements: { readonly of: Asked; readonly captureId: string | undefined }[];
}

type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

async function live(standing: Standing, step: Step): Promise<void> {
  const { merchantId, naive, captures, disbursements } = standing;
  switch (step.does) {
    case 'say': {
      const { mode, after, reserve, funds } = step.policy;
      naive.policy = step.policy;
      await say(ledger, merchantId, {
        mode,
        ...(mode === 'delay' || mode === 'proved_or_delay' ? { delay: hours(after) } : {}),
        ...(reserve === undefined
          ? {}
          : { reserve: { percent_bps: reserve.percent * 100, delay: hours(reserve.after) } }),
        payout_funds: funds,
      });
      return;
    }
    case 'capture': {
      const attemptId = newUuid();
      const fee = Math.min(step.fee, step.amount);
      await capture(ledger, { merchantId, amount: step.amount, attemptId, platformFee: fee });
      naive.capture(attemptId, BigInt(step.amount), BigInt(fee));
      captures.push({ attemptId, amount: step.amount });
      return;
    }
    case 'pass':
      naive.now += step.hours;
      return pass(harness, step.hours);
    case 'release':
      naive.settle();
      return release(ledger);
    case 'prove': {
      const known = captures[step.of]?.attemptId ?? newUuid();
      naive.proved.add(known);
      return prove(ledger, known);
    }
    case 'refund': {
      const of = captures[step.of % Math.max(captures.length, 1)];
      if (of === undefined) return;
      const refund = asked(merchantId, Math.min(step.amount, of.amount), { kind: 'refund', capturedBy: of.attemptId });
      disbursements.push({ of: refund, captureId: of.attemptId });
      return hear(standing, disbursements.length - 1, 'created');
    }
    case 'payout':
      disbursements.push({ of: asked(merchantId, step.amount), captureId: undefined });
      return hear(standing, disbursements.length - 1, 'created');
    case 'hear':
      return hear(standing, step.of, step.what);
  }
}

async function hear({ naive, disbursements }: Standing, index: number, what: Happening): Promise<void> {
  const found = disbursements[index];
  if (found === undefined) return;
  const { of, captureId } = found;
  const was = naive.states.get(of.id);
  const hadLeft = naive.hasLeft(of);
  naive.funds = naive.policy.funds;
  naive.hear(of, what);
  const is = naive.states.get(of.id);
  if (captureId !== undefined) {
    const amount = BigInt(of.amount);
    if (what === 'created' && was === undefined && is === 'pending') naive.giveBack(captureId, amount);
    if (what === 'failed' && was === 'pending') naive.giveBack(captureId, -amount);
    if (what === 'succeeded' && !hadLeft && was !== 'pending') naive.giveBack(captureId, amount);
  }
  await take(ledger, [{ ...told(of, what), createdAt: new Date() }]);
}

describe('random stories of captures, proofs, refunds, payouts, policies and time', () => {
  it('make available what a naive settlement does, when it does, and owe what they owe', async () => {
    let released = 0n;
    let kept = 0n;
    let reserved = 0;
    await fc.assert(
      fc.asyncProperty(
        policies,
        fc.array(steps, { minLength: 5, maxLength: 40, size: 'max' }),
        async (first, story) => {
          const merchantId = newUuid();
          const standing: Standing = {
            merchantId,
            naive: new NaiveSettlement(merchantId),
            captures: [],
            disbursements: [],
          };
          await live(standing, { does: 'say', policy: first });
          for (const step of story) {
            await live(standing, step);
            const shown = await balancesOf(ledger, merchantId);
            expect([step, shown]).toEqual([step, standing.naive.balances()]);
          }
          const { available, rolling, pending } = await balancesOf(ledger, merchantId);
          released += available;
          kept += pending;
          if (rolling > 0n) reserved += 1;
          expect(await contradictions(ledger)).toEqual(NO_CONTRADICTION);
        },
      ),
      { numRuns: 60 },
    );
    // Not for want of anything to do.
    expect([released > 0n, kept > 0n, reserved > 0]).toEqual([true, true, true]);
    expect(await disagreements(ledger)).toBe(0n);
    for (const difference of Object.values(await differences(ledger))) expect(difference).toBe(0n);
  }, 180_000);
});
