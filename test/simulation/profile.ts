/** What kind of trouble a run has. The usual profile has all of it; a mutation may bring one that provokes it quickly. */
import type { Fault } from '../support/program.js';
import type { Start, SlotName } from './world/fleet.js';

/** Everything the director can do at a moment. A kind is also the name of its counter. */
export const DISTURBANCES = [
  'kill',
  'kill_all',
  'freeze',
  'freeze_relay_leader',
  'redis_flush',
  'redis_stop',
  'redis_kill',
  'redis_pause',
  'redis_full',
  'postgres_restart',
  'postgres_crash',
  'postgres_disk_full',
  'backends_terminated',
  'pool_exhausted',
  'cut_mid_transaction',
  'cut_before_commit',
  'cut_commit_in_flight',
  'cut_commit_answer_lost',
  'cut_accept_answer_lost',
] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

export interface Profile {
  readonly name: string;
  /** Payments per second. */
  readonly perSecond: number;
  readonly disturbances: readonly Disturbance[];
  /** Faults of the gateways throughout, instead of the usual mixture. */
  readonly gateways?: readonly Fault[];
  /** How the processes are started, instead of as the seed says. */
  readonly starts?: Readonly<Partial<Record<SlotName, readonly Start[]>>>;
  /** Further settings of the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long after the load everything may take to come to rest. */
  readonly quietSeconds: number;
}

export const EVERYTHING: Profile = {
  name: 'everything',
  perSecond: 14,
  disturbances: DISTURBANCES,
  quietSeconds: 90,
};
