/**
 * All attempts of one payment (or refund, or payout) together: what a finding about one of them means for the payment. Pure. The caller has locked
 * the payment's row and its attempts, hands in findings one after the other, and writes what is left in `changed`,
 * `planned` and `events` in the same transaction.
 */
import type { Blame } from '../../contracts/shared.js';
import type { NewEvent } from '../../kernel/outbox/event.js';
import {
  isConcluded,
  LIVE_STATUSES,
  type Attempt,
  type AttemptCapabilities,
  type Change,
  type Finding,
} from './attempt.js';
import { decide } from './decide-attempt.js';
import type { CheckSchedule } from './check-schedule.js';
import type { Routed, RoutedKind } from './routed-payment.js';
import {
  concludedEvent,
  exhaustedEvent,
  quarantinedEvent,
  returnedEvent,
  routedEvent,
  startedEvent,
  surplusEvent,
  updatedEvent,
} from './attempt-events.js';
import { isShortOfFloat } from './short-of-float.js';

/** A new attempt, with why its gateway was chosen. */
export interface PlannedAttempt {
  readonly attempt: Attempt;
  readonly reason: Readonly<Record<string, unknown>>;
}

export interface RoutingRules {
  readonly schedule: CheckSchedule;
  readonly now: Date;
  capabilitiesOf(gateway: string, kind: RoutedKind): AttemptCapabilities;
  /** Whether the network that the payment goes over fails at every gateway. */
  isNetworkDown(payment: Routed): boolean;
  /** Whether an attempt may be sent to the account once more now; takes its share of the budget if so. */
  mayResend(accountId: string, kind: RoutedKind): boolean;
  /**
   * The next attempt of a payment, or undefined when no gateway is left. `onlyHealthy`: not one whose breaker is open.
   */
  plan(payment: Routed, attempts: readonly Attempt[], onlyHealthy: boolean): PlannedAttempt | undefined;
}

/** What a payment that never had a gateway fails with. */
export const NO_GATEWAY = 'no_gateway_available';
/** What a payment fails with whose network fails at every gateway: there is no use in trying the next. */
const NETWORK_DOWN = 'network_down';
/** The outcome of an attempt that was still waiting when another one turned out to have the money. */
const SUPERSEDED = 'superseded';

export class PaymentRouting {
  private readonly attempts: Map<string, Attempt>;
  private state: Routed['state'];
  /** Attempts to write, by id. */
  readonly changed = new Map<string, Attempt>();
  readonly planned: PlannedAttempt[] = [];
  /** Ids of attempts to be sent once more. */
  readonly resends = new Set<string>();
  readonly events: NewEvent[] = [];
  /** Attempts that failed by nobody's fault for certain, after which another gateway took the payment. */
  readonly gatewaysAfterAll: Attempt[] = [];

  constructor(
    private readonly payment: Routed,
    attempts: readonly Attempt[],
    private readonly rules: RoutingRules,
  ) {
    this.attempts = new Map(attempts.map((attempt) => [attempt.id, attempt]));
    this.state = payment.state;
  }

  /** The payment's new state, if it has one. */
  get newState(): Routed['state'] | undefined {
    return this.state === this.payment.state ? undefined : this.state;
  }

  attempt(id: string): Attempt | undefined {
    return this.attempts.get(id);
  }

  apply(attemptId: string, finding: Finding): Change['kind'] {
    const attempt = this.attempts.get(attemptId);
    if (attempt === undefined) return 'kept';
    const { amountMinor, currency, kind } = this.payment;
    const change = decide(attempt, finding, {
      amountMinor,
      currency,
      methodType: this.payment.kind === 'payment' ? this.payment.method.type : null,
      // What came back had been the one: whoever waited has been told so, and the money of another is nobody's.
      hasWinner: [...this.attempts.values()].some(({ status }) => status === 'succeeded' || status === 'returned'),
      capabilities: this.rules.capabilitiesOf(attempt.gateway, kind),
      now: this.rules.now,
      schedule: this.rules.schedule,
    });
    if (finding.source === 'divert') return this.divert(change);
    this.follow(change, attempt);
    return change.kind;
  }

  private follow(change: Change, before: Attempt): void {
    if (change.kind === 'kept') return;
    if (change.kind === 'resend' && !this.rules.mayResend(change.next.gatewayAccountId, this.payment.kind)) {
      this.put(change.otherwise);
      return;
    }
    const { next } = change;
    this.put(next);
    switch (change.kind) {
      case 'noted':
        return;
      case 'waiting':
        if (change.announce) this.events.push(updatedEvent(this.payment, next));
        return;
      case 'resend':
        this.resends.add(next.id);
        return;
      case 'won':
        this.state = 'routed';
        this.withdrawUnsent();
        this.events.push(routedEvent(this.payment, next));
        this.gatewaysAfterAll.push(...this.ambiguousBefore(next));
        return;
      case 'surplus':
        this.events.push(surplusEvent(this.payment, next));
        return;
      case 'returned':
        this.events.push(returnedEvent(this.payment, next, before.status === 'surplus'));
        return;
      case 'quarantined':
        // Whatever comes of it, nobody may be charged again meanwhile.
        this.withdrawUnsent();
        this.events.push(quarantinedEvent(this.payment, next, change.reason));
        return;
      case 'concluded':
        this.goOn(next, change.retryable, before);
        return;
    }
  }

