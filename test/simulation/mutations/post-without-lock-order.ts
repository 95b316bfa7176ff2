import { CALM, type Mutation } from './mutation.js';

export const postWithoutLockOrder: Mutation = {
  name: 'post_without_lock_order',
  bug: 'the ledger locks the accounts of a batch in any order',
  edits: [
    {
      file: 'prisma/migrations/20261122000300_ledger/migration.sql',
      find: 'WHERE a.id = ANY (account_ids) ORDER BY a.id FOR NO KEY UPDATE',
      replace: 'WHERE a.id = ANY (account_ids) ORDER BY random() FOR NO KEY UPDATE',
    },
  ],
  profile: {
    ...CALM,
    name: 'hot accounts',
    perSecond: 60,
    disturbances: ['redis_pause', 'backends_terminated'],
    gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.05 }],
  },
  seed: 1,
  seconds: 20,
};
