import { CALM, frozenBesideTheLeader, type Mutation } from './mutation.js';

const RELAY = 'src/kernel/outbox/relay.ts';
const SWEEPER = 'src/kernel/outbox/sweeper.ts';
/** Freezes again and again with a transaction open, while others commit behind it, and for longer than the sweeper looks back. */
const FREEZES = Array.from({ length: 15 }, (_, index) => `database.before_commit:${8 * (index + 1)}:freeze`).join(',');
const FREEZE_MS = 2_000;
const SWEEP_LEASE_MS = 300;

export const cursorByIdAlone: Mutation = {
  name: 'cursor_by_id_alone',
  bug: 'whatever has a lower number than the last event read has been read: nothing commits late',
  edits: [
    {
      file: RELAY,
      find: 'WHERE (xid, seq) > ($1::xid8, $2::bigint) AND xid < ${horizon}',
      replace: 'WHERE $1::xid8 IS NOT NULL AND seq > $2::bigint',
    },
    { file: RELAY, find: 'ORDER BY outbox.xid, seq LIMIT', replace: 'ORDER BY seq LIMIT' },
    {
      file: 'src/kernel/outbox/positions.ts',
      find: 'WHERE name = $1 AND (xid, seq) < ($2::xid8, $3::bigint)`',
      replace: 'WHERE name = $1 AND seq < $3::bigint`',
    },
    {
      file: SWEEPER,
      find: 'WHERE (xid, seq) > (SELECT xid, seq FROM progress) AND (xid, seq) <= ($3::xid8, $4::bigint) AND type = ANY($2)\n      ORDER BY xid, seq LIMIT',
      replace:
        'WHERE seq > (SELECT seq FROM progress) AND $3::xid8 IS NOT NULL AND seq <= $4::bigint AND type = ANY($2)\n      ORDER BY seq LIMIT',
    },
    {
      file: SWEEPER,
      find: 'WHERE (p.xid, p.seq) <= (EXCLUDED.xid, EXCLUDED.seq)',
      replace: 'WHERE p.seq <= EXCLUDED.seq',
    },
  ],
  profile: {
    ...CALM,
    name: 'late commits',
    perSecond: 25,
    gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.05 }],
    env: { SWEEP_LEASE_MS: String(SWEEP_LEASE_MS) },
    starts: { first: [], second: frozenBesideTheLeader({ orders: FREEZES, freezeMs: FREEZE_MS }), worker: [] },
  },
  seed: 1,
  seconds: 25,
};
