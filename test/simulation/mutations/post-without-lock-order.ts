import { CALM, type Mutation } from './mutation.js';

const BEGINS = "  IF size = 0 THEN RETURN '{}'; END IF;\n";

export const postWithoutLockOrder: Mutation = {
  name: 'post_without_lock_order',
  bug: 'the ledger locks the accounts of a batch one after the other, as they come',
  edits: [
    {
      file: 'prisma/migrations/20261128000000_ledger_transfers/migration.sql',
      find: BEGINS,
      // Half of the sessions come from the other side, and each lock takes as long as a statement of a program's own would.
      replace: `${BEGINS}
  FOR i IN 1 .. cardinality(account_ids) LOOP
    PERFORM FROM ledger.account a
      WHERE a.id = account_ids[CASE WHEN pg_backend_pid() % 2 = 0 THEN i ELSE cardinality(account_ids) + 1 - i END] FOR NO KEY UPDATE;
    PERFORM pg_sleep(0.01);
  END LOOP;
`,
    },
  ],
  profile: {
    ...CALM,
    name: 'hot accounts',
    perSecond: 30,
    gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.05 }],
  },
  seed: 1,
  seconds: 15,
};
