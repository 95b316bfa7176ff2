/** Routing on a real PostgreSQL with scripted gateways; several "processes" can share one database. */
import { randomUUID } from 'node:crypto';
import { paymentCreated } from '../../../src/contracts/payments.events.js';
import type { AttemptStatus, PaymentMethod } from '../../../src/contracts/shared.js';
import { routingEvents } from '../../../src/contracts/routing.events.js';
import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import type { CheckSchedule } from '../../../src/modules/routing/check-schedule.js';
import { DEFAULT_VALUES } from '../../../src/modules/routing/choice/choose.js';
import { segmentKey, type Segment } from '../../../src/modules/routing/choice/segment.js';
import { upsertGatewayAccount } from '../../../src/modules/routing/gateway-accounts.js';
import { Routing } from '../../../src/modules/routing/routing.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { testVault } from '../../support/vault.js';
import type { ScriptedGateway } from './scripted-gateway.js';

export const MERCHANT = newUuid();

/** The real one in miniature: a hundred times faster. */
export const QUICK: CheckSchedule = {
  pausesMs: [50, 100, 200, 400],
  thenEveryMs: 600,
  caseAfterMs: 3_600_000,
  caseEveryMs: 600,
  afterSuccessMs: [100, 200],
  patienceMs: 3_600_000,
  tryAgainEveryMs: 100,
};

/** Asks late by itself, for tests of what is before the first question. */
export const UNHURRIED: CheckSchedule = { ...QUICK, pausesMs: [60_000] };

export interface AttemptRow {
  id: string;
  payment_id: string;
  sequence: number;
  gateway: string;
  gateway_account_id: string;
  status: AttemptStatus;
  outcome_code: string | null;
  version: number;
  late: boolean;
  interrupted: boolean;
  resend_count: number;
  case_opened_at: Date | null;
  next_check_at: Date | null;
  reason: unknown;
}

export interface RoutedEvent {
  type: string;
  payload: {
    payment_id?: string;
    subject_id?: string;
    attempt?: { attempt_id: string; status: AttemptStatus };
  } & Record<string, unknown>;
}

export interface Harness {
  readonly database: TestDatabase;
  readonly routing: Routing;
  /** Of `routing`. */
  readonly metrics: Metrics;
  /** Of the first process. */
  readonly pool: Database;
  /** Another process on the same database. */
  another(options?: { schedule?: CheckSchedule }): Routing;
  created(change?: {
    method?: PaymentMethod;
    payment_id?: string;
    merchantId?: string;
    metadata?: Record<string, string>;
  }): StoredEvent;
  /** As the kernel calls the consumer. */
  handle(events: readonly StoredEvent[], routing?: Routing): Promise<void>;
  /** Creates and routes one payment. */
  pay(method?: PaymentMethod): Promise<string>;
  attempts(paymentId: string): Promise<AttemptRow[]>;
  events(paymentId: string): Promise<RoutedEvent[]>;
  state(paymentId: string): Promise<string | undefined>;
  /** Moves an attempt's timers into the past, as if so much time had gone by. */
  passTime(attemptId: string, seconds: number): Promise<void>;
  webhook(
    gateway: ScriptedGateway,
    reference: string | undefined,
    change?: {
      id?: string;
      event?: string;
      signature?: string;
      about?: 'refund' | 'payout';
      handles?: Record<string, string>;
      unrecognised?: boolean;
    },
  ): Promise<void>;
  close(): Promise<void>;
}

export const MOMO: PaymentMethod = { type: 'mobile_money', network: 'mtn', phone: '+233241234567' };
export const CARD: PaymentMethod = { type: 'card', token: 'tok' };
export const plain = (attemptId: string): string => attemptId.replaceAll('-', '');

/** What is in force where gateways are to be tried in their order for payouts too. */
const PAYOUTS_IN_ORDER = {
  rules: [{ name: 'payouts in order', when: { kind: ['payout'] }, use: { type: 'priority' } }],
  otherwise: { type: 'priority' },
};

