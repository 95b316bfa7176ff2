import { describeWithRedis, startRedis } from '../../support/redis.js';
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
