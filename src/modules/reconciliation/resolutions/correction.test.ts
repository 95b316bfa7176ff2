import { whatIsCertain, isDenied } from './certain.js';
import { correctionOf, type Broken, type OurSide, type TheirSide } from './correction.js';

const found = (kind: Broken['kind'], differences: Broken['differences'] = [], side: Broken['side'] = 'gateway') => ({
  kind,
  side,
  currency: 'GHS',
  differences,
});
const ours = (kind: OurSide['kind'], differing: Partial<OurSide> = {}): OurSide => ({
  kind,
  took: true,
  amount: 1_000n,
  fee: 20n,
  ...differing,
});
const theirs = (kind: TheirSide['kind'], status: TheirSide['status'] = 'succeeded'): TheirSide => ({
  kind,
  status,
  amount: 1_000n,
});
const fee = (mine: string | null, other: string) => [{ field: 'fee', ours: mine, theirs: other } as const];
const amount = (mine: string, other: string) => [{ field: 'amount', ours: mine, theirs: other } as const];

describe('the correction of a break', () => {
  it.each([
    // [what is wrong, ours, theirs, on the clearing account]
    ['a fee that was higher', found('fee', fee('20', '25')), ours('payment'), theirs('charge'), 'credit', 5n],
    ['a fee that was lower', found('fee', fee('20', '18')), ours('payout'), theirs('payout'), 'debit', 2n],
    ['a fee that nobody told', found('fee', fee(null, '30')), ours('payment'), theirs('charge'), 'credit', 30n],
    ['more was charged', found('amount', amount('1000', '1200')), ours('payment'), theirs('charge'), 'debit', 200n],
    ['less was charged', found('amount', amount('1000', '900')), ours('payment'), theirs('charge'), 'credit', 100n],
    ['more was paid out', found('amount', amount('1000', '1200')), ours('payout'), theirs('payout'), 'credit', 200n],
    ['less was given back', found('amount', amount('1000', '900')), ours('refund'), theirs('refund'), 'debit', 100n],
    ['a charge that is not ours', found('missing_here'), undefined, theirs('charge'), 'debit', 1_000n],
    ['a payout that is not ours', found('missing_here'), undefined, theirs('payout'), 'credit', 1_000n],
    ['a payout that came back by itself', found('missing_here'), undefined, theirs('payout_return'), 'debit', 1_000n],
    ['a charge that was taken twice', found('duplicate'), ours('payment'), theirs('charge'), 'debit', 1_000n],
    ['a payment they never had', found('missing_there'), ours('payment'), undefined, 'credit', 980n],
    ['a payout they never made', found('missing_there'), ours('payout'), undefined, 'debit', 1_020n],
    ['a payment that failed there', found('status'), ours('payment'), theirs('charge', 'failed'), 'credit', 980n],
    [
      'a payment that was charged back',
      found('status'),
      ours('payment'),
      theirs('charge', 'reversed'),
      'credit',
      1_000n,
    ],
    [
      'a success that we took for a failure',
      found('status'),
      ours('payment', { took: false }),
      theirs('charge'),
      'debit',
      1_000n,
    ],
  ] as const)('%s', (_, broken, mine, other, side, booked) => {
    expect(correctionOf(broken, mine, other)).toEqual({ side, amount: booked, currency: 'GHS' });
  });

  it.each([
    ['another currency', found('currency'), ours('payment'), theirs('charge')],
    ['what is late', found('late'), ours('payment'), theirs('charge')],
    ['what may still come', found('missing_here'), undefined, theirs('charge', 'pending')],
    ['a fee or settlement of theirs', found('missing_here'), undefined, theirs('settlement')],
    ['what both deny', found('status'), ours('payment', { took: false }), theirs('charge', 'failed')],
    ["the ledger's side", found('amount', amount('1000', '900'), 'ledger'), ours('payment'), undefined],
    [
      'an attempt of which nobody knows the amount',
      found('missing_there'),
      ours('payment', { amount: null }),
      undefined,
    ],
  ] as const)('there is none for %s', (_, broken, mine, other) => {
    expect(correctionOf(broken, mine, other)).toBeUndefined();
  });
});

describe('what is certain', () => {
  const about = (kind: Broken['kind'], of: bigint | null = 30n, attemptId: string | null = 'a') => ({
    kind,
    side: 'gateway' as const,
    attemptId,
    amount: of,
  });

  it('is that a status is asked for again, and what is missing there', () => {
    expect(whatIsCertain(about('status'), null, 0)).toBe('ask');
    expect(whatIsCertain(about('missing_there'), null, 0)).toBe('ask');
    expect(whatIsCertain({ ...about('status'), side: 'ledger' }, null, 0)).toBeUndefined();
    expect(whatIsCertain(about('status', 30n, null), null, 0)).toBeUndefined();
  });

  it.each([
    [30n, 1_000n, 300, 'book_fee'],
    [31n, 1_000n, 300, undefined],
    [1n, 1_000_000n, 0, undefined],
    [30n, null, 300, undefined],
  ])('is a fee that differs by %s of %s where %s basis points are allowed: %s', (by, moved, bps, expected) => {
    expect(whatIsCertain(about('fee', by), moved, bps)).toBe(expected);
  });

  it('tells a success that is denied from other differences', () => {
    const status = (mine: string, other: string) => ({
      kind: 'status' as const,
      differences: [{ field: 'status' as const, ours: mine, theirs: other }],
    });
    expect(isDenied(status('succeeded', 'failed'))).toBe(true);
    expect(isDenied(status('unknown', 'succeeded'))).toBe(false);
    expect(isDenied(status('succeeded', 'reversed'))).toBe(false);
    expect(isDenied({ kind: 'missing_there', differences: [] })).toBe(true);
  });
});
