/** A known bug that can be put back into a copy of the program, to see whether the simulator notices. */
import type { Profile } from '../profile.js';
import { SLOTS, type Start } from '../world/fleet.js';

export interface Edit {
  /** Relative to the root. */
  readonly file: string;
  /** Must stand in the file exactly once: a mutation that no longer fits fails loudly. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  readonly name: string;
  /** What the program believes once more. */
  readonly bug: string;
  readonly edits: readonly Edit[];
  /** The trouble that provokes it quickly. */
  readonly profile: Profile;
  readonly seed: number;
  /** Length of the load. */
  readonly seconds: number;
}

/**
 * How a process is started that must not be the relay's leader when it is frozen, since then nothing would go on: it dies when it
 * first leads, and another leads from then on.
 */
export function frozenBesideTheLeader(freeze: {
  readonly orders: string;
  readonly freezeMs: number;
}): readonly Start[] {
  const start = { skewMs: 0, freezeMs: freeze.freezeMs };
  return [
    { ...start, crashPoints: `outbox.before_dispatch:1:kill,${freeze.orders}` },
    { ...start, crashPoints: freeze.orders },
  ];
}

/** No trouble but what a mutation adds. */
export const CALM: Omit<Profile, 'name'> = {
  slots: SLOTS,
  armedStarts: 0,
  duePoints: false,
  longFreezes: false,
  perSecond: 14,
  disturbances: [],
  gateways: [],
  weatherOutlastsLoad: true,
  starts: { first: [], second: [], worker: [] },
  quietSeconds: 30,
};
