import fc from 'fast-check';
import { judgeMissing, judgeReceived } from './judge-settlements.js';
import { matchSettlements, type CreditSide, type SettlementSide } from './match-settlements.js';

const DAY_MS = 86_400_000;
const DAY = Date.UTC(2026, 10, 2);

function settlement(id: string, net: bigint, differing: Partial<SettlementSide> = {}): SettlementSide {
  return {
    id,
    gatewayAccountId: 'gwa',
    names: [`stl-${id}`],
    net,
    currency: 'NGN',
    settledAt: DAY + 3_600_000,
    ...differing,
  };
}
function credit(id: string, amount: bigint, differing: Partial<CreditSide> = {}): CreditSide {
  return { id, account: 'bank', amount, currency: 'NGN', bookedAt: DAY + DAY_MS, texts: [], ...differing };
}
const found = (settlements: readonly SettlementSide[], credits: readonly CreditSide[]): readonly string[] =>
  matchSettlements(settlements, credits)
    .map(({ settlements: group, credit: { id }, rule }) => `${rule} ${id} ${group.map((each) => each.id).join('+')}`)
    .toSorted();

describe('settlements at the bank', () => {
  it.each([
    ['its own name, whatever else is written around it', ['PAYSTACK/STL-A00001/LAGOS'], 'reference c a00001'],
    ['its name with other dashes', ['ref stla00001'], 'reference c a00001'],
    ['the name of another', ['STL-B00001'], undefined],
  ])('are found by %s', (_, texts, expected) => {
    const all = found([settlement('a00001', 500n)], [credit('c', 999n, { texts })]);
    expect(all).toEqual(expected === undefined ? [] : [expected]);
  });

  it('are not found by a number that is part of another', () => {
    const ours = settlement('a', 500n, { names: ['123456'] });
    expect(found([ours], [credit('c', 9n, { texts: ['NIP 9912345678'] })])).toEqual([]);
    expect(found([ours], [credit('c', 9n, { texts: ['NIP 123456 PSTK'] })])).toEqual(['reference c a']);
  });

  it('that two gateways call the same are told apart by their amounts, or not at all', () => {
    const ours = settlement('a', 500n, { names: ['7183190162340'] });
    const others = settlement('b', 700n, { names: ['7183190162340'], gatewayAccountId: 'other' });
    const texts = ['SETTLEMENT 7183190162340'];
    expect(found([ours, others], [credit('c', 700n, { texts }), credit('d', 500n)])).toEqual([
      'amount d a',
      'reference c b',
    ]);
    expect(found([ours, others], [credit('c', 700n, { texts }), credit('d', 400n, { texts })])).toEqual([
      'reference c b',
      'reference d a',
    ]);
    expect(found([ours, others], [credit('c', 699n, { texts })])).toEqual([]);
  });

  it('whose name is part of the longer name of another gateway are told apart by the longer one, whichever comes first', () => {
    const ours = settlement('a', 500n, { names: ['7183293911265'] });
    const names = ['7183293911265', 'SETTLE-7183293911265'];
    const others = settlement('b', 700n, { names, gatewayAccountId: 'other' });
    const short = credit('c', 499n, { texts: ['SETTLEMENT 7183293911265'] });
    const long = credit('d', 699n, { texts: ['SETTLEMENT SETTLE-7183293911265'] });
    for (const credits of [
      [short, long],
      [long, short],
    ])
      expect(found([ours, others], credits)).toEqual(['reference c a', 'reference d b']);
    expect(found([ours, others], [short])).toEqual([]);
  });

  it('are found by their amount where there is one of each', () => {
    expect(found([settlement('a', 500n)], [credit('c', 500n)])).toEqual(['amount c a']);
    expect(found([settlement('a', 500n), settlement('b', 500n)], [credit('c', 500n)])).toEqual([]);
    expect(found([settlement('a', 500n)], [credit('c', 500n), credit('d', 500n)])).toEqual([]);
    expect(found([settlement('a', 500n)], [credit('c', 500n, { currency: 'GHS' })])).toEqual([]);
  });

  it('are found by name alone where not all of them were looked at', () => {
    const both = [settlement('a00001', 500n), settlement('b00001', 700n)];
    const credits = [credit('c', 500n), credit('d', 700n, { texts: ['stl-b00001'] })];
    expect(matchSettlements(both, credits, false).map(({ rule, credit: { id } }) => `${rule} ${id}`)).toEqual([
      'reference d',
    ]);
    expect(found(both, credits)).toEqual(['amount c a00001', 'reference d b00001']);
  });

  it.each([
    [-2, false],
    [-1, true],
    [0, true],
    [6, true],
    [7, false],
  ])('are looked for %s days after they were sent: %s', (days, isFound) => {
    const all = found([settlement('a', 500n)], [credit('c', 500n, { bookedAt: DAY + days * DAY_MS })]);
    expect(all).toEqual(isFound ? ['amount c a'] : []);
  });

  it('are found as a sum, where one combination adds up', () => {
    const three = [settlement('a', 100n), settlement('b', 250n), settlement('d', 7n)];
    expect(found(three, [credit('c', 350n)])).toEqual(['many_to_one c a+b']);
    expect(found([...three, settlement('e', 93n)], [credit('c', 350n)])).toEqual([]);
    const elsewhere = settlement('b', 250n, { gatewayAccountId: 'other' });
    expect(found([settlement('a', 100n), elsewhere], [credit('c', 350n)])).toEqual([]);
  });

  it('and each is received once at most, whatever there is', () => {
    const side = fc.record({
      net: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 0, max: 9 }),
      name: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(side, { maxLength: 8 }), fc.array(side, { maxLength: 8 }), (ours, theirs) => {
        const settlements = ours.map(({ net, day }, index) =>
          settlement(`a0000${index}`, BigInt(net), { settledAt: DAY + day * DAY_MS }),
        );
        const credits = theirs.map(({ net, day, name }, index) =>
          credit(`c${index}`, BigInt(net), { bookedAt: DAY + day * DAY_MS, texts: name ? [`stl-a0000${index}`] : [] }),
        );
        const all = matchSettlements(settlements, credits);
        const used = all.flatMap((each) => [...each.settlements.map(({ id }) => id), each.credit.id]);
        expect(new Set(used).size).toBe(used.length);
        for (const { rule, settlements: group, credit: one } of all)
          if (rule !== 'reference') expect(group.reduce((total, { net }) => total + net, 0n)).toBe(one.amount);
      }),
    );
  });
});

