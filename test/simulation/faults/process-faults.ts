/** Processes that end or freeze at a moment that nobody chose. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Slot } from '../world/fleet.js';
import type { World } from '../world/world.js';
import type { FaultPlayer } from './fault-player.js';

export const kill: FaultPlayer = ({ world, moment }) => {
  world.fleet.slot(moment.slot).kill();
  return Promise.resolve(true);
};

/** A power cut: nobody is left to notice. */
export const killAll: FaultPlayer = ({ world }) => {
  for (const slot of world.fleet.all()) slot.kill();
  return Promise.resolve(true);
};

export const freeze: FaultPlayer = ({ world, moment }) => world.fleet.slot(moment.slot).freeze(moment.ms);

/** A frozen process does not answer; one that has much to get over takes its time. */
const ASK_TIMEOUT_MS = 3_000;
/** Often nobody leads just then: who did is dead or frozen, and the next has to be ready first. */
const LEADER_WITHIN_MS = 10_000;
const ASK_EVERY_MS = 100;

/**
 * Two schedulers: the process that relays the outbox freezes, loses its lock with its connection, and another leads; then it wakes
 * and believes for a moment that it leads still.
 */
export const freezeRelayLeader: FaultPlayer = async ({ world, moment }) => {
  const deadline = performance.now() + LEADER_WITHIN_MS;
  let leader = await findLeader(world);
  while (leader === undefined && performance.now() < deadline) {
    await sleep(ASK_EVERY_MS);
    leader = await findLeader(world);
  }
  if (leader === undefined) return false;
  const frozen = leader.freeze(moment.ms);
  await world.cluster.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sankofa relay main'`,
  );
  return frozen;
};

/**
 * By its own metrics: through the proxy PostgreSQL cannot tell whose connection holds the lock.
 * @throws when a process no longer says whether it leads
 */
async function findLeader(world: World): Promise<Slot | undefined> {
  const answers = await Promise.all(world.fleet.all().map(async (slot) => ({ slot, metrics: await metricsOf(slot) })));
  return answers.find(({ slot, metrics }) => {
    if (metrics === '') return false;
    const [, leads] = /^sankofa_relay_leader\{outbox="main"\} ([01])$/m.exec(metrics) ?? [];
    if (leads === undefined) throw new Error(`${slot.name} does not say whether it relays the outbox`);
    return leads === '1';
  })?.slot;
}

function metricsOf(slot: Slot): Promise<string> {
  return fetch(`http://127.0.0.1:${slot.port}/metrics`, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) }).then(
    (response) => response.text(),
    () => '',
  );
}
