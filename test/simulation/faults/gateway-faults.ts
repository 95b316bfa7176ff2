/** The gateways' weather, and what of it was really met. */
import type { Fault } from '../../support/program.js';
import type { Counters } from '../counters.js';
import type { GatewayWeather } from '../director.js';
import { PURSES, reorderGateways, type Purse } from '../world/gateway-accounts.js';
import type { World } from '../world/world.js';

interface Described {
  readonly gateway: string;
  readonly fault: string;
  /** What it is aimed at; charges where it does not say. */
  readonly on?: string;
  readonly rate: number;
  readonly hits: number;
}

/** Less than most payouts, until it has collected more; and so much that nobody needs to think of it. Minor units. */
const SHORT_FLOAT = 5_000;
const AMPLE_FLOAT = 10_000_000_000;

/** Puts these faults in force instead of those before, empties those purses and fills the others, and has the gateways tried in this order if there is one. */
export async function setWeather(
  world: World,
  {
    faults,
    order,
    short,
  }: { readonly faults: readonly Fault[]; readonly short: readonly Purse[] } & Partial<GatewayWeather>,
  counters: Counters,
): Promise<void> {
  await countHits(world, counters);
  await world.sandbox.clearFaults();
  for (const fault of faults) {
    await world.sandbox.setFault(fault);
    // A gateway that is gone counts no requests: nothing reaches it.
    if (isOutage(fault)) counters.add(`${fault.gateway} ${fault.fault}`);
  }
  for (const purse of PURSES)
    await world.sandbox.setBalance(
      purse.gateway,
      purse.account,
      purse.currency,
      short.includes(purse) ? SHORT_FLOAT : AMPLE_FLOAT,
    );
  // PostgreSQL may be away just now; then the order stays as it was.
  if (order !== undefined) await reorderGateways(world.cluster, order).catch(() => undefined);
}

/** From now on questions are answered, so that what can be learned is learned. */
export async function clearWeather(world: World, counters: Counters): Promise<void> {
  await setWeather(world, { faults: [], short: [] }, counters);
}

function isOutage({ fault, rate }: Fault): boolean {
  return rate === 1 && (fault === 'down' || fault === 'refuse');
}

async function countHits(world: World, counters: Counters): Promise<void> {
  const response = await fetch(`${world.sandbox.controlUrl}/_faults`, { headers: { connection: 'close' } });
  const { data } = (await response.json()) as { data: Described[] };
  for (const { gateway, fault, hits, on } of data)
    counters.add(`${gateway} ${on === undefined ? '' : `${on} `}${fault}`, hits);
}
