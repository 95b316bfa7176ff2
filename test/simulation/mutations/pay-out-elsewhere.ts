import { CALM, type Mutation } from './mutation.js';

const UNKNOWN = "    case 'unknown':\n      if (finding.source !== 'charge')";

export const payOutElsewhere: Mutation = {
  name: 'pay_out_elsewhere',
  bug: 'a payout that timed out has failed, and another gateway may pay it',
  edits: [
    {
      file: 'src/modules/routing/decide-attempt.ts',
      find: UNKNOWN,
      replace: `    case 'unknown':
      if (finding.source === 'charge' && attempt.kind === 'payout')
        return conclude(attempt, 'not_sent', finding.outcome.code, 'ambiguous', true, facts);
      if (finding.source !== 'charge')`,
    },
  ],
  profile: {
    ...CALM,
    name: 'payouts that time out',
    gateways: [
      { gateway: '*', fault: 'timeout_after_charge', on: 'payout', rate: 0.4 },
      // Or the gateway would tell us before our patience ends.
      { gateway: '*', fault: 'no_webhook', on: 'payout', rate: 1 },
    ],
    // The first question comes when the payout has been given up.
    env: { RETRY_PAUSE_PERCENT: '40' },
  },
  seed: 1,
  seconds: 20,
};
