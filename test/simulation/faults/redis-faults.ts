/** Redis goes away, forgets, hangs, and is full. It keeps nothing on its disk, so that each end of it is a loss of everything. */
import { setTimeout as sleep } from 'node:timers/promises';
import { takingTurns, type FaultPlayer } from './fault-player.js';

/** Below what an empty Redis takes: every write fails. */
const NO_MEMORY_BYTES = 100_000;

/** Two of these at once would undo each other. */
const inTurn = takingTurns();

export const redisFlush: FaultPlayer = inTurn(async ({ world }) => {
  await world.redis.flush();
  return true;
});

export const redisStop: FaultPlayer = inTurn(async ({ world, moment }) => {
  await world.redis.stop();
  await sleep(moment.ms);
  await world.redis.restart();
  return true;
});

export const redisKill: FaultPlayer = inTurn(async ({ world, moment }) => {
  await world.redis.kill();
  await sleep(moment.ms);
  await world.redis.restart();
  return true;
});

export const redisPause: FaultPlayer = inTurn(async ({ world, moment }) => {
  world.redis.pause();
  await sleep(moment.ms);
  world.redis.resume();
  return true;
});

export const redisFull: FaultPlayer = inTurn(async ({ world, moment }) => {
  await world.redis.limitMemory(NO_MEMORY_BYTES);
  await sleep(moment.ms);
  await world.redis.limitMemory(0);
  return true;
});
