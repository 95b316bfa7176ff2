/** When a router noticed that something is down, and how often it thought so of what was well. */
import { NETWORKS, type Network, type Trouble } from './scenario.js';
import type { Router } from './router.js';
import { concerns, type World } from './world.js';

/** A total outage of one gateway for one network that was noticed. */
export interface Detection {
  /** That were sent into it before. */
  readonly attempts: number;
  readonly seconds: number;
}

interface Watch {
  readonly trouble: Trouble;
  readonly gateway: string;
  readonly network: Network;
  attempts: number;
  noticedAt: number | undefined;
}

export class TripMeter {
  /** Times that a gateway, or a network of it, began to be avoided although nothing was wrong. */
  falseTrips = 0;
  private readonly watches: readonly Watch[];
  private readonly avoided = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly router: Router,
  ) {
    this.watches = world.troubles
      .filter(({ kind }) => kind === 'outage')
      .flatMap((trouble) =>
        world.gateways.flatMap((gateway) =>
          NETWORKS.filter((network) => concerns(trouble, gateway, network)).map((network) => ({
            trouble,
            gateway,
            network,
            attempts: 0,
            noticedAt: undefined,
          })),
        ),
      );
  }

  /** Total outages, each gateway and network that was struck counted by itself. */
  get outages(): number {
    return this.watches.length;
  }

  get detections(): readonly Detection[] {
    return this.watches.flatMap(({ attempts, noticedAt, trouble }) =>
      noticedAt === undefined ? [] : [{ attempts, seconds: (noticedAt - trouble.fromMs) / 1_000 }],
    );
  }

  sent(gateway: string, network: Network, nowMs: number): void {
    for (const watch of this.watches)
      if (watch.gateway === gateway && watch.network === network && isOpen(watch, nowMs)) watch.attempts += 1;
  }

  /** After an outcome of this gateway was heard. */
  heard(gateway: string, nowMs: number): void {
    for (const watch of this.watches)
      if (isOpen(watch, nowMs) && this.router.avoids(watch.gateway, watch.network, nowMs)) watch.noticedAt = nowMs;
    if (this.router.hasBreakers) this.countFalseTrips(gateway, nowMs);
  }

  /** Only what an outcome is of can trip by it. */
  private countFalseTrips(gateway: string, nowMs: number): void {
    for (const network of NETWORKS) {
      const key = `${gateway} ${network}`;
      if (!this.router.avoids(gateway, network, nowMs)) this.avoided.delete(key);
      else if (!this.avoided.has(key)) {
        this.avoided.add(key);
        if (!this.world.isTroubled(gateway, network, nowMs)) this.falseTrips += 1;
      }
    }
  }
}

function isOpen({ trouble, noticedAt }: Watch, nowMs: number): boolean {
  return noticedAt === undefined && nowMs >= trouble.fromMs && nowMs < trouble.toMs;
}
