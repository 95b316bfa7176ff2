/** Connections to PostgreSQL that break at a chosen moment of their conversation. */
import type { Cut } from '../world/database-proxy.js';
import type { FaultPlayer } from './fault-player.js';

/** Counted when a connection comes to that moment, which may be a little later. */
export function cut(kind: Cut): FaultPlayer {
  return ({ world, met }) => {
    world.proxy.order(kind, met);
    return Promise.resolve(false);
  };
}
