/**
 * Sends attempts to their gateways: claims planned > sending (committed), only then calls, and hands the outcome to the
 * recorder. Whoever dies before the claim has surely sent nothing; whoever dies after it leaves an attempt that is asked about.
 */
import { Batcher } from '../../kernel/batching/batcher.js';
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import type { Database } from '../../kernel/database/database.js';
import { describeError } from '../../kernel/errors/describe.js';
import { newUuid } from '../../kernel/ids/ids.js';
import type { Logger } from '../../kernel/observability/logger.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import { renewSendLeases, SEND_LEASE_MS, type SendClaim } from './attempt-claims.store.js';
import { pauseBeforeCheck, type CheckSchedule } from './check-schedule.js';
import type { Breakers } from './breakers.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayWork } from './gateway-work.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';
import { Lanes } from './lanes.js';
import type { OutcomeRecorder, ToSend } from './record-outcome.js';
import type { RetryBudgets } from './retry-budgets.js';

/** What differs between what is sent in lanes of its own: payments, and what pays money out. */
export interface Dispatch {
  /** Names the background task. */
  readonly name: string;
  /** Calls at a time per gateway account. */
  readonly concurrency: number;
  /** planned > sending. @returns the ids that are now ours to send. */
  claim(claims: readonly SendClaim[], firstCheckAfterMs: number): Promise<ReadonlySet<string>>;
  /** Whether another account could take over what waits here for too long. */
  hasAlternative(item: ToSend): boolean;
  /** Whether it is not to be sent now, and has been dealt with. */
  holdsBack(item: ToSend): Promise<boolean>;
  /** It is about to be called. */
  onSending(item: ToSend): void;
  onSent(item: ToSend, outcome: MoneyOutOutcome, seconds: number): void;
  /** It is not being sent any more, whether it was or not. */
  onLetGo(item: ToSend): void;
}

export interface AttemptSenderOptions {
  readonly dispatch: Dispatch;
  readonly work: Pick<GatewayWork, 'prepare' | 'send' | 'segmentOf'>;
  readonly database: Database;
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Breakers;
  readonly budgets: RetryBudgets;
  readonly recorder: Pick<OutcomeRecorder, 'record' | 'drained'>;
  readonly schedule: CheckSchedule;
  readonly logger: Logger;
  /** Where gateways reach us, without a trailing slash. */
  readonly publicUrl: string;
  readonly chargeTimeoutMs: number;
  /** How long stopping waits for calls in flight; what is left then is resolved after the next start. */
  readonly shutdownTimeoutMs: number;
}

/** Attempts waiting per gateway account; more stay in the database and are offered again by the poller. At 2 KB each, 10 MB. */
const MAX_WAITING = 5_000;
/** Attempts that would wait, or have waited, longer than this for their gateway's lane, in ms, are better sent to another. */
const SATURATED_AFTER_MS = 2_000;
/** Leases are renewed this often, in ms: two renewals may fail before one runs out. */
const HEARTBEAT_MS = SEND_LEASE_MS / 3;
/**
 * The most time that may lie between asking for the claim and calling, in ms. A process that was frozen in between must make
 * sure that the attempt is still its own: meanwhile others may have found it unsent and gone on.
 */
const CLAIM_FRESH_FOR_MS = SEND_LEASE_MS / 3;
/** Stopping keeps this much of the shutdown time, in ms, for closing everything else. */
const SHUTDOWN_MARGIN_MS = 2_000;

export class AttemptSender implements BackgroundTask {
  readonly name: string;
  private readonly lanes: Lanes;
  private readonly claims: Batcher<SendClaim, boolean>;
  /** Attempts that wait here or are being sent from here. */
  private readonly held = new Set<string>();
  private readonly inFlight = new Map<string, SendClaim & { readonly since: number }>();
  private readonly heartbeat: IntervalTask;
  private running = false;

  constructor(private readonly options: AttemptSenderOptions) {
    const { dispatch } = options;
    this.name = dispatch.name;
    this.lanes = new Lanes({ concurrency: dispatch.concurrency, maxWaiting: MAX_WAITING });
    this.claims = new Batcher({
      name: `${dispatch.name}.claim`,
      maxBatch: 250,
      concurrency: 2,
      // No more can wait than the lanes let through.
      maxWaiting: 100_000,
      flush: async (items) => {
        const ours = await dispatch.claim(items, pauseBeforeCheck(options.schedule, 0, false));
        return items.map((item) => ours.has(item.attemptId));
      },
    });
    this.heartbeat = new IntervalTask({
      name: `${this.name}.heartbeat`,
      everyMs: HEARTBEAT_MS,
      logger: options.logger,
      run: () => this.renewLeases(),
    });
  }

  start(): void {
    this.running = true;
    this.heartbeat.start();
  }

