import { CALM, type Mutation } from './mutation.js';

const SIGNATURE =
  'function queryFailed(attempt: Attempt, finding: Finding, fenced: boolean, facts: Circumstances): Change {\n';

export const voidHoldByAge: Mutation = {
  name: 'void_hold_by_age',
  bug: 'a refund or payout about which nothing can be learned for a while has failed, and its hold is released',
  edits: [
    {
      file: 'src/modules/routing/decide-attempt.ts',
      find: SIGNATURE,
      replace: `${SIGNATURE}  if (attempt.status === 'unknown' && attempt.kind !== 'payment') return conclude(attempt, 'not_sent', 'expired', 'ambiguous', false, facts);\n`,
    },
  ],
  profile: {
    ...CALM,
    name: 'silent banks',
    gateways: [
      { gateway: '*', fault: 'timeout_after_charge', on: 'payout', rate: 0.6 },
      { gateway: '*', fault: 'timeout_after_charge', on: 'refund', rate: 0.6 },
      { gateway: '*', fault: 'no_webhook', on: 'payout', rate: 1 },
      { gateway: '*', fault: 'no_webhook', on: 'refund', rate: 1 },
      { gateway: '*', fault: 'down', rate: 0.5 },
    ],
    chargeTimeoutsMs: [150],
  },
  seed: 1,
  seconds: 20,
};
