import { startRedis } from '../../support/redis.js';
import { describeWithRedis } from '../../support/redis-suites.js';
import { messagingSuite } from './messaging-suite.js';

messagingSuite(
  'Redis and a consumer in a database of its own',
  describeWithRedis,
  async () => {
    const redis = await startRedis();
    return { redis, lose: () => redis.flush() };
  },
  async (backend) => backend.redis?.stop(),
  { otherDatabase: true },
);
