import { CALM, type Mutation } from './mutation.js';

const BOOKED =
  "  return intoSuspense(event, payload, 'quarantined', { amount: payload.paid_amount, currency: payload.paid_currency });";

export const forgetWrongPayout: Mutation = {
  name: 'forget_wrong_payout',
  bug: 'what a gateway paid that was not asked is in no book of ours',
  edits: [
    {
      file: 'src/modules/ledger/bookings/disbursement-chart.ts',
      find: BOOKED,
      replace: BOOKED.replace('  return', '  const step =').replace(/;$/, ';\n  return { ...step, transfers: [] };'),
    },
  ],
  profile: {
    ...CALM,
    name: 'gateways that pay less',
    gateways: [
      { gateway: '*', fault: 'wrong_amount', on: 'payout', rate: 0.3 },
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.1 },
    ],
  },
  seed: 1,
  seconds: 20,
};
