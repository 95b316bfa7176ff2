import { CALM, frozenBesideTheLeader, type Mutation } from './mutation.js';

/** Again and again somebody sits on the locks for a while: those who gather behind them get theirs one by one, in no order. */
const FREEZES = Array.from({ length: 20 }, (_, index) => `ledger.after_posting:${2 * (index + 1)}:freeze`).join(',');

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
    perSecond: 30,
    gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.05 }],
    starts: { first: [], second: frozenBesideTheLeader({ orders: FREEZES, freezeMs: 1_000 }), worker: [] },
  },
  seed: 1,
  seconds: 20,
};
