/**
 * Webhooks from gateways: verified over the raw bytes, stored, acknowledged; only then acted upon, and acting means asking the
 * gateway. What a webhook says moves no money.
 */
import { createHash } from 'node:crypto';
import { Batcher } from '../../kernel/batching/batcher.js';
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import type { Database } from '../../kernel/database/database.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { describeError } from '../../kernel/errors/describe.js';
import { holdsCardNumber, maskCardNumbers } from '../../kernel/http/card-numbers.js';
import { toStorable } from '../../kernel/http/storable-text.js';
import { newUuid } from '../../kernel/ids/ids.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAccount, GatewayAdapter, WebhookHint, WebhookRequest } from './gateways/gateway-adapter.js';
import { mayStillChange } from './payment-routing.js';
import { refundsOfCharge } from './disbursements.store.js';
import type { AttemptQueries, Queried } from './query-attempts.js';
import {
  claimUnprocessedWebhooks,
  markWebhooks,
  storeWebhooks,
  type InboundWebhook,
  type ProcessedWebhook,
  type StoredWebhook,
  type WebhookGrade,
} from './webhooks.store.js';

export interface WebhookReceiverOptions {
  readonly database: Database;
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly queries: Pick<AttemptQueries, 'query'>;
  readonly logger: Logger;
  onReceived(gateway: string, grade: WebhookGrade | 'rejected'): void;
  /** What came of it, as stored. */
  onActed(gateway: string, outcome: string): void;
  /** Pause between looks for webhooks left behind, in ms. */
  readonly pollEveryMs?: number;
}

/** The gateways' webhooks are a few KB; the HTTP server has the same limit. */
export const MAX_WEBHOOK_BYTES = 64 * 1024;
/** Headers worth keeping. A list of what is allowed: signatures and shared secrets stay out, also those of gateways to come. */
const KEPT_HEADERS = ['content-type', 'content-length', 'user-agent'];
const MAX_HEADER_LENGTH = 256;
const MAX_EVENT_TYPE_LENGTH = 128;
/** Beyond it gateways are answered 503 and send again later. With 64 KB each at worst, it bounds the memory. */
const MAX_WAITING = 2_000;
const POLL_EVERY_MS = 2_000;
const TAKE_OVER_BATCH = 100;

const UNMATCHED = 'unmatched';
const PLAIN_REFERENCE = /^[0-9a-f]{32}$/;

export class WebhookReceiver implements BackgroundTask {
  readonly name = 'routing.process_webhooks';
  private readonly stores: Batcher<InboundWebhook, StoredWebhook>;
  private readonly marks: Batcher<ProcessedWebhook, undefined>;
  private readonly inHand = new Set<Promise<void>>();
  private readonly leftBehind: IntervalTask;

  constructor(private readonly options: WebhookReceiverOptions) {
    const { database, logger } = options;
    this.stores = new Batcher({
      name: 'routing.store_webhooks',
      maxBatch: 250,
      concurrency: 2,
      maxWaiting: MAX_WAITING,
      flush: (items) => storeWebhooks(database, items),
    });
    this.marks = new Batcher({
      name: 'routing.mark_webhooks',
      maxBatch: 500,
      concurrency: 1,
      maxWaiting: 100_000,
      flush: async (items) => {
        await markWebhooks(database, items);
        return items.map(() => undefined);
      },
    });
    this.leftBehind = new IntervalTask({
      name: this.name,
      everyMs: options.pollEveryMs ?? POLL_EVERY_MS,
      logger,
      run: () => this.takeOver(),
    });
  }

  start(): void {
    this.leftBehind.start();
  }

  async stop(): Promise<void> {
    await this.leftBehind.stop();
    await Promise.allSettled(this.inHand);
  }

  /**
   * Takes one webhook. Resolves once it is stored.
   * @throws {DomainError} `gateway.unknown_account`, `gateway.webhook_rejected`, `request.too_large`, or what the database says: the gateway sends again.
   */
  async receive(gateway: string, accountName: string, request: WebhookRequest): Promise<void> {
    if (request.rawBody.length > MAX_WEBHOOK_BYTES) throw new DomainError('request.too_large');
    const adapter = this.options.adapters.get(gateway);
    const account = adapter && (await this.options.accounts.byName(gateway, accountName));
    if (adapter === undefined || account === undefined) throw new DomainError('gateway.unknown_account');
    const verdict = adapter.verifyWebhook(account, request);
    this.options.onReceived(gateway, verdict.grade);
    if (verdict.grade === 'rejected') throw new DomainError('gateway.webhook_rejected');
    // Anybody may send what nobody signs: what is not even about a payment is not worth a row.
    if (verdict.hint === null && verdict.grade === 'unauthenticated') return;
    crashPoint('routing.before_webhook_stored');
    const stored = await this.stores.submit(toInbound(account, request, verdict.grade, verdict.hint));
    crashPoint('routing.after_webhook_stored');
    if (stored.inOtherHands) return;
    if (stored.target !== undefined) {
      this.keep(this.process(stored));
      return;
    }
    if (!stored.isRepeat) this.options.onActed(gateway, ofNothing(verdict.hint));
    if (verdict.hint?.about === 'refund') this.keep(this.askRefundsOf(account, stored));
  }

