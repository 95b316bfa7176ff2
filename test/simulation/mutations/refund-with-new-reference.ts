import { CALM, type Mutation } from './mutation.js';

const UNKNOWN = "    case 'unknown':\n      if (finding.source !== 'charge')";
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
      find: UNKNOWN,
      replace: `    case 'unknown':
      if (finding.source === 'charge' && attempt.kind === 'refund' && !fenced && attempt.resendCount === 0)
        return { kind: 'resend', next: sentAgain(attempt), otherwise: attempt };
      if (finding.source !== 'charge')`,
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
    // Before the first question, to which the gateway would say that it has given the money back.
    chargeTimeoutsMs: [150],
  },
  seed: 1,
  // Refunds follow their payments by seconds.
  seconds: 20,
};
