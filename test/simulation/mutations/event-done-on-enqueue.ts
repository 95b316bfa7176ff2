import { CALM, type Mutation } from './mutation.js';

/** With a job in hand, which Redis has forgotten before it could give it to another. */
const DEATHS = Array.from({ length: 10 }, () => ({
  crashPoints: 'outbox.before_effect:6:kill',
  skewMs: 0,
  freezeMs: 0,
}));

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
    disturbances: ['redis_flush'],
    gateways: [{ gateway: '*', fault: 'timeout_after_charge', rate: 0.05 }],
    starts: { first: [], second: DEATHS, worker: DEATHS },
  },
  seed: 1,
  seconds: 15,
};
