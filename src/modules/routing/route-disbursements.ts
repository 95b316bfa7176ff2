/**
 * Consumes refund_funded and payout_funded: takes a copy, chooses the gateway account and writes the first attempt down, before anything is
 * sent. What nobody can do fails at once, so that the money that is held for it is free again.
 */
import { refundFunded, type payoutFunded } from '../../contracts/payments.events.js';
import type { Tx } from '../../kernel/database/tx.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import type { NewEvent, PayloadOf, StoredEvent } from '../../kernel/outbox/event.js';
import type { AccountFloats } from './account-floats.js';
import { exhaustedEvent, startedEvent } from './attempt-events.js';
import { insertAttempts, insertPayments, updatePaymentStates } from './attempts.store.js';
import type { Breakers } from './breakers.js';
import { findCaptured, type CapturedAttempt } from './disbursements.store.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { NO_GATEWAY, type PlannedAttempt } from './payment-routing.js';
import { planPayout, planRefund } from './plan-disbursement.js';
import type { ToSend } from './record-outcome.js';
import type { RoutedDisbursement, RoutedRefund } from './routed-payment.js';
import type { RoutingPolicy } from './rules/policy.js';
import type { SharedEvidence } from './shared/shared-evidence.js';

export interface RouteDisbursementsOptions {
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  /** Of refunds and payouts. */
  readonly breakers: Breakers;
  readonly floats: AccountFloats;
  readonly policy: RoutingPolicy;
  readonly evidence: Pick<SharedEvidence, 'begun'>;
  /** Told after the commit. Must not throw. */
  onToSend(work: readonly ToSend[]): void;
}

export class RouteDisbursements implements EventHandler {
  constructor(private readonly options: RouteDisbursementsOptions) {}

  /** Sees to it that accounts, rules, and what others learnt are known, which takes connections and so cannot wait for the transaction. */
  async ready(): Promise<void> {
    const { accounts, policy, evidence } = this.options;
    await Promise.all([accounts.refresh(), policy.refresh(), evidence.begun()]);
  }

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    // The same one may be in a batch twice, announced again.
    const disbursements = [...new Map(events.map(toDisbursement).map((each) => [each.id, each])).values()];
    const captured = await capturedAttempts(tx, disbursements);
    const { fresh, now } = await insertPayments(tx, disbursements);
    const planned: PlannedAttempt[] = [];
    const work: ToSend[] = [];
    const announcements: NewEvent[] = [];
    const failed: string[] = [];
    for (const payment of disbursements) {
      if (!fresh.has(payment.id)) continue;
      const first = this.plan(payment, captured, now);
      if (typeof first === 'string') {
        failed.push(payment.id);
        // What a gateway cannot do and what nobody configured are settings, no gateway's fault.
        announcements.push(exhaustedEvent(payment, first, 'merchant', 0));
        continue;
      }
      planned.push(first);
      work.push({ payment, attempt: first.attempt });
      announcements.push(startedEvent(payment, first.attempt));
    }
    await insertAttempts(tx, planned);
    await updatePaymentStates(
      tx,
      failed.map((id) => ({ id, state: 'exhausted' as const })),
    );
    await appendEvents(tx, announcements);
    tx.afterCommit(() => {
      if (work.length > 0) this.options.onToSend(work);
    });
  }

  /** The first attempt, or the code with which it fails. */
  private plan(
    disbursement: RoutedDisbursement,
    captured: ReadonlyMap<string, CapturedAttempt>,
    now: Date,
  ): PlannedAttempt | string {
    const { accounts, adapters } = this.options;
    if (disbursement.kind === 'payout') {
      const accountsFor = (merchantId: string, livemode: boolean) => accounts.usableFor(merchantId, livemode);
      return planPayout({ ...this.options, accountsFor }, disbursement, [], false, now) ?? NO_GATEWAY;
    }
    const capture = captured.get(disbursement.capturedBy);
    const account = capture && accounts.known(capture.gatewayAccountId);
    if (capture === undefined || account === undefined) throw unknownCapture(disbursement);
    const plan = planRefund(adapters, disbursement, { account, capturedAmount: capture.capturedAmount }, now);
    return plan.kind === 'planned' ? plan.planned : plan.code;
  }
}

async function capturedAttempts(
  tx: Tx,
  disbursements: readonly RoutedDisbursement[],
): Promise<ReadonlyMap<string, CapturedAttempt>> {
  const refunds = disbursements.filter((each) => each.kind === 'refund');
  if (refunds.length === 0) return new Map();
  const found = await findCaptured(tx, [...new Set(refunds.map((each) => each.capturedBy))]);
  const captured = new Map(found.map((attempt) => [attempt.id, attempt]));
  for (const refund of refunds) if (!captured.has(refund.capturedBy)) throw unknownCapture(refund);
  return captured;
}

/** The kernel brings the event again; if what it speaks of is never found, people see it among what could not be handled. */
function unknownCapture({ id, capturedBy }: RoutedRefund): Error {
  return new Error(`What refund ${id} is to give back is not known: attempt ${capturedBy}`);
}

function toDisbursement(event: StoredEvent): RoutedDisbursement {
  if (event.merchantId === null) throw new Error(`Event ${event.id} names no merchant`);
  const common = {
    merchantId: event.merchantId,
    state: 'routing',
    causedBy: event.id,
    headers: event.headers,
  } as const;
  if (event.type === refundFunded.type) {
    const payload = event.payload as PayloadOf<typeof refundFunded>;
    return {
      ...common,
      kind: 'refund',
      id: payload.refund_id,
      livemode: payload.livemode,
      amountMinor: BigInt(payload.amount),
      currency: payload.currency,
      description: payload.reason,
      capturedBy: payload.captured_by,
    };
  }
  const payload = event.payload as PayloadOf<typeof payoutFunded>;
  return {
    ...common,
    kind: 'payout',
    id: payload.payout_id,
    livemode: payload.livemode,
    amountMinor: BigInt(payload.amount),
    currency: payload.currency,
    // Gateways want to be told what it is for; the merchant's reference is what the receiver may know it by.
    description: payload.narration ?? payload.reference,
    destination: payload.destination,
    metadata: payload.metadata,
  };
}
