/**
 * Asks gateways about attempts, one question per attempt at a time in this process. Whoever asks while an answer is under
 * way gets the answer to the next question: the one under way may have been formed before what they know happened.
 */
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import { describeError } from '../../kernel/errors/describe.js';
import type { Logger } from '../../kernel/observability/logger.js';
import { isConcluded, type Finding } from './attempt.js';
import type { AttemptOfPayment } from './attempt-rows.store.js';
import type { Breakers } from './breakers.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';
import type { GatewayWork } from './gateway-work.js';
import { Lanes } from './lanes.js';
import type { OutcomeRecorder, Recorded } from './record-outcome.js';

export interface AttemptQueriesOptions {
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Breakers;
  readonly recorder: Pick<OutcomeRecorder, 'record'>;
  readonly work: Pick<GatewayWork, 'ask' | 'segmentOf'>;
  /** Questions at a time per gateway account. */
  readonly concurrency: number;
  readonly logger: Logger;
  readonly readTimeoutMs: number;
  onQueried(gateway: string, outcome: MoneyOutOutcome, seconds: number): void;
}

/** Why it is asked; becomes the finding's source. */
export type QueryCause =
  | { readonly source: 'check'; readonly token: string }
  | { readonly source: 'webhook'; readonly claimsSuccess: boolean }
  | { readonly source: 'question' };

export interface Queried {
  readonly outcome: MoneyOutOutcome;
  readonly recorded: Recorded;
}

interface Slot {
  readonly running: Promise<unknown>;
  /** Those who came meanwhile share the next question. */
  next: Promise<Queried | undefined> | undefined;
}

/** Queries waiting per gateway account; whoever finds it full comes back later. */
const MAX_WAITING = 2_000;

export class AttemptQueries {
  private readonly lanes: Lanes;
  private readonly slots = new Map<string, Slot>();

  constructor(private readonly options: AttemptQueriesOptions) {
    this.lanes = new Lanes({ concurrency: options.concurrency, maxWaiting: MAX_WAITING });
  }

  /** @returns undefined if it could not be asked or recorded now; the attempt's schedule or whoever asked tries again. */
  query(
    target: AttemptOfPayment,
    cause: QueryCause,
    extraHandles: Readonly<Record<string, string>> = {},
  ): Promise<Queried | undefined> {
    const id = target.attempt.id;
    const slot = this.slots.get(id);
    if (slot === undefined) return this.begin(target, cause, extraHandles);
    slot.next ??= slot.running.then(() => this.begin(target, cause, extraHandles));
    return slot.next;
  }

  /** Accounts with queries waiting. */
  saturated(): string[] {
    return this.lanes.busy();
  }

  stop(): Promise<void> {
    return this.lanes.stop();
  }

  private begin(
    target: AttemptOfPayment,
    cause: QueryCause,
    extraHandles: Readonly<Record<string, string>>,
  ): Promise<Queried | undefined> {
    const id = target.attempt.id;
    // The place in the lane is for the call alone. Held while the outcome waits for its commit as well, it would bound the recorder's
    // batches by the number of places.
    const asked = new Promise<MoneyOutOutcome | undefined>((resolve) => {
      const task = async (): Promise<void> => resolve(await this.ask(target, extraHandles));
      const notAsked = (): void => resolve(undefined);
      if (!this.lanes.run(target.attempt.gatewayAccountId, task, notAsked)) notAsked();
    });
    const running = asked.then((outcome) => (outcome === undefined ? undefined : this.record(target, cause, outcome)));
    const slot: Slot = { running, next: undefined };
    this.slots.set(id, slot);
    // Registered before anybody else can wait for `running`, so the slot is free again when the next question begins.
    void running.then(() => {
      if (this.slots.get(id) === slot) this.slots.delete(id);
    });
    return running;
  }

  /** Never rejects; undefined when nothing was learned. */
  private async ask(
    target: AttemptOfPayment,
    extraHandles: Readonly<Record<string, string>>,
  ): Promise<MoneyOutOutcome | undefined> {
    return this.status(target, extraHandles).catch((error: unknown) => this.unanswered(target, error));
  }

  private async record(
    target: AttemptOfPayment,
    cause: QueryCause,
    outcome: MoneyOutOutcome,
  ): Promise<Queried | undefined> {
    const finding: Finding = { ...cause, outcome };
    return this.options.recorder.record(target.attempt.id, finding).then(
      (recorded) => ({ outcome, recorded }),
      (error: unknown) => this.unanswered(target, error),
    );
  }

  private unanswered({ attempt }: AttemptOfPayment, error: unknown): undefined {
    this.options.logger.warn(
      { attemptId: attempt.id, gateway: attempt.gateway, error: describeError(error) },
      'an attempt could not be asked about',
    );
    return undefined;
  }

  private async status(
    target: AttemptOfPayment,
    extraHandles: Readonly<Record<string, string>>,
  ): Promise<MoneyOutOutcome | undefined> {
    const { attempt } = target;
    const adapter = this.options.adapters.get(attempt.gateway);
    const account = await this.options.accounts.byId(attempt.gatewayAccountId);
    if (adapter === undefined || account === undefined) return undefined;
    const startedAt = performance.now();
    const outcome = await this.options.work.ask(adapter, account, target, {
      extraHandles,
      timeoutMs: this.options.readTimeoutMs,
    });
    crashPoint('routing.after_gateway_query');
    this.options.onQueried(attempt.gateway, outcome, (performance.now() - startedAt) / 1_000);
    // How a call turned out speaks for the time it was made at. That a question failed says nothing about such calls.
    const isEnd = outcome.kind === 'succeeded' || outcome.kind === 'declined';
    if (isEnd && !isConcluded(attempt) && attempt.sentAt !== null) {
      this.options.breakers.observe(
        this.options.work.segmentOf(target),
        outcome,
        performance.now() - Math.max(0, Date.now() - attempt.sentAt.getTime()),
      );
    }
    return outcome;
  }
}
