import { CALM, type Mutation } from './mutation.js';
import { sentAgainUnderAnotherReference } from './refund-with-new-reference.js';

export const retryWithNewKey: Mutation = {
  name: 'retry_with_new_key',
  bug: 'what is sent to a gateway once more goes under a new reference',
  edits: sentAgainUnderAnotherReference,
  profile: {
    ...CALM,
    name: 'lost requests',
    gateways: [
      { gateway: '*', fault: 'timeout_before_charge', rate: 0.2 },
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.1 },
    ],
  },
  seed: 1,
  seconds: 8,
};
