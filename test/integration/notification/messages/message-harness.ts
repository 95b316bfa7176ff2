/** E-mail and SMS on a real database and against the sandbox's provider and mail server, without the HTTP front and the relay. */
import { readEnv, type Env } from '../../../../src/config/env.js';
import { adminInvited, invitationLinkPlace } from '../../../../src/contracts/auth.events.js';
import { paymentSucceeded, refundSucceeded } from '../../../../src/contracts/payments.events.js';
import { Databases } from '../../../../src/kernel/database/databases.js';
import type { Tx } from '../../../../src/kernel/database/tx.js';
import { newUuid } from '../../../../src/kernel/ids/ids.js';
import { Logger } from '../../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../../src/kernel/observability/metrics.js';
import type { StoredEvent } from '../../../../src/kernel/outbox/event.js';
import { newMasterKey } from '../../../../src/kernel/secrets/master-keys.js';
import { Vault } from '../../../../src/kernel/secrets/vault.js';
import { ChannelSenders } from '../../../../src/modules/notification/messages/channel-senders.js';
import { MessageAdmins } from '../../../../src/modules/notification/messages/message-admins.js';
import { MessageListsStore } from '../../../../src/modules/notification/messages/message-lists.store.js';
import { MessageMetrics } from '../../../../src/modules/notification/messages/message.metrics.js';
import { MessageSettingsStore } from '../../../../src/modules/notification/messages/message-settings.store.js';
import { Messages } from '../../../../src/modules/notification/messages/messages.js';
import { QueueReceipts } from '../../../../src/modules/notification/messages/queue-receipts.js';
import { RaiseAlerts } from '../../../../src/modules/notification/messages/raise-alerts.js';
import { ResendMessage } from '../../../../src/modules/notification/messages/resend-message.js';
import { TellMembers } from '../../../../src/modules/notification/messages/members/tell-members.js';
import { TellDisabledEndpoints } from '../../../../src/modules/notification/messages/tell-disabled-endpoints.js';
import { createTestDatabase, type TestDatabase } from '../../../support/database.js';

export const MASTER_KEY = newMasterKey();
export const ALERTS_EMAIL = 'operations@example.com';
export const ALERTS_PHONE = '+233200000001';

/** What a process that hosts the module has. */
export interface MessageProcess {
  readonly env: Env;
  readonly messages: Messages;
  readonly settings: MessageSettingsStore;
  readonly senders: ChannelSenders;
  readonly lists: MessageListsStore;
  readonly resend: ResendMessage;
  readonly tell: TellDisabledEndpoints;
  readonly members: TellMembers;
  readonly databases: Databases;
  readonly vault: Vault;
  readonly metrics: Metrics;
  /** Every line of its log, with its fields. */
  readonly logged: readonly string[];
  admins(...events: readonly StoredEvent[]): Promise<void>;
  alerts(...events: readonly StoredEvent[]): Promise<void>;
  receipts(...events: readonly StoredEvent[]): Promise<void>;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

class RecordingLogger extends Logger {
  readonly lines: string[] = [];
  override info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push(`info ${message} ${JSON.stringify(fields)}`);
  }
  override warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push(`warn ${message} ${JSON.stringify(fields)}`);
  }
  override error(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.lines.push(`error ${message} ${JSON.stringify(fields)}`);
  }
}

export interface MessageHarness {
  readonly database: TestDatabase;
  process(settings: Readonly<Record<string, string>>): MessageProcess;
  close(): Promise<void>;
}

export async function createMessageHarness(): Promise<MessageHarness> {
  const database = await createTestDatabase();
  const open: MessageProcess[] = [];
  return {
    database,
    process: (settings) => {
      const made = makeProcess(database, settings);
      open.push(made);
      return made;
    },
    close: async () => {
      await Promise.all(open.map((each) => each.close()));
      await database.drop();
    },
  };
}

