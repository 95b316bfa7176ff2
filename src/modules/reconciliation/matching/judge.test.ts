import type { Found } from './break.js';
import { judgeBooked } from './judge.js';
import { OUR_LAG_MS } from './policy.js';
import type { MovementSide, RecordSide } from './sides.js';

const STARTED = Date.UTC(2026, 0, 31, 12);
const LATER = { asOf: STARTED + 2 * OUR_LAG_MS };

const payout = (status: RecordSide['status']): RecordSide => ({
  attemptId: 'a',
  kind: 'payout',
  merchantId: 'm',
  key: 'r',
  handles: [],
  status,
  amount: 5_000n,
  currency: 'GHS',
  movedAmount: 5_000n,
  movedCurrency: 'GHS',
  fee: 75n,
  startedAt: STARTED,
  concludedAt: STARTED,
  isGivenBack: false,
});

const movement = (kind: string, amount = 5_000n, side: MovementSide['side'] = 'credit'): MovementSide => ({
  transferId: kind,
  attemptId: 'a',
  kind,
  side,
  amount,
  currency: 'GHS',
  effectiveAt: STARTED,
});
const FEE = movement('payout_fee', 75n);
const back = (kind: string) => movement(kind, 5_000n, 'debit');

const kindsOf = (found: readonly Found[]) => found.map(({ kind, side }) => `${kind} ${side}`);

describe('what was booked for money that went out', () => {
  it.each([
    ['sent', 'succeeded', [movement('payout_sent'), FEE]],
    ['sent and back', 'returned', [movement('payout_sent'), FEE, back('payout_returned')]],
    ['sent twice', 'surplus', [movement('payout_duplicated'), FEE]],
    ['sent twice and back', 'returned', [movement('payout_duplicated'), FEE, back('payout_recovered')]],
  ] as const)('agrees when it was %s', (_, status, movements) => {
    expect(judgeBooked(payout(status), movements, LATER)).toEqual([]);
  });

  it.each([
    ['not booked', 'succeeded', [], 'missing_there ledger'],
    ['not booked when it came back', 'returned', [movement('payout_duplicated'), FEE], 'missing_there ledger'],
    ['booked as another amount', 'succeeded', [movement('payout_sent', 4_900n), FEE], 'amount ledger'],
    ['booked without its fee', 'succeeded', [movement('payout_sent')], 'fee ledger'],
    ['booked though nothing left', 'declined', [movement('payout_sent'), FEE], 'status ledger'],
  ] as const)('differs when it was %s', (_, status, movements, kind) => {
    expect(kindsOf(judgeBooked(payout(status), movements, LATER))).toEqual([kind]);
  });

  it('may be told a little later', () => {
    expect(judgeBooked(payout('succeeded'), [], { asOf: STARTED + OUR_LAG_MS })).toEqual([]);
  });
});
