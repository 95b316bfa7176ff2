import fc from 'fast-check';
import { matchLeftovers } from './leftovers.js';
import type { LineSide, RecordSide } from './sides.js';
import { onlySum } from './sums.js';

const NOON = Date.UTC(2026, 0, 1, 12);
const MINUTE_MS = 60_000;

function record(id: string, amount: bigint, minutes = 0, differing: Partial<RecordSide> = {}): RecordSide {
  return {
    attemptId: id,
    kind: 'payment',
    merchantId: 'm',
    key: id,
    handles: [],
    status: 'succeeded',
    amount,
    currency: 'GHS',
    movedAmount: amount,
    movedCurrency: 'GHS',
    fee: 0n,
    startedAt: NOON + minutes * MINUTE_MS,
    concludedAt: NOON + minutes * MINUTE_MS,
    isGivenBack: false,
    ...differing,
  };
}

function line(id: string, amount: bigint, minutes = 0, differing: Partial<LineSide> = {}): LineSide {
  return {
    id,
    kind: 'charge',
    key: null,
    aliases: [],
    status: 'succeeded',
    amount,
    fee: null,
    currency: 'GHS',
    occurredAt: NOON + minutes * MINUTE_MS,
    ...differing,
  };
}

const shown = (records: readonly RecordSide[], lines: readonly LineSide[]) =>
  matchLeftovers(records, lines).map(
    (each) =>
      `${each.rule} ${each.records
        .map(({ attemptId }) => attemptId)
        .toSorted()
        .join('+')} = ${each.lines
        .map(({ id }) => id)
        .toSorted()
        .join('+')}`,
  );

describe('what is left over', () => {
  it('is matched by amount when each is the only one within reach of the other', () => {
    expect(shown([record('a', 500n), record('b', 700n)], [line('x', 500n, 20), line('y', 700n, -5)])).toEqual([
      'amount a = x',
      'amount b = y',
    ]);
  });

  it.each([
    ['two lines fit', [record('a', 500n)], [line('x', 500n), line('y', 500n, 30)]],
    ['two records fit', [record('a', 500n), record('b', 500n, -30)], [line('x', 500n)]],
    ['it is too late', [record('a', 500n)], [line('x', 500n, 61)]],
    ['it is too early', [record('a', 500n)], [line('x', 500n, -11)]],
    ['the currency is another', [record('a', 500n)], [line('x', 500n, 0, { currency: 'NGN' })]],
    ['it is a refund', [record('a', 500n)], [line('x', 500n, 0, { kind: 'refund' })]],
    ['it failed', [record('a', 500n)], [line('x', 500n, 0, { status: 'failed' })]],
    ['it names another attempt of ours', [record('a', 500n)], [line('x', 500n, 0, { key: 'a'.repeat(32) })]],
    ['nothing moved here', [record('a', 500n, 0, { status: 'declined' })], [line('x', 500n)]],
  ])('is not matched when %s', (_, records, lines) => {
    expect(shown(records, lines)).toEqual([]);
  });

  it('is matched by sums, of lines or of records', () => {
    expect(shown([record('a', 987_651n)], [line('x', 500_000n), line('y', 487_651n, 3)])).toEqual([
      'one_to_many a = x+y',
    ]);
    expect(
      shown([record('a', 123_457n), record('b', 654_321n, 1), record('c', 111_111n, 2)], [line('x', 888_889n, 4)]),
    ).toEqual(['many_to_one a+b+c = x']);
  });

  it('is not matched by sums that prove nothing: everything costs 10.00', () => {
    expect(shown([record('a', 3_000n)], [line('x', 1_000n), line('y', 2_000n, 3)])).toEqual([]);
  });

  it('is not matched by a sum whose part another sum wants as well', () => {
    const lines = [line('x', 500_000n), line('y', 487_651n), line('z', 400_003n)];
    expect(shown([record('a', 987_651n), record('b', 900_003n, 1)], lines)).toEqual([]);
  });

  it('is matched the same whatever the order', () => {
    const records = [record('a', 987_651n), record('b', 500n), record('c', 701n, 2), record('d', 701n, 40)];
    const lines = [
      line('v', 500n),
      line('w', 500_000n),
      line('x', 487_651n, 3),
      line('y', 701n, 3),
      line('z', 701n, 41),
    ];
    const expected = shown(records, lines);
    expect(expected).toEqual(['amount b = v', 'one_to_many a = w+x']);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(records, { minLength: 4 }),
        fc.shuffledSubarray(lines, { minLength: 5 }),
        (shuffledRecords, shuffledLines) => {
          expect(shown(shuffledRecords, shuffledLines)).toEqual(expected);
        },
      ),
    );
  });
});

describe('a sum', () => {
  it('is right, and the only one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(1n, 1_000_000n), { maxLength: 8 }),
        fc.bigInt(1n, 3_000_000n),
        (amounts, target) => {
          const candidates = amounts.map((amount, index) => ({ amount, index }));
          const sum = onlySum(target, candidates);
          if (sum === undefined) return;
          expect(sum.parts.reduce((total, { amount }) => total + amount, 0n)).toBe(target);
          let fitting = 0;
          for (let mask = 1; mask < 1 << candidates.length; mask += 1) {
            const parts = candidates.filter((_, index) => (mask & (1 << index)) !== 0);
            const isSought = parts.length >= 2 && parts.length <= sum.parts.length;
            if (isSought && parts.reduce((total, { amount }) => total + amount, 0n) === target) fitting += 1;
          }
          expect(fitting).toBe(1);
        },
      ),
    );
  });

  it('is given up on where two combinations fit', () => {
    const parts = [400_001n, 600_003n, 500_002n, 500_002n].map((amount) => ({ amount }));
    expect(onlySum(1_000_004n, parts)).toBeUndefined();
    expect(onlySum(1_000_004n, parts.slice(0, 2))).toMatchObject({ combinations: 1 });
  });
});
