/** Consumes payment_created: takes a copy of the payment, chooses its first gateway and writes the attempt down, before anything is sent. */
import type { paymentCreated } from '../../contracts/payments.events.js';
import type { Tx } from '../../kernel/database/tx.js';
import { appendEvents } from '../../kernel/outbox/append.js';
import type { EventHandler } from '../../kernel/outbox/consumer.js';
import type { NewEvent, PayloadOf, StoredEvent } from '../../kernel/outbox/event.js';
import { exhaustedEvent, startedEvent } from './attempt-events.js';
import { insertAttempts, insertPayments, updatePaymentStates } from './attempts.store.js';
import type { Breakers } from './breakers.js';
import type { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { NO_GATEWAY, type PlannedAttempt } from './payment-routing.js';
import { planAttempt } from './plan-attempt.js';
import type { ToSend } from './record-outcome.js';
import type { RoutedPayment } from './routed-payment.js';

export interface RoutePaymentsOptions {
  readonly accounts: GatewayAccounts;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly breakers: Breakers;
  /** Told after the commit. Must not throw. */
  onToSend(work: readonly ToSend[]): void;
}

export class RoutePayments implements EventHandler {
  constructor(private readonly options: RoutePaymentsOptions) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const { accounts, adapters, breakers } = this.options;
    await accounts.refresh();
    const payments = events.map(toPayment);
    const { fresh, now } = await insertPayments(tx, payments);
    const accountsFor = (merchantId: string, livemode: boolean) => accounts.usableFor(merchantId, livemode);
    const planned: PlannedAttempt[] = [];
    const work: ToSend[] = [];
    const announcements: NewEvent[] = [];
    const exhausted: string[] = [];
    const seen = new Set<string>();
    for (const payment of payments) {
      if (!fresh.has(payment.id) || seen.has(payment.id)) continue;
      seen.add(payment.id);
      const first = planAttempt({ accountsFor, adapters, breakers }, payment, [], false, now);
      if (first === undefined) {
        exhausted.push(payment.id);
        // Nobody configured an account that can take it: the settings are the merchant's or ours, no gateway's fault.
        announcements.push(exhaustedEvent(payment, NO_GATEWAY, 'merchant', 0));
        continue;
      }
      planned.push(first);
      work.push({ payment, attempt: first.attempt });
      announcements.push(startedEvent(payment, first.attempt));
    }
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

function toPayment(event: StoredEvent): RoutedPayment {
  const payload = event.payload as PayloadOf<typeof paymentCreated>;
  if (event.merchantId === null) throw new Error(`Event ${event.id} names no merchant`);
  return {
    id: payload.payment_id,
    merchantId: event.merchantId,
    livemode: payload.livemode,
    amountMinor: BigInt(payload.amount),
    currency: payload.currency,
    method: payload.method,
    customer: payload.customer,
    description: payload.description,
    state: 'routing',
    causedBy: event.id,
    headers: event.headers,
  };
}
