import type { Invariant } from './invariant.js';

/** Every batch takes its locks in one order, so two never wait for each other. PostgreSQL would say so. */
export const noDeadlock: Invariant = {
  name: 'no_deadlock',
  check({ world }) {
    const log = world.cluster.log();
    const found = log.split('\n').findIndex((line) => line.includes('deadlock detected'));
    if (found < 0) return [];
    const excerpt = log.split('\n').slice(found, found + 8);
    return [{ text: `PostgreSQL had to end a deadlock:\n    ${excerpt.join('\n    ')}` }];
  },
};
