import { CALM, type Mutation } from './mutation.js';

export const refundWhatIsNotLeft: Mutation = {
  name: 'refund_what_is_not_left',
  bug: 'a refund is not compared with what others of its payment have left, by the code or by the database',
  edits: [
    {
      file: 'src/modules/payments/refunds/refund.ts',
      find: 'if (amount === 0n || amount > left) {',
      replace: 'if (amount === 0n) {',
    },
    {
      file: 'prisma/migrations/20261127000000_payments_money_out/migration.sql',
      find: 'CHECK (refunding >= 0 AND refunding <= amount)',
      replace: 'CHECK (refunding >= 0)',
    },
  ],
  profile: { ...CALM, name: 'greedy refunds' },
  seed: 1,
  seconds: 12,
};
