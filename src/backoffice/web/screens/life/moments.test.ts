import { momentsOf } from './moments.js';

const attempt = (id: string, status: string, from: number, to: number | null) => ({
  id,
  gateway: id === 'att_1' ? 'paystack' : 'hubtel',
  status,
  started_at: at(from),
  concluded_at: to === null ? null : at(to),
});
const at = (second: number): string => new Date(Date.UTC(2026, 10, 28, 12, 0, second)).toISOString();

describe('the moments of a life', () => {
  const payment = {
    id: 'pay_1',
    status: 'succeeded',
    created_at: at(0),
    concluded_at: at(5),
    attempts: [attempt('att_2', 'succeeded', 3, 5), attempt('att_1', 'declined', 1, 2)],
  };
  const booking = (kind: string, second: number) => ({
    object: 'ledger_booking' as const,
    id: `tr_${kind}`,
    kind,
    debit: { id: 'acct_1', kind: 'gateway_clearing', gateway_account: null, merchant: null },
    credit: { id: 'acct_2', kind: 'merchant_pending', gateway_account: null, merchant: null },
    amount: 1,
    currency: 'XOF',
    effective_at: at(5),
    booked_at: at(second),
  });

  it('stand in the order in which they happened, whoever tells of them', () => {
    const moments = momentsOf({
      lives: [payment, { id: 're_1', status: 'processing', created_at: at(9), attempts: [] }],
      bookings: {
        data: [booking('collection', 6), booking('platform_fee', 6), booking('refund', 10)],
        settlements: [],
      },
    });
    expect(moments.map(({ what }) => what)).toEqual([
      'created',
      'tried',
      'answered',
      'tried',
      'answered',
      'concluded',
      'booked',
      'created',
      'booked',
    ]);
    expect(moments[6]).toEqual({ what: 'booked', at: at(6), kinds: ['collection', 'platform_fee'] });
  });

  it('holds no end of what has not ended, and no moment that nobody knows of', () => {
    const open = { id: 'pay_1', status: 'processing', created_at: at(0), concluded_at: null };
    expect(momentsOf({ lives: [{ ...open, attempts: [attempt('att_1', 'started', 1, null)] }] })).toEqual([
      { what: 'created', at: at(0), about: 'pay_1', status: 'processing' },
      { what: 'tried', at: at(1), gateway: 'paystack', attempt: 'att_1' },
    ]);
  });

  it('tells a difference twice: when it was found, and when it was closed', () => {
    const record = {
      object: 'reconciliation_record' as const,
      attempt: 'att_1',
      kind: 'payment',
      gateway: 'hubtel',
      gateway_account: 'gwa_1',
      reference: 'r',
      status: 'succeeded',
      proved_at: at(8),
      lines: [],
      breaks: [{ id: 'brk_1', kind: 'fee', side: 'gateway', opened_at: at(7), closed_at: at(9), closed_why: 'agreed' }],
    };
    expect(momentsOf({ lives: [], reconciled: [record] }).map(({ what }) => what)).toEqual([
      'differed',
      'proved',
      'settled',
    ]);
  });
});
