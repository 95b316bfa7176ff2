import { CALM, type Mutation } from './mutation.js';

export const forgetInbox: Mutation = {
  name: 'forget_inbox',
  bug: 'consumers note nowhere what they have applied',
  edits: [
    {
      file: 'src/kernel/outbox/deliver-batch.ts',
      find: `     INSERT INTO messaging.inbox (consumer, event_id, event_created_at)
     SELECT $1, id, created_at FROM events ORDER BY id
     ON CONFLICT DO NOTHING RETURNING event_id
`,
      replace: '     SELECT id AS event_id FROM events WHERE $1::text IS NOT NULL\n',
    },
  ],
  profile: {
    ...CALM,
    name: 'a few crashes',
    disturbances: ['kill'],
    gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.1 }],
    quietSeconds: 20,
  },
  seed: 1,
  seconds: 8,
};
