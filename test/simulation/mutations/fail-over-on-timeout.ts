import { CALM, type Mutation } from './mutation.js';

export const failOverOnTimeout: Mutation = {
  name: 'fail_over_on_timeout',
  bug: 'a charge that timed out has failed, and the next gateway may take the payment',
  edits: [
    {
      file: 'src/modules/routing/gateways/outcomes.ts',
      find: `  return result.kind === 'unknown'
    ? unknown(result.code)
    : notSent(result.code, blameOfNotSent[result.code] ?? 'gateway');`,
      replace: `  return notSent(result.code, blameOfNotSent[result.code] ?? 'gateway');`,
    },
  ],
  profile: {
    ...CALM,
    name: 'timeouts',
    gateways: [
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.3 },
      // Or the gateway would tell us before our patience ends.
      { gateway: '*', fault: 'no_webhook', rate: 1 },
    ],
    // The first question comes when the charge has been given up: asked earlier, the gateway tells that it has the money.
    env: { RETRY_PAUSE_PERCENT: '40' },
  },
  seed: 1,
  seconds: 8,
};
