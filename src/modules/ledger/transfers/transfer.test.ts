import { newUuid } from '../../../kernel/ids/ids.js';
import { postingColumns, type Transfer } from './transfer.js';

const transfer = (debitAccountId: string, creditAccountId: string, id = newUuid()): Transfer => ({
  id,
  debitAccountId,
  creditAccountId,
  amountMinor: 1n,
  kind: 'test',
  subjectId: null,
  effectiveAt: new Date(0),
});

describe('a batch as columns', () => {
  it('names every account once, and points at them from 1', () => {
    const [accountIds, , debits, credits] = postingColumns([
      transfer('c', 'a'),
      transfer('a', 'b'),
      transfer('c', 'b'),
    ]);
    expect([accountIds, debits, credits]).toEqual([
      ['c', 'a', 'b'],
      [1, 2, 1],
      [2, 3, 3],
    ]);
  });

  it('tells of every repeated id where it came first', () => {
    const columns = postingColumns([
      transfer('a', 'b', 'x'),
      transfer('a', 'b', 'y'),
      transfer('a', 'b', 'x'),
      transfer('b', 'a', 'y'),
      transfer('a', 'b', 'x'),
    ]);
    expect(columns.at(-1)).toEqual([1, 2, 1, 2, 1]);
  });
});