  /** One look for webhooks whose receiver died or could not ask. */
  async takeOver(): Promise<{ again: boolean }> {
    const left = await claimUnprocessedWebhooks(this.options.database, TAKE_OVER_BATCH);
    await Promise.all(left.map((webhook) => this.process(webhook)));
    return { again: left.length === TAKE_OVER_BATCH };
  }

  private keep(work: Promise<void>): void {
    const kept = work.finally(() => this.inHand.delete(kept));
    this.inHand.add(kept);
  }

  /**
   * A refund that is told of by its charge alone: which one it is, the gateway knows. All of that charge are asked about that it could be. Never
   * rejects; of those under way, what fails here is found by their own schedule.
   */
  private async askRefundsOf(account: GatewayAccount, webhook: StoredWebhook): Promise<void> {
    const reference = webhook.handles['charge_reference'];
    if (reference === undefined) return;
    try {
      const { database, queries } = this.options;
      const claimsSuccess = /success/i.test(webhook.eventType);
      const charge = { gateway: account.gateway, gatewayAccountId: account.id, reference };
      const targets = await refundsOfCharge(database, charge, claimsSuccess);
      for (const target of targets) await queries.query(target, { source: 'webhook', claimsSuccess });
      if (targets.length > 0) await this.marks.submit({ id: webhook.id, outcome: 'refunds_asked' });
    } catch (error) {
      this.options.logger.warn(
        { webhookId: webhook.id, error: describeError(error) },
        'the refunds that a webhook tells of could not be asked about',
      );
    }
  }

  /** Never rejects: what fails is taken up again after a while. */
  private async process(webhook: StoredWebhook): Promise<void> {
    try {
      const outcome = await this.act(webhook);
      crashPoint('routing.after_webhook_acted');
      if (outcome === undefined) return;
      this.options.onActed(webhook.gateway, outcome);
      await this.marks.submit({ id: webhook.id, outcome });
    } catch (error) {
      this.options.logger.warn(
        { webhookId: webhook.id, error: describeError(error) },
        'a webhook could not be processed and will be tried again',
      );
    }
  }

  private async act(webhook: StoredWebhook): Promise<string | undefined> {
    const { target } = webhook;
    if (target === undefined) return UNMATCHED;
    if (!mayStillChange(target.attempt)) return 'already_final';
    const claimsSuccess = /success/i.test(webhook.eventType);
    // Only where the signature covers the body may it say under which id to ask.
    const handles = webhook.grade === 'authenticated' ? webhook.handles : {};
    const queried = await this.options.queries.query(target, { source: 'webhook', claimsSuccess }, handles);
    return queried && describeOutcome(queried, claimsSuccess);
  }
}

function describeOutcome({ outcome, recorded }: Queried, claimsSuccess: boolean): string {
  if (outcome.kind === 'unknown' || outcome.kind === 'not_sent') return 'query_failed';
  if (recorded.change === 'quarantined') return 'quarantined';
  return claimsSuccess && outcome.kind !== 'succeeded' ? `contradicted_${outcome.kind}` : outcome.kind;
}

function toInbound(
  account: GatewayAccount,
  request: WebhookRequest,
  grade: WebhookGrade,
  hint: WebhookHint | null,
): InboundWebhook {
  const reference = hint?.reference ?? null;
  // What comes from outside may hold what PostgreSQL cannot store: it must not fail the batch that genuine webhooks share.
  const dedupeKey = toStorable(hint?.dedupeKey ?? `body:${createHash('sha256').update(request.rawBody).digest('hex')}`);
  const handles = Object.entries(hint?.handles ?? {}).map(([name, value]) => [name, toStorable(value)] as const);
  return {
    id: newUuid(),
    gateway: account.gateway,
    gatewayAccountId: account.id,
    dedupeKey,
    eventType: toStorable(hint?.eventType ?? 'unrecognised').slice(0, MAX_EVENT_TYPE_LENGTH),
    reference: reference === null ? null : toStorable(reference).slice(0, 128),
    hintedAttemptId: reference !== null && PLAIN_REFERENCE.test(reference) ? toUuid(reference) : null,
    handles: Object.fromEntries(handles),
    outcomeOfNothing: ofNothing(hint),
    headers: keptHeaders(request.headers),
    body: withoutCards(request.rawBody),
    grade,
  };
}

/** As it came, but for card numbers, which are nobody's to send us; its bytes were verified before. */
function withoutCards(body: Buffer): Buffer {
  const text = body.toString('latin1');
  return holdsCardNumber(text) ? Buffer.from(maskCardNumbers(text), 'latin1') : body;
}

/** What becomes of a webhook that is about no attempt: one that names something should be; news of settlements, and of what we do not know, need not. */
function ofNothing(hint: WebhookHint | null): string {
  return hint === null || hint.about === 'settlement' ? 'not_awaited' : UNMATCHED;
}

function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function keptHeaders(headers: WebhookRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value.slice(0, MAX_HEADER_LENGTH)]] : [];
    }),
  );
}
