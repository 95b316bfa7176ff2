import { CALM, type Mutation } from './mutation.js';

export const eventDoneOnEnqueue: Mutation = {
  name: 'event_done_on_enqueue',
  bug: 'an event that was handed to the queue is done: nobody looks whether it was applied',
  edits: [
    {
      file: 'src/kernel/outbox/sweeper.ts',
      find: '      WHERE NOT EXISTS (SELECT FROM messaging.inbox i',
      replace: '      WHERE false AND NOT EXISTS (SELECT FROM messaging.inbox i',
    },
  ],
  profile: {
    ...CALM,
    name: 'a forgetful Redis',
    perSecond: 30,
    disturbances: ['redis_flush', 'redis_kill'],
    gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.05 }],
  },
  seed: 1,
  seconds: 15,
};
