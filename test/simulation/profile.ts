/** What kind of trouble a run has. The usual profile has all of it; a mutation may bring one that provokes it quickly. */
import type { Fault } from '../support/program.js';
import { SLOTS, type SlotName, type Start } from './world/fleet.js';

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

/** Longer than the longest pause before a gateway is asked again: a twenty-fifth of an hour, and a fifth more by chance. */
const QUIET_SECONDS = 180;

export interface Profile {
  readonly name: string;
  /** The processes that run. */
  readonly slots: readonly SlotName[];
  /** How many starts of each process are armed; those after them are left in peace. */
  readonly armedStarts: number;
  /** Whether some crash points are due in each run, so that a few runs have met them all. */
  readonly duePoints: boolean;
  /** Whether processes also freeze for longer than every lease. */
  readonly longFreezes: boolean;
  /** Whether operators act too: they wait until somebody was paid, which a short run has no time for. */
  readonly operators?: boolean;
  /** Payments per second. */
  readonly perSecond: number;
  readonly disturbances: readonly Disturbance[];
  /** How long the program waits for the answer to a charge, in ms: one of them, by the seed. Default: a second. */
  readonly chargeTimeoutsMs?: readonly number[];
  /** Faults of the gateways throughout, instead of the usual mixture. */
  readonly gateways?: readonly Fault[];
  /** Whether the gateways' faults stay until all has been asked for, also what merchants give back, which follows the load by seconds. */
  readonly weatherOutlastsLoad: boolean;
  /** How the processes are started, instead of as the seed says. */
  readonly starts?: Readonly<Partial<Record<SlotName, readonly Start[]>>>;
  /** Further settings of the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** After the load: for how long nothing may change while an invariant is still broken. */
  readonly quietSeconds: number;
}

export const EVERYTHING: Profile = {
  name: 'everything',
  operators: true,
  slots: SLOTS,
  // More than a process can have in a minute.
  armedStarts: 40,
  duePoints: true,
  longFreezes: true,
  perSecond: 14,
  // A charge that is given up before it is first asked about, after 0.2 s, becomes an unknown; later the answer comes first.
  chargeTimeoutsMs: [150, 1_000, 1_000],
  disturbances: DISTURBANCES,
  weatherOutlastsLoad: true,
  quietSeconds: QUIET_SECONDS,
};

/** For the suite: what does not take long to get over. */
export const SHORT: Profile = {
  name: 'short',
  slots: ['first', 'second'],
  armedStarts: 2,
  duePoints: false,
  longFreezes: false,
  perSecond: 14,
  disturbances: [
    'kill',
    'redis_flush',
    'redis_kill',
    'postgres_restart',
    'backends_terminated',
    'cut_mid_transaction',
    'cut_before_commit',
    'cut_commit_answer_lost',
    'cut_accept_answer_lost',
  ],
  weatherOutlastsLoad: false,
  quietSeconds: QUIET_SECONDS,
};
