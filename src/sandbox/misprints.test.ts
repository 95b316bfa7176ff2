import { UNDISTURBED } from './charge-plan.js';
import { Transactions, type Transaction } from './transactions.js';

function transactions(count: number): { readonly all: Transactions; readonly charges: readonly Transaction[] } {
  const all = new Transactions();
  const charges = Array.from({ length: count }, (_, index): Transaction => {
    const charge: Transaction = {
      id: all.nextId(),
      gateway: 'paystack',
      account: { name: 'main' } as Transaction['account'],
      reference: `order-${index}`,
      requestedMinor: 5_000,
      chargedMinor: 5_000,
      currency: 'NGN',
      channel: 'card',
      customer: {},
      detail: {},
      plan: UNDISTURBED,
      createdAt: index,
      status: 'succeeded',
    };
    all.add(charge);
    return charge;
  });
  return { all, charges };
}

const listed = (all: Transactions): readonly unknown[] =>
  all
    .page('main', () => true, 1, 100)
    .items.map(({ reference, chargedMinor, status }) => [reference, chargedMinor, status]);

it.each([
  ['amount', [['order-0', 5_100, 'succeeded']]],
  ['failed', [['order-0', 5_000, 'failed']]],
  [
    'twice',
    [
      ['order-0', 5_000, 'succeeded'],
      ['order-0', 5_000, 'succeeded'],
    ],
  ],
  ['left_out', []],
] as const)('lists a charge as %s, and answers rightly when it is asked about it', (misprint, expected) => {
  const { all, charges } = transactions(1);
  const [charge] = charges as [Transaction];
  all.misprint(charge, misprint);
  expect(listed(all)).toEqual(expected);
  expect(all.latest('main', 'order-0')).toMatchObject({ chargedMinor: 5_000, status: 'succeeded' });
  all.clear();
  expect(listed(all)).toEqual([]);
});

it('gives what stands twice another id, and pages through all', () => {
  const { all, charges } = transactions(5);
  all.misprint(charges[2] as Transaction, 'twice');
  const pages = [1, 2, 3].map((page) => all.page('main', () => true, page, 2));
  expect(pages.map(({ total }) => total)).toEqual([6, 6, 6]);
  const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
  expect([ids.length, new Set(ids).size]).toEqual([6, 6]);
});
