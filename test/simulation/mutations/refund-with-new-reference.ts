import { CALM, type Mutation } from './mutation.js';

const JUDGED = '  switch (finding.outcome.kind) {\n';
const IMPORT = "import { plainReference } from './new-attempt.js';\n";
const SENT =
  '    const common = { reference: plainReference(attempt.id), amountMinor, currency, callbackUrl, timeoutMs };\n';

/** What is sent once more has another reference than before, whatever it is. */
export const sentAgainUnderAnotherReference: Mutation['edits'] = [
  {
    file: 'src/modules/routing/gateway-work.ts',
    find: IMPORT,
    replace: `${IMPORT}import { newUuid } from '../../kernel/ids/ids.js';\n`,
  },
  {
    file: 'src/modules/routing/gateway-work.ts',
    find: SENT,
    replace: SENT.replace('attempt.id', 'attempt.resendCount > 0 ? newUuid() : attempt.id'),
  },
];

export const refundWithNewReference: Mutation = {
  name: 'refund_with_new_reference',
  bug: 'a refund that timed out is asked for once more, under a new reference',
  edits: [
    {
      file: 'src/modules/routing/decide-attempt.ts',
      find: JUDGED,
      // At the first look: the sender lets go of an attempt only when its outcome has been written, and takes no other before.
      replace: `  if (finding.source === 'check' && !fenced && attempt.kind === 'refund' && attempt.status === 'unknown' && attempt.resendCount === 0)
    return { kind: 'resend', next: sentAgain(attempt), otherwise: attempt };
${JUDGED}`,
    },
    ...sentAgainUnderAnotherReference,
  ],
  profile: {
    ...CALM,
    name: 'refunds that time out',
    gateways: [
      { gateway: '*', fault: 'timeout_after_charge', on: 'refund', rate: 0.6 },
      { gateway: '*', fault: 'no_webhook', on: 'refund', rate: 1 },
    ],
    // The first question comes when the refund has been given up: asked earlier, the gateway tells that it has given the money back.
    env: { RETRY_PAUSE_PERCENT: '40' },
  },
  seed: 1,
  // Refunds follow their payments by seconds.
  seconds: 20,
};
