import { CALM, type Mutation } from './mutation.js';

const SIGNATURE =
  'function queryFailed(attempt: Attempt, finding: Finding, fenced: boolean, facts: Circumstances): Change {\n';

export const failUnknownByAge: Mutation = {
  name: 'fail_unknown_by_age',
  bug: 'an attempt about which nothing can be learned for a while has failed',
  edits: [
    {
      file: 'src/modules/routing/decide-attempt.ts',
      find: SIGNATURE,
      replace: `${SIGNATURE}  if (attempt.status === 'unknown') return conclude(attempt, 'not_sent', 'expired', 'ambiguous', true, facts);\n`,
    },
  ],
  profile: {
    ...CALM,
    name: 'silent gateways',
    gateways: [
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.3 },
      { gateway: '*', fault: 'down', rate: 0.4 },
    ],
  },
  seed: 1,
  seconds: 8,
};
