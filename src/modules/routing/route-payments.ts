/**
 * Consumes payment_created: takes a copy of the payment, chooses its first gateway and writes the attempt down, before anything is
 * sent. What this process can send at once is committed as its own, and sent when that has been committed; the rest is left planned.
 */
import type { paymentCreated } from '../../contracts/payments.events.js';
import type { Tx } from '../../kernel/database/tx.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import { newUuid } from '../../kernel/ids/ids.js';
import type { NewEvent, PayloadOf, StoredEvent } from '../../kernel/outbox/event.js';
import type { Attempt } from './attempt.js';
import { claimed } from './attempt-claims.store.js';
import { exhaustedEvent, startedEvent } from './attempt-events.js';
import { insertAttempts, insertPayments, updatePaymentStates } from './attempts.store.js';
import type { Breakers } from './breakers.js';
import { pauseBeforeCheck, type CheckSchedule } from './check-schedule.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { NO_GATEWAY, type PlannedAttempt } from './payment-routing.js';
import { candidatesFor, planAttempt } from './plan-attempt.js';
import { isReason } from './reason.js';
import type { ToSend } from './record-outcome.js';
import type { RoutedPayment } from './routed-payment.js';
import type { RoutingPolicy } from './rules/policy.js';
import type { AttemptSender } from './send-attempts.js';
import type { SharedEvidence } from './shared/shared-evidence.js';

export interface RoutePaymentsOptions {
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Breakers;
  readonly policy: RoutingPolicy;
  readonly evidence: Pick<SharedEvidence, 'begun'>;
  readonly schedule: CheckSchedule;
  /** Of this process. */
  readonly sender: Pick<AttemptSender, 'roomFor' | 'sendsSoon' | 'hasEnough'>;
  /** Told after the commit. Must not throw. */
  onToSend(work: readonly ToSend[]): void;
}

/**
 * We wait when more than this share of the payments that came last go to accounts that have enough to do. A smaller share are merchants who
 * have nothing but one slow gateway: they fill its lane, and hold nobody else up.
 */
const CROWDED_SHARE = 0.9;
/** Between looks whether an account has room again, in ms. */
const LOOK_EVERY_MS = 10;
/** A line that stands is not ours to keep: after this time, in ms, the next batch is taken all the same, and waits with its gateway. */
const MAX_PAUSE_MS = 10_000;

export class RoutePayments implements EventHandler {
  /** Which accounts each payment of the last batch could have gone to. */
  private lastCandidates: readonly (readonly string[])[] = [];

  constructor(private readonly options: RoutePaymentsOptions) {}

  /**
   * Takes no more out of the line than can be sent: there it is seen by those who accept payments, and nothing is done twice
   * because it took long. And sees to it that accounts, rules, and what others learnt are known, which takes connections and so cannot
   * wait for the transaction.
   */
  async ready(): Promise<void> {
    const deadline = performance.now() + MAX_PAUSE_MS;
    while (this.isCrowded() && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const { accounts, policy, evidence } = this.options;
    await Promise.all([accounts.refresh(), policy.refresh(), evidence.begun()]);
  }

  private isCrowded(): boolean {
    const { sender } = this.options;
    const stuck = this.lastCandidates.filter((ids) => {
      const chosen = ids.find((id) => sender.sendsSoon(id)) ?? ids[0];
      return chosen !== undefined && sender.hasEnough(chosen);
    });
    return stuck.length > this.lastCandidates.length * CROWDED_SHARE;
  }

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const { accounts, adapters, breakers, policy } = this.options;
    const payments = events.map(toPayment);
    const claims = new Claims(this.options);
    const { fresh, now } = await insertPayments(tx, payments);
    const accountsFor = (merchantId: string, livemode: boolean) => accounts.usableFor(merchantId, livemode);
    const planned: PlannedAttempt[] = [];
    const sendsSoon = (accountId: string): boolean => claims.sendsSoon(accountId);
    const work: ToSend[] = [];
    const announcements: NewEvent[] = [];
    const exhausted: string[] = [];
    const seen = new Set<string>();
    for (const payment of payments) {
      if (!fresh.has(payment.id) || seen.has(payment.id)) continue;
      seen.add(payment.id);
      const first = planAttempt({ accountsFor, adapters, breakers, policy, sendsSoon }, payment, [], false, now);
      if (first === undefined) {
        exhausted.push(payment.id);
        // Either nobody configured an account that can take it, which is for the merchant or us to do; or those there are are closed.
        const isAny = candidatesFor({ accountsFor, adapters }, payment, []).length > 0;
        announcements.push(exhaustedEvent(payment, NO_GATEWAY, isAny ? 'gateway' : 'merchant', 0));
        continue;
      }
      const toSend = claims.claim(payment, first.attempt, now);
      planned.push({ ...first, attempt: toSend.attempt });
      work.push(toSend);
      announcements.push(startedEvent(payment, toSend.attempt));
    }
    // Those that the rules allow, the chosen one first.
    this.lastCandidates = planned.map(({ reason }) => (isReason(reason) ? reason.candidates.map(([id]) => id) : []));
    await insertAttempts(tx, planned);
    await updatePaymentStates(
      tx,
      exhausted.map((id) => ({ id, state: 'exhausted' as const })),
    );
    await appendEvents(tx, announcements);
    tx.afterCommit(() => {
      if (work.length > 0) this.options.onToSend(work);
    });
  }
}

/** Makes attempts of one batch this process's own, as long as there is room to send them at once. */
class Claims {
  /** Attempts of the batch by account: the sender does not know of them yet. */
  private readonly placed = new Map<string, number>();
  /** Before the database's clock is read, so that a claim never seems fresher than it is. */
  private readonly claimedAtMs = performance.now();

  constructor(private readonly options: Pick<RoutePaymentsOptions, 'sender' | 'schedule'>) {}

  sendsSoon(accountId: string): boolean {
    return this.options.sender.sendsSoon(accountId, this.placedAt(accountId));
  }

  claim(payment: RoutedPayment, attempt: Attempt, now: Date): ToSend {
    const { gatewayAccountId } = attempt;
    const before = this.placedAt(gatewayAccountId);
    this.placed.set(gatewayAccountId, before + 1);
    if (this.options.sender.roomFor(gatewayAccountId) <= before) return { payment, attempt };
    const token = newUuid();
    return {
      payment,
      attempt: claimed(attempt, token, now, pauseBeforeCheck(this.options.schedule, 0, false)),
      claim: { token, claimedAtMs: this.claimedAtMs },
    };
  }

  private placedAt(accountId: string): number {
    return this.placed.get(accountId) ?? 0;
  }
}

function toPayment(event: StoredEvent): RoutedPayment {
  const payload = event.payload as PayloadOf<typeof paymentCreated>;
  if (event.merchantId === null) throw new Error(`Event ${event.id} names no merchant`);
  return {
    kind: 'payment',
    id: payload.payment_id,
    merchantId: event.merchantId,
    livemode: payload.livemode,
    amountMinor: BigInt(payload.amount),
    currency: payload.currency,
    method: payload.method,
    customer: payload.customer,
    description: payload.description,
    returnUrl: payload.return_url ?? null,
    metadata: payload.metadata ?? {},
    state: 'routing',
    causedBy: event.id,
    headers: event.headers,
  };
}
