/**
 * Where findings about attempts become truth: the one writer of outcomes. Findings that come together share a transaction;
 * within it the payment's row lock orders everything that happens to its attempts.
 */
import { Batcher } from '../../kernel/batching/batcher.js';
import type { Database } from '../../kernel/database/database.js';
import { isTransientDatabaseError } from '../../kernel/database/sql-state.js';
import type { Tx } from '../../kernel/database/tx.js';
import { describeError } from '../../kernel/errors/describe.js';
import { newUuid } from '../../kernel/ids/ids.js';
import type { Logger } from '../../kernel/observability/logger.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import type { AttemptStatus } from '../../contracts/shared.js';
import type { Attempt, Change, Finding } from './attempt.js';
import { claimed } from './attempt-claims.store.js';
import type { AttemptOfPayment } from './attempt-rows.store.js';
import { insertAttempts, lockPaymentsOf, updateAttempts, updatePaymentStates } from './attempts.store.js';
import { pauseBeforeCheck, type CheckSchedule } from './check-schedule.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { HeldBack } from './held-back.js';
import { PaymentRouting, type RoutingRules } from './payment-routing.js';
import type { Breakers } from './breakers.js';
import { isNetworkDown, planAttempt } from './plan-attempt.js';
import type { RetryBudgets } from './retry-budgets.js';
import type { Routed } from './routed-payment.js';
import { capabilitiesOf } from './gateway-work.js';
import { planPayout } from './plan-disbursement.js';
import type { AccountFloats } from './account-floats.js';
import type { RoutingPolicy } from './rules/policy.js';

/** The gateway has the charge and waits for the customer, who has been asked already: nobody needs to know. */
function isQuiet(finding: Finding): boolean {
  return finding.source === 'charge' && finding.outcome.kind === 'pending' && finding.outcome.nextAction === null;
}

export interface AttemptFinding {
  readonly attemptId: string;
  readonly finding: Finding;
}

export interface Recorded {
  readonly change: Change['kind'];
  /** The attempt's status afterwards; undefined if there is no such attempt. */
  readonly status: AttemptStatus | undefined;
}

/** Something to send. */
export interface ToSend {
  readonly attempt: Attempt;
  readonly payment: Routed;
  /** Present when it was committed as this process's to send: in first place, or once more. */
  readonly claim?: { readonly token: string; readonly claimedAtMs: number };
}

export interface RecorderOptions {
  readonly database: Database;
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Breakers;
  /** Of refunds and payouts. */
  readonly disbursementBreakers: Breakers;
  readonly floats: AccountFloats;
  readonly budgets: RetryBudgets;
  readonly disbursementBudgets: RetryBudgets;
  readonly policy: RoutingPolicy;
  readonly schedule: CheckSchedule;
  readonly logger: Logger;
  /** Whether an attempt for this account would be sent in good time. */
  sendsSoon(accountId: string): boolean;
  /** Told after the commit what there is to send now. Must not throw. */
  onToSend(work: readonly ToSend[]): void;
  /** Told about each ambiguous failure that turned out to be its gateway's: another one took the same payment. */
  onGatewaysFault(failed: AttemptOfPayment): void;
  /** Told about each finding that was recorded. */
  onRecorded(attempt: Attempt, change: Change['kind'], finding: Finding): void;
}

/** Keeps a batch's locks below some tens of milliseconds. */
const MAX_BATCH = 250;
/** Outcomes cannot be had twice, so the queue is long; at about 1 KB each it bounds the memory. */
const MAX_WAITING = 50_000;
/** Two: the next batch is locked and read while one commits. Batches lock in one order, so they cannot deadlock. */
const CONCURRENCY = 2;
/** Pauses between tries while the database is away, in ms: together longer than a restart of PostgreSQL takes. */
const RETRY_PAUSES_MS = [50, 200, 500, 1_000, 2_000, 4_000, 8_000];

/**
 * How long a charge's answer that only says "wait" is held back, in ms. The webhook of a customer who approves at once is faster, and
 * then one write does for both, also under load, when webhook and question take some hundred milliseconds. If the process dies
 * meanwhile the attempt is still `sending` and is asked about.
 */
const HOLD_BACK_MS = 500;

interface HeldFinding extends AttemptFinding {
  readonly settle: (recorded: Promise<Recorded>) => void;
}

export class OutcomeRecorder {
  private readonly batcher: Batcher<AttemptFinding, Recorded>;
  private readonly quiet = new HeldBack<HeldFinding>({
    forMs: HOLD_BACK_MS,
    release: ({ attemptId, finding, settle }) => settle(this.submit(attemptId, finding)),
  });

  constructor(private readonly options: RecorderOptions) {
    this.batcher = new Batcher({
      name: 'routing.record',
      maxBatch: MAX_BATCH,
      concurrency: CONCURRENCY,
      maxWaiting: MAX_WAITING,
      flush: (items) => this.flush(items),
      splitOn: (error) => this.splitOn(error),
    });
  }

  /**
   * Records what was found out about an attempt. Safe to repeat, and safe to lose: whatever is not recorded is asked for
   * again by the attempt's next check.
   */
  record(attemptId: string, finding: Finding): Promise<Recorded> {
    if (isQuiet(finding)) return new Promise((settle) => this.quiet.hold(attemptId, { attemptId, finding, settle }));
    // First what is held back about it, in the same batch: findings are applied in the order in which they came.
    this.quiet.release(attemptId);
    return this.submit(attemptId, finding);
  }

