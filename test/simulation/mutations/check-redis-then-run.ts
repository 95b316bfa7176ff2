import { CALM, type Mutation } from './mutation.js';

const CLAIMS = 'src/kernel/idempotency/claims.ts';

export const checkRedisThenRun: Mutation = {
  name: 'check_redis_then_run',
  bug: 'a key that the cache does not know is new, and what it asks for is done',
  edits: [
    { file: CLAIMS, find: 'AND k.key = t.key LIMIT 1) k ON true', replace: 'AND k.key = t.key LIMIT 1) k ON false' },
    {
      file: 'src/modules/payments/accept.store.ts',
      find: 'AND p.reference = t.reference LIMIT 1) p ON true',
      replace: 'AND p.reference = t.reference LIMIT 1) p ON false',
    },
    {
      file: CLAIMS,
      find: '       FROM fresh ORDER BY merchant_id, livemode, key`',
      replace: '       FROM fresh ORDER BY merchant_id, livemode, key ON CONFLICT DO NOTHING`',
    },
    {
      file: 'prisma/migrations/20261122000100_payments/migration.sql',
      find: 'ALTER TABLE payments.payment ADD CONSTRAINT payment_reference UNIQUE (merchant_id, livemode, reference);',
      replace: 'CREATE INDEX payment_reference ON payments.payment (merchant_id, livemode, reference);',
    },
  ],
  profile: { ...CALM, name: 'twins', gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.1 }] },
  seed: 1,
  seconds: 8,
};
