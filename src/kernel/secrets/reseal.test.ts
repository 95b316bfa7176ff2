import { resealAll, type ResealOutcome } from './reseal.js';

const rows = Array.from({ length: 7 }, (_, index) => ({ id: String(index) }));
const page = (size: number) => (last: { readonly id: string } | undefined) =>
  Promise.resolve(rows.filter(({ id }) => last === undefined || id > last.id).slice(0, size));

it.each([1, 3, 7, 100])('goes through all rows, %i at a time, and counts what became of them', async (size) => {
  const outcomes: readonly ResealOutcome[] = ['resealed', 'current', 'changed', 'resealed', 'current', 'resealed'];
  const seen: string[] = [];
  const result = await resealAll(page(size), async ({ id }) => {
    seen.push(id);
    const outcome = outcomes[Number(id)];
    if (outcome === undefined) throw new Error('it does not open');
    return outcome;
  });
  expect(seen).toEqual(rows.map(({ id }) => id));
  expect(result).toEqual({ resealed: 3, current: 2, failed: [{ id: '6', problem: 'it does not open' }] });
});
