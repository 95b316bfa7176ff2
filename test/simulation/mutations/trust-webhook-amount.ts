import { CALM, type Mutation } from './mutation.js';

const ASKED = '      const task = async (): Promise<void> => resolve(await this.ask(target, extraHandles));\n';

export const trustWebhookAmount: Mutation = {
  name: 'trust_webhook_amount',
  bug: 'a webhook that speaks of a success is one, of the amount that was asked for',
  edits: [
    {
      file: 'src/modules/routing/query-attempts.ts',
      find: ASKED,
      replace: `      const believed: GatewayOutcome = {
        kind: 'succeeded', amountMinor: target.payment.amountMinor, currency: target.payment.currency,
        reference: target.attempt.reference, feeMinor: null, code: 'success', handles: {},
      };
      const trusts = cause.source === 'webhook' && cause.claimsSuccess;
      const task = async (): Promise<void> => resolve(trusts ? believed : await this.ask(target, extraHandles));
`,
    },
  ],
  profile: {
    ...CALM,
    name: 'liars',
    gateways: [
      // Those whose answers have the amount.
      { gateway: 'paystack', fault: 'wrong_amount', rate: 0.3 },
      { gateway: 'flutterwave', fault: 'wrong_amount', rate: 0.3 },
      { gateway: '*', fault: 'forged_webhook', rate: 0.3 },
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.1 },
    ],
  },
  seed: 1,
  seconds: 8,
};