/** Gateways in the order in which they are to be tried; payouts `by_worth`: as where no rules are in force. */
export async function createHarness(
  gateways: readonly ScriptedGateway[],
  options: { start?: boolean; schedule?: CheckSchedule; payouts?: 'in_order' | 'by_worth' } = {},
): Promise<Harness> {
  const database = await createTestDatabase();
  const pools: Database[] = [];
  const running: Routing[] = [];
  const adapters = new Map(gateways.map((gateway) => [gateway.gateway, gateway]));
  const logger = new Logger({ logLevel: 'silent' });
  const env = {
    publicUrl: 'http://127.0.0.1:1',
    gatewayChargeTimeoutMs: 5_000,
    gatewayReadTimeoutMs: 1_000,
    gatewayWebhookKeepDays: 90,
    shutdownTimeoutMs: 4_000,
  };

  const metrics = new Metrics();
  const another = (own: { schedule?: CheckSchedule } = {}): Routing => {
    const pool = new Database({ url: database.url, owner: 'routing', poolSize: 4 });
    pools.push(pool);
    const routing = new Routing({
      env,
      logger,
      metrics: running.length === 0 ? metrics : new Metrics(),
      database: pool,
      vault: testVault,
      adapters,
      schedule: own.schedule ?? options.schedule ?? QUICK,
      pollEveryMs: 20,
      learnAfterMs: 3_000,
    });
    running.push(routing);
    return routing;
  };
  const routing = another();
  const [pool] = pools;
  if (pool === undefined) throw new Error('no pool');
  for (const [index, gateway] of gateways.entries()) {
    await upsertGatewayAccount(pool, testVault, {
      merchantId: null,
      livemode: false,
      gateway: gateway.gateway,
      name: 'main',
      baseUrl: 'http://127.0.0.1:1',
      credentials: { secret: 'sesame' },
      priority: index + 1,
    });
  }
  if (gateways.some((gateway) => 'payouts' in gateway) && options.payouts !== 'by_worth') {
    const { version } = await routing.ruleSets.create(PAYOUTS_IN_ORDER, 'as the test expects', newUuid());
    await activateRules(routing, pool, version);
  }
  if (options.start !== false) start(routing);

  const handle = async (events: readonly StoredEvent[], by: Routing = routing): Promise<void> => {
    const isPayment = events.every((event) => event.type === paymentCreated.type);
    const handler = isPayment ? by.handler : by.disbursementHandler;
    await handler.ready();
    await pool.transaction((tx) => handler.handle(tx, events));
  };
  const created: Harness['created'] = (change = {}) => ({
    id: newUuid(),
    type: paymentCreated.type,
    aggregateType: 'payment',
    aggregateId: 'unused',
    merchantId: change.merchantId ?? MERCHANT,
    payload: {
      payment_id: change.payment_id ?? newUuid(),
      livemode: false,
      amount: 1_500,
      currency: 'GHS',
      reference: randomUUID(),
      method: change.method ?? MOMO,
      customer: {},
      description: null,
      ...(change.metadata === undefined ? {} : { metadata: change.metadata }),
    },
    headers: { correlation_id: 'req_test' },
    createdAt: new Date(),
  });

  return {
    database,
    routing,
    metrics,
    pool,
    another,
    created,
    handle,
    pay: async (method) => {
      const event = created(method === undefined ? {} : { method });
      await handle([event]);
      return (event.payload as { payment_id: string }).payment_id;
    },
    attempts: (paymentId) =>
      database.query<AttemptRow>('SELECT * FROM routing.attempt WHERE payment_id = $1 ORDER BY sequence', [paymentId]),
    events: async (paymentId) => {
      const rows = await database.query<RoutedEvent>(
        "SELECT type, payload FROM messaging.outbox WHERE aggregateid = $1 AND type LIKE 'routing.%' ORDER BY seq",
        [paymentId],
      );
      // What we announce must be what the contracts say.
      for (const row of rows)
        routingEvents.find((definition) => definition.type === row.type)?.schema.parse(row.payload);
      return rows;
    },
    state: async (paymentId) =>
      (
        await database.query<{ state: string }>('SELECT state FROM routing.payment WHERE payment_id = $1', [paymentId])
      )[0]?.state,
    passTime: async (attemptId, seconds) => {
      await database.query(
        `UPDATE routing.attempt SET next_check_at = next_check_at - $2 * interval '1 s', send_lease_until = send_lease_until - $2 * interval '1 s',
           first_not_found_at = first_not_found_at - $2 * interval '1 s', sent_at = sent_at - $2 * interval '1 s' WHERE id = $1`,
        [attemptId, seconds],
      );
    },
    webhook: (gateway, reference, change = {}) =>
      routing.webhooks.receive(gateway.gateway, 'main', {
        method: 'POST',
        headers: { 'x-signature': change.signature ?? 'sesame', 'content-type': 'application/json' },
        rawBody: Buffer.from(
          JSON.stringify({
            reference,
            id: change.id ?? randomUUID(),
            ...(change.event === undefined ? {} : { event: change.event }),
            ...(change.about === undefined ? {} : { about: change.about }),
            ...(change.handles === undefined ? {} : { handles: change.handles }),
            ...(change.unrecognised === undefined ? {} : { unrecognised: change.unrecognised }),
          }),
        ),
      }),
    close: async () => {
      await Promise.all(running.map(stop));
      await Promise.all(pools.map((each) => each.close()));
      await database.drop();
    },
  };
}

export function start(routing: Routing): void {
  for (const task of routing.tasks) task.start();
}

export async function stop(routing: Routing): Promise<void> {
  await Promise.all(routing.tasks.map((task) => task.stop()));
  await routing.recorder.drained();
}

/** How often a segment succeeds, as this process believes; NaN where it knows nothing. */
export function believedSuccess(routing: Routing, segment: Segment): number {
  const known = routing.breakers.known().find((each) => segmentKey(each) === segmentKey(segment));
  if (known === undefined) return Number.NaN;
  const [look] = routing.breakers.look([{ segment: known, feeShare: 0 }], DEFAULT_VALUES);
  return look?.success.mean ?? Number.NaN;
}

/** Something that a test opens when it likes. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Puts rules into force as two people do. */
export async function activateRules(
  routing: Routing,
  pool: Database,
  version: number,
  replaces?: number,
): Promise<void> {
  const asked = await routing.ruleSets.activation(version, replaces);
  const grant = { approvalId: newUuid(), askedBy: newUuid(), grantedBy: newUuid() };
  await pool.transaction((tx) => routing.ruleSets.activate(tx, asked, grant));
  await routing.policy.reload();
}
