import { CALM, type Mutation } from './mutation.js';

export const settleForLess: Mutation = {
  name: 'settle_for_less',
  bug: 'a payout or refund has succeeded when its gateway says so, whatever it paid',
  edits: [
    {
      file: 'src/modules/routing/decide-attempt.ts',
      find: "  if (verdict.kind === 'mismatch') {",
      replace: "  if (verdict.kind === 'mismatch' && attempt.kind === 'payment') {",
    },
  ],
  profile: {
    ...CALM,
    name: 'gateways that pay less',
    gateways: [
      { gateway: '*', fault: 'wrong_amount', on: 'payout', rate: 0.3 },
      { gateway: '*', fault: 'wrong_amount', on: 'refund', rate: 0.3 },
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.1 },
    ],
  },
  seed: 1,
  seconds: 20,
};
