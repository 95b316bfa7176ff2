/**
 * Sends what it holds and records what came of it. Deliveries come in two ways: from the consumer, right after the commit
 * that stored them, and from PostgreSQL, when they are due. Each is held under a lease with a fencing token; if this
 * process dies, the lease ends and another sends again with the same `webhook-id`: at least once.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Agent } from 'undici';
import type { Env } from '../../config/env.js';
import { Batcher } from '../../kernel/batching/batcher.js';
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { isTransientDatabaseError } from '../../kernel/database/sql-state.js';
import { describeError } from '../../kernel/errors/describe.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import { claimDue, failOrphans, release, type ClaimedRow } from './deliveries.store.js';
import { DeliveryLanes } from './delivery-lanes.js';
import { EndpointSecrets } from './endpoint-secrets.js';
import { TellDisabledEndpoints } from './messages/tell-disabled-endpoints.js';
import { NotificationMetrics } from './notification.metrics.js';
import { recordResults, type AttemptResult } from './results.store.js';
import { judge, throttleOf } from './retry-schedule.js';
import { SsrfGuard } from './ssrf-guard.js';
import { createVettedAgent } from './vetted-agent.js';
import { ATTEMPT_TIMEOUT_MS, sendWebhook } from './webhook-request.js';

/** Longest wait in memory before a delivery is handed back to PostgreSQL. */
const MAX_WAIT_MS = 10_000;
/** Time to record a result before the lease ends. */
const RECORD_MARGIN_MS = 5_000;
/** After a crash, deliveries that were held are sent again this much later. */
export const LEASE_MS = MAX_WAIT_MS + ATTEMPT_TIMEOUT_MS + RECORD_MARGIN_MS;

const LANE_LIMITS = {
  /** Sockets: below the usual limit of 1,024 open files, with the database and incoming connections beside them. */
  maxInFlight: 512,
  /** 32 at 30 ms each is a thousand per second; more at once would look like an attack to a small merchant. */
  maxPerLane: 32,
  /** Half a second of a fast endpoint: PostgreSQL refills well within that. */
  maxQueuedPerLane: 500,
  /** With bodies of 1 to 2 KB, some 10 MB. */
  maxQueued: 5_000,
  maxWaitMs: MAX_WAIT_MS,
} as const;

/** Retries begin at 5 s, so looking every second is early enough; what is urgent does not wait for it. */
const POLL_MS = 1_000;
/** Rows of one claim: a statement of some 10 ms. */
const CLAIM_LIMIT = 1_000;
/** Rows failed at once when an endpoint with a backlog goes away. */
const ORPHAN_LIMIT = 1_000;
/** How often to look for them: nobody waits for these, and looking costs a probe per endpoint that has something pending. */
const ORPHAN_SWEEP_MS = 5_000;
/** Results of one flush. */
const MAX_RECORD_BATCH = 500;
/** Everything that can be in flight or queued, so that a result is never refused. */
const MAX_UNRECORDED = 20_000;
/** Pause before results are recorded again after the database failed, in milliseconds; beyond these the lease settles it. */
const RECORD_RETRIES_MS = [200, 1_000, 3_000];
/** Pause before an endpoint that asked for rest without naming a time is tried again, when a delivery is handed back. */
const DEFAULT_REST_MS = 5_000;
/** Before this process looks again at an endpoint whose secret it could not open: what could change is a key at the next start, or the secret by a roll. */
const LOCKED_REST_MS = 30_000;
/** Beyond this many the one that was locked first is looked at sooner. */
const MAX_LOCKED = 10_000;

/** A delivery held by this process. */
interface Held extends ClaimedRow {
  /** By this process's monotonic clock, from before the claim was made, so never later than PostgreSQL's. */
  readonly leaseEndsAt: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

@Injectable()
export class WebhookSender implements BackgroundTask {
  readonly name = 'notification.deliver';
  private readonly database: Database;
  private readonly lanes = new DeliveryLanes<Held>(LANE_LIMITS);
  private readonly guard: SsrfGuard;
  private agent: Agent | undefined;
  private readonly claimer: IntervalTask;
  private readonly recorder: Batcher<AttemptResult, void>;
  private readonly open = new Set<Promise<void>>();
  private running = false;
  private orphansSweptAt = -Infinity;
  /** Endpoints whose secret this process could not open lately. Others may have the key: they are left to them. */
  private readonly locked: LRUCache<string, true>;