describe('what is wrong about a settlement', () => {
  it('is that another amount came in under its name', () => {
    const [received] = matchSettlements([settlement('a00001', 500n)], [credit('c', 480n, { texts: ['stl-a00001'] })]);
    if (received === undefined) throw new Error('nothing was matched');
    expect(judgeReceived(received)).toMatchObject([
      {
        side: 'bank',
        kind: 'amount',
        subjectId: 'a00001',
        lineId: 'c',
        amount: 20n,
        differences: [{ ours: '500', theirs: '480' }],
      },
    ]);
    expect(judgeReceived({ ...received, credit: credit('c', 500n) })).toEqual([]);
  });

  it('is that it never came, where statements tell of all the days on which it could have', () => {
    const all = { from: DAY - DAY_MS, to: DAY + 30 * DAY_MS };
    const later = DAY + 20 * DAY_MS;
    expect(judgeMissing(settlement('a', 500n), [all], later)).toMatchObject([{ kind: 'missing_there', amount: 500n }]);
    expect(judgeMissing(settlement('a', 500n), [all], DAY + 6 * DAY_MS)).toEqual([]);
    expect(judgeMissing(settlement('a', 500n), [{ ...all, to: DAY + 3 * DAY_MS }], later)).toEqual([]);
    expect(judgeMissing(settlement('a', 500n), [], later)).toEqual([]);
    expect(judgeMissing(settlement('a', 0n), [all], later)).toEqual([]);
  });
});
