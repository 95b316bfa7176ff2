import { CALM, frozenBesideTheLeader, type Mutation } from './mutation.js';

/** A caller waits 1 or 2 s and its key's lease ends 10 s later: whoever wakes after that is not the holder any more. */
const OLD_LEASE_MS = 17_000;
const FREEZES = [4, 9, 14].map((hit) => `payments.before_key_answer:${hit}:freeze`).join(',');

export const noFencingToken: Mutation = {
  name: 'no_fencing_token',
  bug: 'whoever held a key once may write its answer, also after another has taken over and answered',
  edits: [
    {
      file: 'src/kernel/idempotency/idempotency-keys.ts',
      find: 'WHERE merchant_id = $1 AND livemode = $2 AND key = $3 AND fence = $4 AND status IS NULL RETURNING 1`',
      replace: 'WHERE merchant_id = $1 AND livemode = $2 AND key = $3 AND $4::bigint IS NOT NULL RETURNING 1`',
    },
  ],
  profile: {
    ...CALM,
    name: 'old leases',
    gateways: [
      { gateway: '*', fault: 'approve_after', rate: 1, ms: 4_000 },
      { gateway: '*', fault: 'timeout_after_charge', rate: 0.1 },
    ],
    starts: { first: [], second: frozenBesideTheLeader({ orders: FREEZES, freezeMs: OLD_LEASE_MS }), worker: [] },
  },
  seed: 1,
  seconds: 20,
};
