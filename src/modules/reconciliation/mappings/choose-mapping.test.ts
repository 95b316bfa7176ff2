import type { MappingFit } from '../files/index.js';
import { bestOf } from './choose-mapping.js';

const fit = (id: string, columnsFound: number, differing: Partial<MappingFit> = {}): MappingFit => ({
  id,
  name: id,
  problems: [],
  rowsWithProblems: 0,
  columnsFound,
  ...differing,
});
const problem = { code: 'column_missing', line: 1, column: 'Amount', message: 'Line 1 has no Amount.' } as const;

describe('which mapping a file is read by', () => {
  it.each([
    ['the only one that reads it', [fit('a', 5), fit('b', 9, { problems: [problem] })], 'a'],
    ['the one that finds more in it', [fit('a', 5), fit('b', 6)], 'b'],
    ['the own one, of two that read it alike', [fit('shipped', 5), fit('own@1', 5)], 'own@1'],
    ['the shipped one, where it finds more', [fit('shipped', 6), fit('own@1', 5)], 'shipped'],
    ['none, where two own ones read it alike', [fit('own@1', 5), fit('own_too@1', 5)], undefined],
    ['none, where a row is wrong by every one', [fit('a', 5, { rowsWithProblems: 1 })], undefined],
    ['none, where there is none', [], undefined],
  ] as const)('%s', (_, fits, best) => {
    expect(bestOf(fits, new Set(['own@1', 'own_too@1']))).toBe(best);
  });
});
