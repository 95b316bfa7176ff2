import { judgeMatched } from './judge.js';
import { isProved } from './proof.js';
import type { LineSide, RecordSide } from './sides.js';

const AT = Date.parse('2026-11-20T10:00:00Z');
const record = (more: Partial<RecordSide> = {}): RecordSide => ({
  attemptId: 'a',
  kind: 'payment',
  merchantId: 'm',
  key: 'k',
  handles: [],
  status: 'succeeded',
  amount: 100n,
  currency: 'GHS',
  movedAmount: 100n,
  movedCurrency: 'GHS',
  fee: 2n,
  startedAt: AT,
  concludedAt: AT,
  isGivenBack: false,
  ...more,
});
const line = (more: Partial<LineSide> = {}): LineSide => ({
  id: 'l',
  kind: 'charge',
  key: 'k',
  aliases: [],
  status: 'succeeded',
  amount: 100n,
  fee: 2n,
  currency: 'GHS',
  occurredAt: AT,
  ...more,
});
const now = { asOf: AT + 86_400_000, coverage: { payment: [], refund: [], payout: [] } };
const proved = (of: RecordSide, ...lines: readonly LineSide[]): boolean =>
  isProved(of, lines, judgeMatched(of, lines, now));

describe('a capture', () => {
  it.each<[string, boolean, RecordSide, readonly LineSide[]]>([
    ['is proved by a line of its amount', true, record(), [line()]],
    ['and by instalments of it', true, record(), [line({ amount: 40n }), line({ id: 'n', amount: 60n })]],
    ['whatever the gateway kept', true, record(), [line({ fee: 9n })]],
    ['and however late', true, record(), [line({ occurredAt: AT + 80_000_000 })]],
    ['and if it was taken once more', true, record(), [line(), line({ id: 'n' })]],
    ['not by nothing', false, record(), []],
    ['not by another amount', false, record(), [line({ amount: 99n })]],
    ['not in another currency', false, record(), [line({ currency: 'NGN' })]],
    ['not by what is pending', false, record(), [line({ status: 'pending' })]],
    ['not by what failed', false, record(), [line({ status: 'failed' })]],
    ['not by what went back', false, record(), [line(), line({ id: 'n', status: 'reversed' })]],
    ['not by a fee of its amount', false, record(), [line({ kind: 'fee' })]],
    ['not where another attempt won', false, record({ status: 'surplus' }), [line()]],
    ['not where we believe that nothing moved', false, record({ status: 'declined' }), [line()]],
    ['nor is a refund one', false, record({ kind: 'refund' }), [line({ kind: 'refund' })]],
  ])('%s', (_, expected, of, lines) => {
    expect(proved(of, ...lines)).toBe(expected);
  });

  it('is not proved by what has just gone back, although that is no break yet', () => {
    const soon = { ...now, asOf: AT + 1_000 };
    const lines = [line(), line({ id: 'n', status: 'reversed' })];
    const breaks = judgeMatched(record(), lines, soon);
    expect(breaks.filter(({ kind }) => kind === 'status')).toEqual([]);
    expect(isProved(record(), lines, breaks)).toBe(false);
  });
});
