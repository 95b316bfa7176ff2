/** What every outbox needs, one per database: a relay, couriers to consumers elsewhere, a sweeper, and somebody to keep house. */
import type { Env } from '../../config/env.js';
import { KeyUse } from '../access/key-use.js';
import type { Databases } from '../database/databases.js';
import { homeOf, type DatabaseHome } from '../database/homes.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { BackgroundTask } from '../queue/background-tasks.js';
import type { Queues } from '../queue/queues.js';
import type { ConsumerDefinition } from './consumer.js';
import { Courier } from './courier.js';
import type { ObservedOutbox } from './outbox-metrics.js';
import { Relay, type RelayOptions } from './relay.js';
import { Retention } from './retention.js';
import { Sweeper } from './sweeper.js';

export interface OutboxContext {
  readonly env: Env;
  readonly databases: Databases;
  /** Every consumer there is: events of any of them may lie in any outbox, if only because a module has been moved. */
  readonly consumers: readonly ConsumerDefinition[];
  readonly queues: Queues;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** As {@link RelayOptions.maxWaitingJobs}. */
  readonly maxWaitingJobs?: RelayOptions['maxWaitingJobs'];
}

export interface Outbox extends ObservedOutbox {
  readonly relay: Relay;
  readonly tasks: readonly BackgroundTask[];
}

export function outboxesOf(homes: readonly DatabaseHome[], context: OutboxContext): readonly Outbox[] {
  return homes.map((home) => outboxOf(home, homes, context));
}

function outboxOf(home: DatabaseHome, homes: readonly DatabaseHome[], context: OutboxContext): Outbox {
  const { env, databases, consumers, queues, logger } = context;
  const { dispatched, missed } = counters(context.metrics);
  const database = databases.at(home);
  const others = homes.filter((other) => other !== home).map((other) => databases.at(other));
  const here = consumers.filter((consumer) => homeOf(homes, consumer.module) === home);
  const carriedTo = consumers.filter((consumer) => !here.includes(consumer));
  const relay = new Relay({
    databaseUrl: home.url,
    name: home.name,
    consumers: here,
    queues,
    logger,
    ...(context.maxWaitingJobs === undefined ? {} : { maxWaitingJobs: context.maxWaitingJobs }),
    observe: (events) => dispatched.inc({ outbox: home.name }, events),
  });
  const elsewhere = new Map(
    carriedTo.map((consumer) => {
      const queue = queues.get(consumer.name);
      if (queue === undefined) throw new Error(`There is no queue for consumer ${consumer.name}`);
      const courier = new Courier({ database, relay, consumer, queue, logger });
      return [consumer.name, { database: databases.at(homeOf(homes, consumer.module)), courier }];
    }),
  );
  const sweeper = new Sweeper({
    database,
    relay,
    consumers,
    elsewhere,
    others,
    queues,
    logger,
    leaseMs: env.sweepLeaseMs,
    observe: (consumer, count) => missed.inc({ consumer }, count),
  });
  const keyUse = new KeyUse({ database, logger, isLeader: () => relay.isLeader });
  const retention = new Retention({ database, others, consumers, logger, isLeader: () => relay.isLeader });
  return {
    name: home.name,
    database,
    relay,
    consumers: here,
    carriedTo,
    tasks: [keyUse, relay, ...[...elsewhere.values()].map(({ courier }) => courier), sweeper, retention],
  };
}

function counters(metrics: Metrics) {
  return {
    dispatched: metrics.counter('sankofa_relay_events_total', 'Events the relay has read and dispatched', ['outbox']),
    missed: metrics.counter('sankofa_sweeper_missed_total', 'Events that had got lost on their way to a consumer', [
      'consumer',
    ]),
  };
}
