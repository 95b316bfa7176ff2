/** The gateways' weather, and what of it was really met. */
import type { Fault } from '../../support/program.js';
import type { Counters } from '../counters.js';
import type { World } from '../world/world.js';

interface Described {
  readonly fault: string;
  readonly rate: number;
  readonly hits: number;
}

/** Puts these faults in force instead of those before. */
export async function setWeather(world: World, faults: readonly Fault[], counters: Counters): Promise<void> {
  await countHits(world, counters);
  await world.sandbox.clearFaults();
  for (const fault of faults) {
    await world.sandbox.setFault(fault);
    // A gateway that is gone counts no requests: nothing reaches it.
    if (fault.rate === 1 && (fault.fault === 'down' || fault.fault === 'refuse'))
      counters.add(`gateway ${fault.fault}`);
  }
}

/** From now on questions are answered, so that what can be learned is learned. */
export async function clearWeather(world: World, counters: Counters): Promise<void> {
  await setWeather(world, [], counters);
}

async function countHits(world: World, counters: Counters): Promise<void> {
  const response = await fetch(`${world.sandbox.controlUrl}/_faults`, { headers: { connection: 'close' } });
  const { data } = (await response.json()) as { data: Described[] };
  for (const { fault, hits } of data) counters.add(`gateway ${fault}`, hits);
}
