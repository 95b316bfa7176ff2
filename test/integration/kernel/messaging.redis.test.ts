import { startRedis } from '../../support/redis.js';
import { describeWithRedis } from '../../support/redis-suites.js';
import { messagingSuite } from './messaging-suite.js';

messagingSuite(
  'Redis',
  describeWithRedis,
  async () => {
    const redis = await startRedis();
    return { redis, lose: () => redis.flush() };
  },
  async (backend) => backend.redis?.stop(),
);
