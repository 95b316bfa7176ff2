import { CALM, type Mutation } from './mutation.js';

const JUDGED = '  const verdict = judgeCapture(attempt, outcome, facts);\n';

export const ignoreLateSuccess: Mutation = {
  name: 'ignore_late_success',
  bug: 'an attempt that was given up stays given up, whatever the gateway says later',
  edits: [
    {
      file: 'src/modules/routing/decide-attempt.ts',
      find: JUDGED,
      replace: `  if (isConcluded(attempt)) return KEPT;\n${JUDGED}`,
    },
  ],
  profile: {
    ...CALM,
    name: 'late successes',
    gateways: [
      { gateway: 'paystack', fault: 'late_success', rate: 0.4, ms: 1_500 },
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.1 },
    ],
  },
  seed: 1,
  seconds: 8,
};
