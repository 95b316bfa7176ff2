import fc from 'fast-check';
import { join, joined, keyOf, type Told } from './record.js';

const base: Told = {
  attemptId: '01890000-0000-7000-8000-000000000001',
  kind: 'payment',
  subjectId: '01890000-0000-7000-8000-000000000002',
  merchantId: '01890000-0000-7000-8000-000000000003',
  livemode: false,
  gateway: 'paystack',
  gatewayAccountId: '01890000-0000-7000-8000-000000000004',
  reference: 'ref',
  key: 'ref',
  handles: [],
  status: 'pending',
  version: 1,
  amount: 5_000,
  currency: 'GHS',
  movedAmount: null,
  movedCurrency: null,
  fee: null,
  figuresVersion: 0,
  startedAt: '2026-01-01T00:00:00.000Z',
  concludedAt: null,
};

const STATUSES = ['pending', 'unknown', 'succeeded', 'quarantined', 'returned', 'declined'] as const;

/** What a version says, it says every time: events are never changed. */
const history = fc
  .array(
    fc.record({
      status: fc.constantFrom(...STATUSES),
      moved: fc.option(fc.integer({ min: 1, max: 9_999 }), { nil: null }),
      handles: fc.array(fc.constantFrom('handle-a', 'handle-b', 'Handle-C'), { maxLength: 2 }),
      isAmountTold: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((steps) =>
    steps.map(({ status, moved, handles, isAmountTold }, index): Told => ({
      ...base,
      status,
      version: index + 1,
      handles: [...new Set(handles)].toSorted(),
      amount: isAmountTold ? base.amount : null,
      currency: isAmountTold ? base.currency : null,
      movedAmount: moved,
      movedCurrency: moved === null ? null : 'GHS',
      fee: moved === null ? null : 75,
      figuresVersion: moved === null ? 0 : index + 1,
    })),
  );

/** A history, and the same with repetitions in another order. */
const retold = history.chain((told) =>
  fc
    .tuple(
      fc.shuffledSubarray(told, { minLength: told.length, maxLength: told.length }),
      fc.array(fc.nat({ max: told.length - 1 })),
    )
    .map(([shuffled, again]) => ({ told, other: [...shuffled, ...again.map((index) => told[index] ?? base)] })),
);

describe('what is told of an attempt', () => {
  it('comes to the same in whatever order, and however often', () => {
    fc.assert(
      fc.property(retold, ({ told, other }) => {
        expect(joined(other)).toEqual(joined(told));
      }),
    );
  });

  it('keeps the figures of a success that is heard of after its return', () => {
    const returned: Told = { ...base, status: 'returned', version: 3 };
    const succeeded: Told = {
      ...base,
      status: 'succeeded',
      version: 2,
      movedAmount: 5_000,
      movedCurrency: 'GHS',
      fee: 75,
      figuresVersion: 2,
    };
    expect(join(returned, succeeded)).toMatchObject({ status: 'returned', version: 3, movedAmount: 5_000, fee: 75 });
  });
});

describe('a key', () => {
  it('is the same however a reference is written', () => {
    expect(keyOf('01890000-AB00-4000-8000-000000000001')).toBe('01890000ab0040008000000000000001');
    expect(keyOf(' 01890000ab0040008000000000000001 ')).toBe('01890000ab0040008000000000000001');
  });
});
