import fc from 'fast-check';
import { FileRefused, type BankLine } from '../files/index.js';
import { StatementEntries } from './statement-entries.js';

const line = (differing: Partial<BankLine> = {}): BankLine => ({
  line: 1,
  account: 'GH00 1234',
  statementId: 'S1',
  id: null,
  status: 'booked',
  direction: 'credit',
  amountMinor: 2_500n,
  currency: 'GHS',
  bookedOn: '2026-01-31',
  valueOn: null,
  isReversal: false,
  references: {},
  description: null,
  parts: [],
  ...differing,
});

const idsOf = (lines: readonly BankLine[]): readonly string[] =>
  new StatementEntries({ account: undefined, livemode: true }).staged(lines).map(({ id }) => id);

/** Few of each, so that entries are often equal. */
const lines = fc.array(
  fc.record({
    id: fc.constantFrom(null, null, 'A', 'B'),
    amountMinor: fc.constantFrom(100n, 200n),
    direction: fc.constantFrom('credit' as const, 'debit' as const),
    bookedOn: fc.constantFrom('2026-01-30', '2026-01-31'),
    description: fc.constantFrom(null, 'fee'),
  }),
  { maxLength: 12 },
);

describe('entries of a statement', () => {
  it('have the same ids in every statement that has the same days, in whatever order', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom('2026-01-30', '2026-01-31'), (given, day) => {
        const all = given.map(line);
        const ids = idsOf(all);
        expect(idsOf(all.toReversed()).toSorted()).toEqual([...ids].toSorted());
        const ofDay = idsOf(all.filter(({ bookedOn }) => bookedOn === day));
        for (const id of ofDay) expect(ids).toContain(id);
      }),
    );
  });

  it('are as many as the statement has', () => {
    fc.assert(
      fc.property(lines, (given) => {
        expect(new Set(idsOf(given.map(line))).size).toBe(given.length);
      }),
    );
  });

  it('are known by the id that the bank gives them, with the amount: what undoes another may have its id', () => {
    const [id] = idsOf([line({ id: 'A' })]);
    expect(idsOf([line({ id: 'A', description: 'told otherwise' })])).toEqual([id]);
    expect(idsOf([line({ id: 'A', account: 'gh001234' })])).toEqual([id]);
    for (const other of [{ direction: 'debit' }, { account: 'GH00 9999' }, { bookedOn: '2026-01-30' }] as const)
      expect(idsOf([line({ id: 'A', ...other })])).not.toContain(id);
  });

  it('have amounts with a sign, the account as it is compared, and a place of their own', () => {
    const entries = new StatementEntries({ account: 'GH001234', livemode: true });
    const staged = entries.staged([line({ direction: 'debit' }), line({ line: 1 })]);
    expect(staged.map(({ ordinal }) => ordinal)).toEqual([1, 2]);
    expect(staged[0]?.content).toMatchObject({ amount: '-2500', account: 'GH001234', file_line: 1 });
    expect(entries.days()).toEqual(['2026-01-31', '2026-01-31']);
  });

  it('that are not booked are left out, and said so', () => {
    const entries = new StatementEntries({ account: undefined, livemode: true });
    expect(entries.staged([line({ status: 'pending', bookedOn: null }), line()])).toHaveLength(1);
    expect(entries.lines).toBe(1);
    expect(entries.notices()).toHaveLength(1);
  });

  it.each([
    ['of no account', { account: null }, undefined, 'value_missing'],
    ['of another account', {}, 'GH99', 'statement'],
    ['of no day', { bookedOn: null }, undefined, 'value_missing'],
  ] as const)('%s are refused', (_, differing, account, code) => {
    const entries = new StatementEntries({ account, livemode: true });
    const refusal = (): unknown => entries.staged([line(differing)]);
    expect(refusal).toThrow(FileRefused);
    expect(refusal).toThrow(expect.objectContaining({ problems: [expect.objectContaining({ code, line: 1 })] }));
  });
});
