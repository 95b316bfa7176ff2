import { CALM, type Mutation } from './mutation.js';

const PLANNED = 'const transfers = planned({ attemptId: payload.attempt_id, subjectId, effectiveAt }, [leg]);';

export const forgetReturnedPayout: Mutation = {
  name: 'forget_returned_payout',
  bug: 'a payout that came back is not booked: the merchant never sees the money again',
  edits: [
    {
      file: 'src/modules/ledger/bookings/disbursement-chart.ts',
      find: PLANNED,
      replace: PLANNED.replace('[leg]', '[]'),
    },
  ],
  profile: {
    ...CALM,
    name: 'payouts that come back',
    gateways: [{ gateway: '*', fault: 'returned', rate: 0.4, ms: 1_000 }],
  },
  seed: 1,
  seconds: 20,
};
