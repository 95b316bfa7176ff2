/** The notification module's own parts on a real database, without the HTTP front and the outbox relay. */
import type { Env } from '../../../src/config/env.js';
import { readEnv } from '../../../src/config/env.js';
import { paymentSucceeded } from '../../../src/contracts/payments.events.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { Vault } from '../../../src/kernel/secrets/vault.js';
import { EndpointSecrets } from '../../../src/modules/notification/endpoint-secrets.js';
import { EndpointsStore, type Owner } from '../../../src/modules/notification/endpoints.store.js';
import { EventsStore } from '../../../src/modules/notification/events.store.js';
import { ManageEndpoints } from '../../../src/modules/notification/manage-endpoints.js';
import { Messages } from '../../../src/modules/notification/messages/messages.js';
import { MessageSettingsStore } from '../../../src/modules/notification/messages/message-settings.store.js';
import { QueueReceipts } from '../../../src/modules/notification/messages/queue-receipts.js';
import { TellMembers } from '../../../src/modules/notification/messages/members/tell-members.js';
import { TellDisabledEndpoints } from '../../../src/modules/notification/messages/tell-disabled-endpoints.js';
import { NotificationMetrics } from '../../../src/modules/notification/notification.metrics.js';
import { NotifyMerchants } from '../../../src/modules/notification/notify-merchants.js';
import { RedeliverEvent } from '../../../src/modules/notification/redeliver-event.js';
import { WebhookSender } from '../../../src/modules/notification/webhook-sender.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/** What a process that hosts the module has. */
export interface NotificationProcess {
  readonly sender: WebhookSender;
  readonly notify: NotifyMerchants;
  readonly manage: ManageEndpoints;
  readonly endpoints: EndpointsStore;
  readonly events: EventsStore;
  readonly redeliver: RedeliverEvent;
  readonly metrics: Metrics;
  /** Handles events as the kernel's consumer does: in one transaction. */
  handle(events: readonly StoredEvent[]): Promise<void>;
  close(): Promise<void>;
}

export interface ProcessOptions {
  readonly allowPrivate?: boolean;
  /** As MASTER_KEYS: the first seals. Otherwise the one that the tests' programs share. */
  readonly masterKeys?: readonly string[];
  readonly logger?: Logger;
  /** As RETRY_PAUSE_PERCENT. */
  readonly pausePercent?: number;
}

export interface NotificationHarness {
  readonly database: TestDatabase;
  /** A process; `start` begins to send. */
  process(options?: ProcessOptions): NotificationProcess;
  close(): Promise<void>;
}

export async function createHarness(): Promise<NotificationHarness> {
  const database = await createTestDatabase();
  const open: NotificationProcess[] = [];
  return {
    database,
    process: (options = {}) => {
      const made = makeProcess(database, options);
      open.push(made);
      return made;
    },
    close: async () => {
      await Promise.all(open.map((each) => each.close()));
      await database.drop();
    },
  };
}

function makeProcess(database: TestDatabase, options: ProcessOptions): NotificationProcess {
  const { allowPrivate = true, masterKeys = [], pausePercent = 100 } = options;
  const env: Env = {
    ...readEnv({
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      DATABASE_URL: database.url,
      MASTER_KEYS: masterKeys.join(','),
      RETRY_PAUSE_PERCENT: String(pausePercent),
    }),
    webhookAllowPrivate: allowPrivate,
  };
  const logger = options.logger ?? new Logger(env);
  const databases = new Databases(env, logger);
  const metrics = new Metrics();
  const vault = new Vault(env);
  const messages = new Messages(env, vault);
  const settings = new MessageSettingsStore(databases);
  const tell = new TellDisabledEndpoints(messages, settings, new TellMembers(messages, vault, logger));
  const secrets = new EndpointSecrets(vault);
  const counts = new NotificationMetrics(metrics, databases);
  const sender = new WebhookSender(env, databases, logger, counts, tell, secrets);
  const notify = new NotifyMerchants(sender, new QueueReceipts(messages, settings, vault, logger));
  const endpoints = new EndpointsStore(databases);
  const events = new EventsStore(databases);
  let closed = false;
  return {
    sender,
    notify,
    manage: new ManageEndpoints(env, endpoints, secrets),
    endpoints,
    events,
    redeliver: new RedeliverEvent(events, endpoints, sender),
    metrics,
    handle: (sources) => databases.of('notification').transaction((tx) => notify.handle(tx, sources)),
    close: async () => {
      if (closed) return;
      closed = true;
      await sender.stop();
      await databases.close();
    },
  };
}

export function newOwner(livemode = false): Owner {
  return { merchantId: newUuid(), livemode };
}

/** An event as the payments module announces it. */
export function outcome(
  owner: Owner,
  type: string = paymentSucceeded.type,
  resource: Record<string, unknown> = { id: 'pay_x', note: 'é\u0000"' },
): StoredEvent {
  return {
    id: newUuid(),
    type,
    aggregateType: 'payment',
    aggregateId: newUuid(),
    merchantId: owner.merchantId,
    payload: { livemode: owner.livemode, resource },
    headers: { correlation_id: newUuid() },
    createdAt: new Date(),
  };
}

export interface StoredDelivery extends Record<string, unknown> {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly claims: number;
  readonly wait_ms: number | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
}

/** Deliveries to an endpoint, oldest first; `wait_ms` is the time until the next attempt. */
export function deliveriesTo(database: TestDatabase, endpointId: string): Promise<StoredDelivery[]> {
  return database.query<StoredDelivery>(
    `SELECT id, status, attempts, claims, last_status, last_error, round(extract(epoch FROM next_attempt_at - now()) * 1000)::float8 AS wait_ms
     FROM notification.delivery WHERE endpoint_id = $1 ORDER BY id`,
    [endpointId],
  );
}

/** Makes everything that waits due now: time passes by SQL, so that no test sleeps through the schedule. */
export async function passTime(database: TestDatabase): Promise<void> {
  await database.query(`UPDATE notification.delivery SET next_attempt_at = now() WHERE status = 'pending'`);
}
