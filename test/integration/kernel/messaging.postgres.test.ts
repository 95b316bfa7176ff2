import { messagingSuite } from './messaging-suite.js';

messagingSuite(
  'PostgreSQL',
  describe,
  () =>
    Promise.resolve({
      lose: async (messaging) => {
        for (const queue of messaging.queues.values()) await queue.obliterate({ force: true });
      },
    }),
  () => Promise.resolve(),
);
