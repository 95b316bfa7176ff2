/** Processes that end or freeze at a moment that nobody chose. */
import type { Slot } from '../world/fleet.js';
import type { World } from '../world/world.js';
import type { FaultPlayer } from './fault-player.js';

export const kill: FaultPlayer = ({ world, moment }) => {
  world.fleet.slot(moment.slot).kill();
  return Promise.resolve(true);
};

/** A frozen process does not answer. */
const ASK_TIMEOUT_MS = 500;

/** A power cut: nobody is left to notice. */
export const killAll: FaultPlayer = ({ world }) => {
  for (const slot of world.fleet.all()) slot.kill();
  return Promise.resolve(true);
};

export const freeze: FaultPlayer = ({ world, moment }) => world.fleet.slot(moment.slot).freeze(moment.ms);

/**
 * Two schedulers: the process that relays the outbox freezes, loses its lock with its connection, and another leads; then it wakes
 * and believes for a moment that it leads still.
 */
export const freezeRelayLeader: FaultPlayer = async ({ world, moment }) => {
  const leader = await findLeader(world);
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
  for (const slot of world.fleet.all()) {
    const metrics = await fetch(`http://127.0.0.1:${slot.port}/metrics`, {
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    }).then(
      (response) => response.text(),
      () => '',
    );
    if (metrics === '') continue;
    const [, leads] = /^sankofa_relay_leader\{outbox="main"\} ([01])$/m.exec(metrics) ?? [];
    if (leads === undefined) throw new Error(`${slot.name} does not say whether it relays the outbox`);
    if (leads === '1') return slot;
  }
  return undefined;
}