function makeProcess(database: TestDatabase, settings: Readonly<Record<string, string>>): MessageProcess {
  const env = readEnv({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    MASTER_KEYS: MASTER_KEY,
    ...settings,
  });
  const logger = new RecordingLogger(env);
  const databases = new Databases(env, logger);
  const metrics = new Metrics();
  const vault = new Vault(env);
  const messages = new Messages(env, vault);
  const store = new MessageSettingsStore(databases);
  const lists = new MessageListsStore(databases);
  const senders = new ChannelSenders(env, databases, vault, logger, new MessageMetrics(metrics, databases), messages);
  const admins = new MessageAdmins(messages);
  const members = new TellMembers(messages, vault, logger);
  const alerts = new RaiseAlerts(messages);
  const receipts = new QueueReceipts(messages, store, vault, logger);
  const transaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => databases.of('notification').transaction(work);
  let closed = false;
  return {
    env,
    messages,
    settings: store,
    senders,
    lists,
    resend: new ResendMessage(messages, lists, vault),
    tell: new TellDisabledEndpoints(messages, store, members),
    members,
    databases,
    vault,
    metrics,
    logged: logger.lines,
    admins: (...events) => transaction((tx) => admins.handle(tx, events)),
    alerts: (...events) => transaction((tx) => alerts.handle(tx, events)),
    receipts: (...events) => transaction((tx) => receipts.queue(tx, events)),
    transaction,
    close: async () => {
      if (closed) return;
      closed = true;
      await senders.stop();
      await databases.close();
    },
  };
}

export function storedEvent(type: string, payload: unknown, merchantId: string | null = null): StoredEvent {
  return {
    id: newUuid(),
    type,
    aggregateType: 'thing',
    aggregateId: newUuid(),
    merchantId,
    payload,
    headers: { correlation_id: newUuid() },
    createdAt: new Date(),
  };
}

export const LINK = 'https://pay.example.com/backoffice/invitation#canary-token-of-an-invitation';

export async function invitation(
  vault: Vault,
  given: { readonly email?: string; readonly name?: string; readonly link?: string; readonly lastsMs?: number } = {},
): Promise<StoredEvent> {
  const id = newUuid();
  return storedEvent(adminInvited.type, {
    invitation_id: id,
    email: given.email ?? 'ama@example.com',
    name: given.name ?? 'Ama Mensah',
    role: 'support',
    invited_by: null,
    expires_at: new Date(Date.now() + (given.lastsMs ?? 86_400_000)).toISOString(),
    sealed_link: await vault.seal(given.link ?? LINK, invitationLinkPlace(id)),
  });
}

export interface PaymentGiven {
  readonly merchantId: string;
  readonly email?: string;
  readonly phone?: string;
  readonly amount?: number;
  readonly currency?: string;
  readonly reference?: string;
  readonly livemode?: boolean;
  readonly paymentId?: string;
}

export function payment(given: PaymentGiven): StoredEvent {
  const { merchantId, email, phone, amount = 5_000, currency = 'GHS', reference = 'order-1', livemode = true } = given;
  const customer = { ...(email === undefined ? {} : { email }), ...(phone === undefined ? {} : { phone }) };
  const payload = {
    payment_id: given.paymentId ?? newUuid(),
    livemode,
    amount,
    currency,
    succeeded_at: '2026-11-28T07:01:00.000Z',
    resource: { object: 'payment', reference, customer, method: { type: 'bank_transfer' } },
  };
  return storedEvent(paymentSucceeded.type, payload, merchantId);
}

export function refund(merchantId: string, paymentId: string, amount = 2_000): StoredEvent {
  const payload = {
    payment_id: paymentId,
    livemode: true,
    amount,
    currency: 'GHS',
    source: 'merchant',
    succeeded_at: '2026-11-28T08:01:00.000Z',
    resource: { object: 'refund' },
  };
  return storedEvent(refundSucceeded.type, payload, merchantId);
}

export interface StoredMessage extends Record<string, unknown> {
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly state: string;
  readonly attempts: number;
  readonly claims: number;
  readonly count: number;
  readonly last_error: string | null;
  readonly provider_id: string | null;
  readonly wait_ms: number | null;
  readonly has_content: boolean;
  readonly outcomes: readonly string[];
}

/** All messages, oldest first. */
export function storedMessages(database: TestDatabase): Promise<StoredMessage[]> {
  return database.query<StoredMessage>(
    `SELECT m.id, m.kind, m.channel, m.state, m.attempts, m.claims, m.count, m.last_error, m.provider_id,
       round(extract(epoch FROM m.next_attempt_at - now()) * 1000)::float8 AS wait_ms,
       EXISTS (SELECT FROM notification.message_content c WHERE c.message_id = m.id) AS has_content,
       ARRAY(SELECT a.outcome FROM notification.message_attempt a WHERE a.message_id = m.id ORDER BY a.attempt) AS outcomes
     FROM notification.message m ORDER BY m.id`,
  );
}

/** Makes everything that waits due now: time passes by SQL, so that no test sleeps through the schedule. */
export async function passTime(database: TestDatabase): Promise<void> {
  await database.query(
    `UPDATE notification.message SET next_attempt_at = now() - interval '1 second' WHERE state IN ('queued', 'sending')`,
  );
}
