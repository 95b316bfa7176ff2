import { CALM, type Mutation } from './mutation.js';

const JUDGED = '  const verdict = judgeCapture(attempt, outcome, facts);\n';

export const ignoreLatePayout: Mutation = {
  name: 'ignore_late_payout',
  bug: 'a payout or refund that failed has failed, though its gateway paid it later',
  edits: [
    {
      file: 'src/modules/routing/decide-attempt.ts',
      find: JUDGED,
      replace: `  if (isConcluded(attempt) && attempt.kind !== 'payment') return KEPT;\n${JUDGED}`,
    },
  ],
  profile: {
    ...CALM,
    name: 'payouts that succeed late',
    gateways: [
      { gateway: 'paystack', fault: 'late_success', on: 'payout', rate: 0.4, ms: 1_500 },
      { gateway: 'paystack', fault: 'late_success', on: 'refund', rate: 0.4, ms: 1_500 },
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.1 },
    ],
  },
  seed: 1,
  seconds: 20,
};
