import fc from 'fast-check';
import { judgeCoverage, type BankSide, type GatewaySide, type OwedSide } from './judge-coverage.js';

const UNIT = { livemode: true, currency: 'NGN' };

const owes = (merchants: bigint, more: Partial<OwedSide> = {}): OwedSide => ({
  ...UNIT,
  merchants,
  customers: 0n,
  onItsWay: 0n,
  ...more,
});
const gateway = (more: Partial<GatewaySide>): GatewaySide => ({
  ...UNIT,
  gatewayAccountId: 'gwa',
  booked: 0n,
  told: 0n,
  underWay: 0n,
  captured: 0n,
  denied: 0n,
  ...more,
});
const bank = (closing: bigint, isRecent = true): BankSide => ({
  ...UNIT,
  account: 'bank',
  closing,
  closedOn: '2026-11-27',
  isRecent,
});
const judged = (owed: OwedSide, gateways: readonly GatewaySide[], banks: readonly BankSide[] = []) => {
  const [coverage] = judgeCoverage([owed], gateways, banks);
  return { status: coverage?.status, held: coverage?.held, shortfall: coverage?.shortfall };
};

describe('coverage', () => {
  it.each([
    ['by a balance that contains everything', { booked: 1_000n, told: 1_000n }, 'covered'],
    ['by what was captured lately, where the balance has it not yet', { booked: 1_000n, captured: 1_000n }, 'covered'],
    ['by what is on its way to the bank', { booked: 1_000n, underWay: 1_000n }, 'covered'],
    ['by more than is booked', { booked: 400n, told: 1_000n }, 'covered'],
    ['not by what was captured long ago and is nowhere', { booked: 1_000n, captured: 900n }, 'short'],
    ['not by what the gateway denies', { booked: 1_000n, captured: 1_000n, denied: 1n }, 'short'],
    ['by the books alone, where the gateway says nothing', { booked: 1_000n, told: null }, 'unproved'],
    ['not even by the books', { booked: 999n, told: null }, 'short'],
    ['not by the books, as far as they are denied', { booked: 1_000n, told: null, denied: 1n }, 'short'],
  ] as const)('is told at a gateway: %s', (_, at, status) => {
    expect(judged(owes(1_000n), [gateway(at)]).status).toBe(status);
  });

  it.each([
    ['a recent statement', [bank(1_000n)], 'covered'],
    ['an old one', [bank(1_000n, false)], 'unproved'],
    ['an overdraft', [bank(1_500n), bank(-600n)], 'short'],
    ['an old overdraft, which takes nothing away', [bank(1_000n), bank(-600n, false)], 'covered'],
  ] as const)('is told at banks: %s', (_, banks, status) => {
    expect(judged(owes(1_000n), [], banks).status).toBe(status);
  });

  it('adds up what merchants and customers are owed, and lets go of what is on its way out', () => {
    const owed = owes(1_000n, { customers: 500n, onItsWay: 300n });
    expect(judged(owed, [gateway({ booked: 1_200n, told: 1_200n })])).toEqual({
      status: 'covered',
      held: 1_200n,
      shortfall: 0n,
    });
    expect(judged(owed, [gateway({ booked: 1_199n, told: 1_199n })])).toMatchObject({ status: 'short', shortfall: 1n });
  });

  it('takes nothing of one currency or mode for another', () => {
    const others = [
      gateway({ told: 5_000n, currency: 'GHS' }),
      gateway({ told: 5_000n, livemode: false }),
      gateway({ told: 100n }),
    ];
    expect(judged(owes(1_000n), others)).toEqual({ status: 'short', held: 100n, shortfall: 900n });
  });

  it('explains each account: what is told, under way, settling, unproved and contradicted is what is booked, or more', () => {
    const amount = fc.bigInt({ min: 0n, max: 5_000n });
    const sides = fc.record({
      booked: fc.bigInt({ min: -2_000n, max: 5_000n }),
      told: fc.option(amount),
      underWay: amount,
      captured: amount,
      denied: amount,
    });
    fc.assert(
      fc.property(fc.array(sides, { maxLength: 4 }), amount, (accounts, merchants) => {
        const [coverage] = judgeCoverage([owes(merchants)], accounts.map(gateway), []);
        for (const [index, part] of (coverage?.gateways ?? []).entries()) {
          const { booked = 0n, captured = 0n, denied = 0n } = accounts[index] ?? {};
          const explained = (part.told ?? 0n) + part.underWay + part.settling + part.unproved + part.contradicted;
          expect(explained >= booked).toBe(true);
          expect([part.settling, part.unproved, part.contradicted].every((each) => each >= 0n)).toBe(true);
          expect(part.settling <= captured && (part.settling === 0n || part.settling <= captured - denied)).toBe(true);
        }
        // Whoever is told of more is never worse off.
        const better = judgeCoverage(
          [owes(merchants)],
          accounts.map((each) => gateway({ ...each, told: 10_000n })),
          [],
        );
        expect((better[0]?.shortfall ?? 0n) <= (coverage?.shortfall ?? 0n)).toBe(true);
      }),
    );
  });
});