  /**
   * Records within the caller's transaction, for whoever has more to write with it. The accounts and rules that a next attempt would be planned by
   * are not read anew.
   */
  async recordIn(tx: Tx, item: AttemptFinding): Promise<Recorded> {
    const [recorded] = await this.write(tx, [item]);
    if (recorded === undefined) throw new Error(`Nothing was recorded of ${item.attemptId}`);
    return recorded;
  }

  async drained(): Promise<void> {
    this.quiet.releaseAll();
    await this.batcher.drained();
  }

  private async submit(attemptId: string, finding: Finding): Promise<Recorded> {
    for (const pauseMs of RETRY_PAUSES_MS) {
      try {
        return await this.batcher.submit({ attemptId, finding });
      } catch (error) {
        if (!isTransientDatabaseError(error)) throw error;
        this.options.logger.warn(
          { attemptId, error: describeError(error) },
          'an outcome could not be recorded and will be tried again',
        );
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    return this.batcher.submit({ attemptId, finding });
  }

  private async flush(items: readonly AttemptFinding[]): Promise<readonly Recorded[]> {
    await Promise.all([this.options.accounts.refresh(), this.options.policy.refresh()]);
    return this.options.database.transaction((tx) => this.write(tx, items));
  }

  /** One bad row must not take the others' outcomes with it. Its own caller is told; its attempt is asked about again by schedule. */
  private splitOn(error: unknown): boolean {
    if (isTransientDatabaseError(error)) return false;
    this.options.logger.error({ error: describeError(error) }, 'a batch of outcomes failed and is split');
    return true;
  }

  private async write(tx: Tx, items: readonly AttemptFinding[]): Promise<Recorded[]> {
    const { payments, now } = await lockPaymentsOf(
      tx,
      items.map((item) => item.attemptId),
    );
    const rules = this.rulesAt(now);
    const routings = payments.map(({ payment, attempts }) => ({
      payment,
      attempts,
      routing: new PaymentRouting(payment, attempts, rules),
    }));
    const routingOf = new Map(
      routings.flatMap(({ attempts, routing }) => attempts.map((attempt) => [attempt.id, routing] as const)),
    );
    const changes = items.map(
      (item) => routingOf.get(item.attemptId)?.apply(item.attemptId, item.finding) ?? ('kept' as const),
    );

    const work: ToSend[] = [];
    const claimedAtMs = performance.now();
    const changed: Attempt[] = [];
    for (const { payment, routing } of routings) {
      for (const attempt of routing.changed.values()) {
        if (!routing.resends.has(attempt.id)) {
          changed.push(attempt);
          continue;
        }
        const token = newUuid();
        const ours = claimed(attempt, token, now, pauseBeforeCheck(rules.schedule, 0, false));
        changed.push(ours);
        work.push({ payment, attempt: ours, claim: { token, claimedAtMs } });
      }
      for (const { attempt } of routing.planned) if (attempt.status === 'planned') work.push({ payment, attempt });
    }
    // Before the inserts: a new live attempt may stand only once the one before it has ended.
    await updateAttempts(tx, changed);
    await insertAttempts(
      tx,
      routings.flatMap(({ routing }) => routing.planned),
    );
    await updatePaymentStates(
      tx,
      routings.flatMap(({ payment, routing }) =>
        routing.newState === undefined ? [] : [{ id: payment.id, state: routing.newState }],
      ),
    );
    await appendEvents(
      tx,
      routings.flatMap(({ routing }) => routing.events),
    );
    tx.afterCommit(() => {
      for (const { payment, routing } of routings)
        for (const attempt of routing.gatewaysAfterAll) this.options.onGatewaysFault({ attempt, payment });
      for (const [index, item] of items.entries()) {
        const attempt = routingOf.get(item.attemptId)?.attempt(item.attemptId);
        if (attempt !== undefined) this.options.onRecorded(attempt, changes[index] ?? 'kept', item.finding);
      }
      if (work.length > 0) this.options.onToSend(work);
    });
    return items.map((item, index) => ({
      change: changes[index] ?? 'kept',
      status: routingOf.get(item.attemptId)?.attempt(item.attemptId)?.status,
    }));
  }

  private rulesAt(now: Date): RoutingRules {
    const { accounts, adapters, breakers, disbursementBreakers, floats, schedule, sendsSoon } = this.options;
    const { budgets, disbursementBudgets, policy } = this.options;
    const accountsFor = (merchantId: string, livemode: boolean) => accounts.usableFor(merchantId, livemode);
    return {
      now,
      schedule,
      capabilitiesOf: (gateway, kind) => capabilitiesOf(adapters.get(gateway), kind),
      isNetworkDown: (payment) => payment.kind === 'payment' && isNetworkDown({ breakers }, payment),
      mayResend: (accountId, kind) => (kind === 'payment' ? budgets : disbursementBudgets).take(accountId),
      plan: (payment, attempts, onlyHealthy) => {
        switch (payment.kind) {
          case 'payment':
            return planAttempt(
              { accountsFor, adapters, breakers, policy, sendsSoon },
              payment,
              attempts,
              onlyHealthy,
              now,
            );
          case 'payout':
            return planPayout(
              { accountsFor, adapters, breakers: disbursementBreakers, floats, policy },
              payment,
              attempts,
              onlyHealthy,
              now,
            );
          case 'refund':
            // Nobody else has the money that is to be given back.
            return undefined;
        }
      },
    };
  }
}
