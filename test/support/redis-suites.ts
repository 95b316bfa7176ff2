/** Suites that need a Redis, skipped where there is none. */
import { redisAvailable, redisControllable } from './redis.js';

/** `describe` where there is a Redis, else skipped; `npm test` then says so, and under CI fails. */
export const describeWithRedis: jest.Describe = redisAvailable ? describe : describe.skip;

/** The same for suites that stop, freeze or fill it. */
export const describeWithRedisControl: jest.Describe = redisControllable ? describe : describe.skip;