  constructor(
    @Inject(ENV) private readonly env: Env,
    databases: Databases,
    private readonly logger: Logger,
    private readonly metrics: NotificationMetrics,
    private readonly tellDisabled: TellDisabledEndpoints,
    private readonly secrets: EndpointSecrets,
  ) {
    this.database = databases.of('notification');
    this.guard = new SsrfGuard({ allowPrivate: env.webhookAllowPrivate });
    const ttl = Math.max(1, Math.round(LOCKED_REST_MS * env.retryPauseShare));
    this.locked = new LRUCache({ max: MAX_LOCKED, ttl });
    this.claimer = new IntervalTask({ name: this.name, everyMs: POLL_MS, logger, run: () => this.claim() });
    this.recorder = new Batcher<AttemptResult, void>({
      name: 'notification.results',
      maxBatch: MAX_RECORD_BATCH,
      concurrency: 1,
      maxWaiting: MAX_UNRECORDED,
      flush: (results) => this.record(results),
    });
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.agent = createVettedAgent(this.guard);
    this.claimer.start();
  }

  /** Hands back what waits, lets what is in flight end and be recorded. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    await this.claimer.stop();
    this.handBack(this.lanes.drainAll(), 0);
    await Promise.all(this.open);
    await this.recorder.drained();
    await this.agent?.close();
  }

  /** How many new deliveries of an endpoint this process can take at once; 0 when it sends nothing at the moment. */
  roomFor(endpointId: string): number {
    return this.running && !this.locked.has(endpointId) ? this.lanes.roomForNew(endpointId) : 0;
  }

  /** Says that deliveries of an endpoint were left in PostgreSQL, due at once. */
  leftBehind(endpointId: string): void {
    if (!this.running) return;
    this.lanes.markOverflowed(endpointId, true);
    if (!this.locked.has(endpointId) && this.lanes.wantsMore(endpointId)) this.claimer.poke();
  }

  /** Takes deliveries that this process stored as claimed by it; `claimedAt` is `performance.now()` of before. */
  accept(rows: readonly ClaimedRow[], claimedAt: number): void {
    // After stop() they stay leased, and another process sends them when the lease ends.
    if (!this.running) return;
    for (const row of rows) this.lanes.add({ ...row, leaseEndsAt: claimedAt + LEASE_MS });
    this.pump();
  }

  private async claim(): Promise<{ again: boolean }> {
    this.lanes.prune();
    this.metrics.holding(this.lanes.inFlight, this.lanes.queued);
    const moreOrphans = await this.sweepOrphans();
    const limit = Math.min(CLAIM_LIMIT, LANE_LIMITS.maxQueued - this.lanes.queued);
    if (limit <= 0) return { again: moreOrphans };
    const rooms = this.rooms();
    const claimedAt = performance.now();
    const rows = await claimDue(this.database, {
      endpointIds: [...rooms.keys()],
      rooms: [...rooms.values()],
      defaultRoom: this.lanes.defaultRoom,
      limit,
      leaseMs: LEASE_MS,
    });
    const full = rows.length >= limit;
    this.noteOverflow(rows, rooms, full);
    if (this.running) this.accept(rows, claimedAt);
    else this.handBack(rows, 0);
    return { again: full || moreOrphans };
  }

  /** Of endpoints about which something is known. */
  private rooms(): ReadonlyMap<string, number> {
    const { endpointIds, rooms } = this.lanes.rooms();
    const known = new Map(endpointIds.map((id, index) => [id, rooms[index] ?? 0]));
    for (const id of this.locked.keys()) known.set(id, 0);
    return known;
  }

  private async sweepOrphans(): Promise<boolean> {
    if (performance.now() - this.orphansSweptAt < ORPHAN_SWEEP_MS) return false;
    const more = (await failOrphans(this.database, ORPHAN_LIMIT)) >= ORPHAN_LIMIT;
    if (!more) this.orphansSweptAt = performance.now();
    return more;
  }

  /** An endpoint that gave as many as there was room for has more; one that gave fewer has none, unless the claim was cut short. */
  private noteOverflow(rows: readonly ClaimedRow[], rooms: ReadonlyMap<string, number>, full: boolean): void {
    const taken = new Map<string, number>();
    for (const row of rows) taken.set(row.endpointId, (taken.get(row.endpointId) ?? 0) + 1);
    for (const [endpointId, count] of taken) {
      if (count >= (rooms.get(endpointId) ?? this.lanes.defaultRoom)) this.lanes.markOverflowed(endpointId, true);
    }
    if (full) return;
    for (const [endpointId, room] of rooms) {
      if (room > 0 && (taken.get(endpointId) ?? 0) < room) this.lanes.markOverflowed(endpointId, false);
    }
  }

