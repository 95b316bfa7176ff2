import { CALM, type Mutation } from './mutation.js';

export const singleEntry: Mutation = {
  name: 'single_entry',
  bug: 'a fee is kept without saying where it went: its credit is not written',
  edits: [
    {
      file: 'prisma/migrations/20261128000000_ledger_transfers/migration.sql',
      find: `credit_version, credit_balance, effective_times) AS t (id, c, amount, version, balance, effective_at)
  WHERE t.version IS NOT NULL;`,
      replace: `credit_version, credit_balance, effective_times) AS t (id, c, amount, version, balance, effective_at)
  WHERE t.version IS NOT NULL AND t.id NOT IN (SELECT x.id FROM ledger.transfer x WHERE x.kind = 'platform_fee');`,
    },
  ],
  profile: { ...CALM, name: 'fees', gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.1 }] },
  seed: 1,
  seconds: 8,
};