  /** Only worth it if a healthy gateway takes over; otherwise the attempt stays as it is and is sent where it was meant to go. */
  private divert(change: Change): Change['kind'] {
    if (change.kind !== 'concluded' || this.isSettledOrBlocked(change.next.id)) return 'kept';
    const attempts = [...this.attempts.values()].map((each) => (each.id === change.next.id ? change.next : each));
    const planned = this.rules.plan(this.payment, attempts, true);
    if (planned === undefined) return 'kept';
    this.put(change.next);
    this.events.push(concludedEvent(this.payment, change.next));
    this.start(planned);
    return 'concluded';
  }

  /** After an attempt that ended without money: the next gateway, another try later, or the end. */
  private goOn(ended: Attempt, retryable: boolean, before: Attempt): void {
    const isOver = this.isSettledOrBlocked(ended.id);
    const planned =
      retryable && !isOver ? this.rules.plan(this.payment, [...this.attempts.values()], false) : undefined;
    if (planned === undefined && !isOver && retryable && this.mayWait(ended, before)) {
      this.wait(ended, before);
      return;
    }
    this.events.push(concludedEvent(this.payment, ended));
    if (isOver) return;
    if (planned !== undefined) {
      this.start(planned);
      return;
    }
    this.state = 'exhausted';
    if (retryable && this.rules.isNetworkDown(this.payment)) {
      this.events.push(exhaustedEvent(this.payment, NETWORK_DOWN, 'network', this.attempts.size));
      return;
    }
    const blame: Blame = ended.blame ?? 'ambiguous';
    this.events.push(exhaustedEvent(this.payment, ended.outcomeCode ?? 'declined', blame, this.attempts.size));
  }

  /**
   * A refund, or a payout that no other account can pay, whose gateway could not be reached, or has not enough of ours: the money is held and lies ready, and a failure
   * would only make the merchant ask for the same again. A customer who waits at a till is another matter.
   */
  private mayWait(ended: Attempt, before: Attempt): boolean {
    const { now, schedule } = this.rules;
    return (
      this.payment.kind !== 'payment' &&
      ended.status === 'not_sent' &&
      (ended.blame === 'gateway' ||
        ended.blame === 'network' ||
        isShortOfFloat({ code: ended.outcomeCode, blame: ended.blame })) &&
      before.status === 'sending' &&
      now.getTime() - before.createdAt.getTime() < schedule.patienceMs
    );
  }

  /** Back to where it was before it was sent, for surely it was not. */
  private wait({ outcomeCode, blame }: Attempt, before: Attempt): void {
    const waiting: Attempt = {
      ...before,
      status: 'planned',
      version: before.version + 1,
      outcomeCode,
      blame,
      sentAt: null,
      sendToken: null,
      sendLeaseUntil: null,
      checkToken: null,
      nextCheckAt: new Date(this.rules.now.getTime() + this.rules.schedule.tryAgainEveryMs),
    };
    this.put(waiting);
    this.events.push(updatedEvent(this.payment, waiting));
  }

  private isSettledOrBlocked(exceptId: string): boolean {
    if (this.state !== 'routing') return true;
    return [...this.attempts.values()].some(
      (each) => each.id !== exceptId && (LIVE_STATUSES.has(each.status) || each.status === 'succeeded'),
    );
  }

  /** That the money was taken elsewhere shows that the customer and the network were not at fault; not so if one of them had it all along. */
  private ambiguousBefore(winner: Attempt): Attempt[] {
    if (winner.late) return [];
    return [...this.attempts.values()].filter(
      ({ status, blame, sequence, gatewayAccountId }) =>
        status === 'declined' &&
        blame === 'ambiguous' &&
        sequence < winner.sequence &&
        gatewayAccountId !== winner.gatewayAccountId,
    );
  }

  /** An attempt that nobody has begun to send yet need not be sent any more. */
  private withdrawUnsent(): void {
    for (const each of this.attempts.values()) {
      if (each.status !== 'planned') continue;
      const withdrawn: Attempt = {
        ...each,
        status: 'not_sent',
        version: each.version + 1,
        outcomeCode: SUPERSEDED,
        blame: 'ambiguous',
        nextCheckAt: null,
        checkToken: null,
        concludedAt: this.rules.now,
      };
      this.put(withdrawn);
      this.events.push(concludedEvent(this.payment, withdrawn));
    }
  }

  private start(planned: PlannedAttempt): void {
    this.attempts.set(planned.attempt.id, planned.attempt);
    this.planned.push(planned);
    this.events.push(startedEvent(this.payment, planned.attempt));
  }

  private put(attempt: Attempt): void {
    this.attempts.set(attempt.id, attempt);
    this.resends.delete(attempt.id);
    // One that was planned in this very transaction is inserted, not updated.
    const index = this.planned.findIndex((each) => each.attempt.id === attempt.id);
    const fresh = this.planned[index];
    if (fresh === undefined) this.changed.set(attempt.id, attempt);
    else this.planned[index] = { ...fresh, attempt };
  }
}

/** Whether money of this attempt can still be expected, or come back, so that a query makes sense. */
export function mayStillChange(attempt: Pick<Attempt, 'status' | 'kind'>): boolean {
  if (attempt.kind !== 'payment' && (attempt.status === 'succeeded' || attempt.status === 'surplus')) return true;
  return LIVE_STATUSES.has(attempt.status) ? attempt.status !== 'quarantined' : isConcluded(attempt);
}