  private pump(): void {
    for (let held = this.lanes.next(); held !== undefined; held = this.lanes.next()) {
      if (held.leaseEndsAt - performance.now() < ATTEMPT_TIMEOUT_MS + RECORD_MARGIN_MS) {
        this.lanes.skipped(held.endpointId);
        this.lanes.markOverflowed(held.endpointId, true);
        this.handBack([held], 0);
      } else this.track(this.send(held));
    }
  }

  private async send(held: Held): Promise<void> {
    if (this.agent === undefined) throw new Error('the sender was not started');
    const secrets = await this.secretsOf(held);
    if (secrets === undefined) return;
    crashPoint('notification.before_send');
    const { url, eventId, body } = held;
    const report = await sendWebhook(this.agent, { url, eventId, body, secrets });
    crashPoint('notification.after_send');
    const verdict = judge({
      httpStatus: report.httpStatus,
      retryAfterMs: report.retryAfterMs,
      attempts: held.attempts + 1,
      pauseShare: this.env.retryPauseShare,
    });
    const throttle = throttleOf(report.httpStatus, report.retryAfterMs);
    const result: AttemptResult = { delivery: held, report, verdict, throttle };
    this.metrics.attempted(result);
    this.lanes.done(held.endpointId, { ok: verdict.kind === 'delivered', durationMs: report.durationMs });
    if (throttle !== undefined) this.handBack(this.lanes.drain(held.endpointId), throttle.ms ?? DEFAULT_REST_MS);
    // Handed back rather than failed here: the sweep for endpoints that went away fails them with the reason.
    if (verdict.kind === 'gone') this.handBack(this.lanes.drain(held.endpointId), 0);
    this.pump();
    if (this.running && this.lanes.wantsMore(held.endpointId)) this.claimer.poke();
    await this.recorder.submit(result);
    crashPoint('notification.after_result');
  }

  /**
   * Undefined where they cannot be opened. Nothing is sent then, since it could only go unsigned, and it is no attempt, which would count against the
   * merchant: everything that waits for the endpoint goes back, for whoever has the key.
   */
  private async secretsOf(held: Held): Promise<readonly string[] | undefined> {
    try {
      return await this.secrets.signingSecrets(held);
    } catch (error) {
      const { endpointId, merchantId } = held;
      if (!this.locked.has(endpointId)) {
        this.metrics.secretLocked();
        this.logger.error(
          { endpointId, merchantId, error: describeError(error) },
          'nothing is sent to a webhook endpoint: its secret cannot be opened',
        );
      }
      this.locked.set(endpointId, true);
      this.lanes.skipped(endpointId);
      this.lanes.markOverflowed(endpointId, true);
      this.handBack([held, ...this.lanes.drain(endpointId)], 0);
      this.pump();
      return undefined;
    }
  }

  private async record(results: readonly AttemptResult[]): Promise<readonly void[]> {
    for (const retryMs of [...RECORD_RETRIES_MS, undefined]) {
      try {
        for (const endpoint of await recordResults(this.database, results, this.tellDisabled.tell)) {
          // What waits for it is failed now rather than at the next look.
          this.orphansSweptAt = -Infinity;
          if (this.running) this.claimer.poke();
          this.metrics.endpointDisabled(endpoint.reason ?? 'failing');
          this.logger.warn(
            { endpointId: endpoint.id, merchantId: endpoint.merchantId, reason: endpoint.reason },
            'a webhook endpoint was disabled',
          );
        }
        break;
      } catch (error) {
        if (retryMs === undefined || !isTransientDatabaseError(error)) throw error;
        await pause(retryMs);
      }
    }
    return results.map(() => undefined);
  }

  private handBack(rows: readonly ClaimedRow[], delayMs: number): void {
    if (rows.length === 0) return;
    const back = rows.map(({ deliveryId, claims }) => ({ deliveryId, claims, delayMs }));
    this.track(release(this.database, back));
  }

  /** Keeps stop() waiting for it. What fails here is sent again when its lease ends. */
  private track(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) =>
        this.logger.warn({ error: describeError(error) }, 'the result of a webhook was not recorded; it is sent again'),
      )
      .finally(() => this.open.delete(tracked));
    this.open.add(tracked);
  }
}
