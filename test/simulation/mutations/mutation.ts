/** A known bug that can be put back into a copy of the program, to see whether the simulator notices. */
import type { Profile } from '../profile.js';

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

/** No trouble but what a mutation adds. */
export const CALM: Omit<Profile, 'name'> = {
  perSecond: 14,
  disturbances: [],
  gateways: [],
  starts: { first: [], second: [], worker: [] },
  quietSeconds: 30,
};