  /** Lets calls in flight end, and their outcomes be written, as long as the shutdown time allows. */
  async stop(): Promise<void> {
    this.running = false;
    const patienceMs = Math.max(0, this.options.shutdownTimeoutMs - SHUTDOWN_MARGIN_MS);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.lanes.stop().then(() => this.options.recorder.drained()), patience]);
    clearTimeout(timer);
    await this.heartbeat.stop();
  }

  /** Accounts whose lanes have enough waiting. */
  saturated(): string[] {
    return this.lanes.busy();
  }

  /** How many attempts would be sent at once through an account; 0 when this process sends nothing at the moment. */
  roomFor(accountId: string): number {
    return this.running ? this.lanes.roomIn(accountId) : 0;
  }

  /** Whether an attempt that is offered for an account after `ahead` others is sent in good time. */
  sendsSoon(accountId: string, ahead = 0): boolean {
    return this.lanes.waitMs(accountId, ahead) < SATURATED_AFTER_MS;
  }

  /** Whether an account has enough to do: what is offered now would only wait. One waiting for each place keeps it busy. */
  hasEnough(accountId: string): boolean {
    return this.lanes.roomIn(accountId) <= -this.options.dispatch.concurrency;
  }

  /** Takes work; what is not taken (stopped, full, or held already) stays in the database and is offered again. */
  offer(work: readonly ToSend[]): void {
    if (!this.running) return;
    for (const item of work) {
      const { id, gatewayAccountId } = item.attempt;
      if (this.held.has(id)) continue;
      this.held.add(id);
      if (item.claim !== undefined)
        this.inFlight.set(id, { attemptId: id, token: item.claim.token, since: item.claim.claimedAtMs });
      const offeredAt = performance.now();
      if (!this.lanes.run(gatewayAccountId, () => this.send(item, offeredAt))) this.letGo(id);
    }
  }

  /** Never rejects: a failure is logged, and the attempt's next check finds out. */
  private async send(item: ToSend, offeredAt: number): Promise<void> {
    const { attempt } = item;
    try {
      const account = await this.options.accounts.byId(attempt.gatewayAccountId);
      const adapter = this.options.adapters.get(attempt.gateway);
      if (account === undefined || adapter === undefined)
        throw new Error(`Gateway account ${attempt.gatewayAccountId} is not known here`);
      const { dispatch, work } = this.options;
      if (item.claim === undefined && ((await dispatch.holdsBack(item)) || (await this.divert(item, offeredAt))))
        return;
      const prepared = await work.prepare(item);
      crashPoint('routing.before_claim');
      const claim = await this.claim(item);
      if (claim === undefined) return;
      if (attempt.resendCount === 0) this.options.budgets.sent(account.id);
      dispatch.onSending(item);
      crashPoint('routing.before_gateway_call');
      const startedAt = performance.now();
      const outcome = await work.send(adapter, account, item, prepared, {
        callbackUrl: `${this.options.publicUrl}/webhooks/${account.gateway}/${account.name}`,
        timeoutMs: this.options.chargeTimeoutMs,
      });
      crashPoint('routing.after_gateway_call');
      this.options.breakers.observe(work.segmentOf(item), outcome, startedAt);
      dispatch.onSent(item, outcome, (performance.now() - startedAt) / 1_000);
      // Not awaited within the lane: the place is for calls, and the next may begin. The lease is kept until it is written.
      void this.record(attempt.id, claim.token, outcome);
    } catch (error) {
      this.inFlight.delete(attempt.id);
      this.options.logger.error(
        { attemptId: attempt.id, gateway: attempt.gateway, error: describeError(error) },
        'an attempt could not be sent',
      );
    } finally {
      this.options.dispatch.onLetGo(item);
      // What was not sent after all may be offered again; what was is let go when its outcome is written.
      if (!this.inFlight.has(attempt.id)) this.letGo(attempt.id);
    }
  }

  private async record(attemptId: string, token: string, outcome: MoneyOutOutcome): Promise<void> {
    try {
      await this.options.recorder.record(attemptId, { source: 'charge', token, outcome });
      crashPoint('routing.after_outcome');
    } catch (error) {
      this.options.logger.error(
        { attemptId, outcome: outcome.kind, error: describeError(error) },
        'the outcome of a call was not recorded; the next check will find it',
      );
    } finally {
      this.letGo(attemptId);
    }
  }

  /** Whether another gateway took over, because this one has become a bad choice since it was chosen. */
  private async divert(item: ToSend, offeredAt: number): Promise<boolean> {
    const isOpen = this.options.breakers.state(this.options.work.segmentOf(item)) === 'open';
    // Where all have too much to do, going from one line to the next only makes more work.
    const isSaturated =
      performance.now() - offeredAt > SATURATED_AFTER_MS && this.options.dispatch.hasAlternative(item);
    if (!isOpen && !isSaturated) return false;
    const recorded = await this.options.recorder.record(item.attempt.id, {
      source: 'divert',
      code: isOpen ? 'breaker_open' : 'gateway_saturated',
    });
    return recorded.status !== 'planned';
  }

  private async claim(item: ToSend): Promise<SendClaim | undefined> {
    const attemptId = item.attempt.id;
    let claimedAt = item.claim?.claimedAtMs ?? performance.now();
    const claim: SendClaim = { attemptId, token: item.claim?.token ?? newUuid() };
    if (item.claim === undefined) {
      if (!(await this.claims.submit(claim))) return undefined;
      this.inFlight.set(attemptId, { ...claim, since: claimedAt });
    }
    while (performance.now() - claimedAt > CLAIM_FRESH_FOR_MS) {
      claimedAt = performance.now();
      if (!(await renewSendLeases(this.options.database, [claim])).has(attemptId)) {
        this.letGo(attemptId);
        return undefined;
      }
    }
    return claim;
  }

  private async renewLeases(): Promise<void> {
    const aged = performance.now() - HEARTBEAT_MS / 2;
    const due = [...this.inFlight.values()].filter((claim) => claim.since <= aged);
    if (due.length > 0) await renewSendLeases(this.options.database, due);
  }

  private letGo(attemptId: string): void {
    this.held.delete(attemptId);
    this.inFlight.delete(attemptId);
  }
}
