/** All that the director can do, by name. */
import type { Disturbance } from '../profile.js';
import { cut } from './connection-faults.js';
import type { FaultPlayer } from './fault-player.js';
import {
  backendsTerminated,
  poolExhausted,
  postgresCrash,
  postgresDiskFull,
  postgresRestart,
} from './postgres-faults.js';
import { freeze, freezeRelayLeader, kill, killAll } from './process-faults.js';
import { redisFlush, redisFull, redisKill, redisPause, redisStop } from './redis-faults.js';

export const PLAYERS: Readonly<Record<Disturbance, FaultPlayer>> = {
  kill,
  kill_all: killAll,
  freeze,
  freeze_relay_leader: freezeRelayLeader,
  redis_flush: redisFlush,
  redis_stop: redisStop,
  redis_kill: redisKill,
  redis_pause: redisPause,
  redis_full: redisFull,
  postgres_restart: postgresRestart,
  postgres_crash: postgresCrash,
  postgres_disk_full: postgresDiskFull,
  backends_terminated: backendsTerminated,
  pool_exhausted: poolExhausted,
  cut_mid_transaction: cut('mid_transaction'),
  cut_before_commit: cut('before_commit'),
  cut_commit_in_flight: cut('commit_in_flight'),
  cut_commit_answer_lost: cut('commit_answer_lost'),
  cut_accept_answer_lost: cut('accept_answer_lost'),
};
