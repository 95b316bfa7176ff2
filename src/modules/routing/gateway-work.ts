/** What differs between payments, refunds and payouts where gateways are called: which call is made, and what it is evidence of. */
import type { Database } from '../../kernel/database/database.js';
import type { AttemptCapabilities } from './attempt.js';
import type { AttemptOfPayment } from './attempt-rows.store.js';
import { networkOf, type Segment } from './choice/segment.js';
import { disbursementSegment } from './disbursement-segment.js';
import { refundFacts, type RefundFacts } from './disbursements.store.js';
import type { GatewayAccount, GatewayAdapter } from './gateways/gateway-adapter.js';
import type {
  GatewayPayouts,
  GatewayRefunds,
  MoneyOutOutcome,
  PayoutDestination,
  RefundedCharge,
} from './gateways/gateway-parts.js';
import { unknown } from './gateways/outcomes.js';
import { plainReference } from './new-attempt.js';
import type { RoutedKind, RoutedPayout, RoutedRefund } from './routed-payment.js';

export interface CallSettings {
  readonly callbackUrl: string;
  readonly timeoutMs: number;
}

export interface QuerySettings {
  /** What a webhook says that the gateway calls it. */
  readonly extraHandles: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** What has to be known before the call, found out before the attempt is claimed: nothing may fail between the claim and the call. */
export interface Preparation {
  readonly refund?: RefundFacts;
}

export class GatewayWork {
  constructor(private readonly database: Database) {}

  /** @throws if what the call needs cannot be found */
  async prepare({ attempt, payment }: AttemptOfPayment): Promise<Preparation> {
    if (payment.kind !== 'refund') return {};
    const facts = await refundFacts(this.database, payment.capturedBy, attempt.id);
    if (facts === undefined)
      throw new Error(`Attempt ${payment.capturedBy} captured nothing that ${payment.id} could give back`);
    return { refund: facts };
  }

  /** The call that moves money. */
  send(
    adapter: GatewayAdapter,
    account: GatewayAccount,
    { attempt, payment }: AttemptOfPayment,
    prepared: Preparation,
    { callbackUrl, timeoutMs }: CallSettings,
  ): Promise<MoneyOutOutcome> {
    const { amountMinor, currency, description } = payment;
    const common = { reference: plainReference(attempt.id), amountMinor, currency, callbackUrl, timeoutMs };
    switch (payment.kind) {
      case 'payment':
        return adapter.charge(account, {
          ...common,
          method: payment.method,
          customer: payment.customer,
          description,
          returnUrl: payment.returnUrl,
        });
      case 'refund':
        return refundsOf(adapter).refund(account, {
          ...common,
          charge: chargeOf(payment, prepared),
          reason: description,
        });
      case 'payout':
        return payoutsOf(adapter).payout(account, {
          ...common,
          destination: destinationOf(payment),
          narration: description ?? '',
        });
    }
  }

  /** The question what became of it. */
  async ask(
    adapter: GatewayAdapter,
    account: GatewayAccount,
    target: AttemptOfPayment,
    { extraHandles, timeoutMs }: QuerySettings,
  ): Promise<MoneyOutOutcome> {
    const { attempt, payment } = target;
    const { amountMinor, currency } = payment;
    // What the gateway told us itself goes before what a webhook says.
    const handles = { ...extraHandles, ...attempt.handles };
    const common = { reference: plainReference(attempt.id), handles, amountMinor, currency, timeoutMs };
    switch (payment.kind) {
      case 'payment':
        return adapter.status(account, { ...common, methodType: payment.method.type });
      case 'payout':
        return payoutsOf(adapter).status(account, { ...common, destinationType: payment.destination.type });
      case 'refund': {
        const refunds = refundsOf(adapter);
        const prepared = await this.prepare(target);
        // One that we believe to be over must not take for itself what another one that is just being made turns out to be.
        const isOver = attempt.status !== 'sending' && attempt.status !== 'unknown' && !attempt.acknowledged;
        if (!refunds.idempotent && isOver && prepared.refund?.isAnotherInDoubt === true)
          return unknown('another_refund_in_doubt');
        return refunds.status(account, {
          ...common,
          charge: chargeOf(payment, prepared),
          // One that is never sent twice was asked for when it was sent.
          requestedAt: (refunds.idempotent ? null : attempt.sentAt) ?? attempt.createdAt,
          knownIds: prepared.refund?.knownIds ?? [],
        });
      }
    }
  }

  segmentOf({ attempt, payment }: AttemptOfPayment): Segment {
    return payment.kind === 'payment'
      ? { accountId: attempt.gatewayAccountId, network: networkOf(payment.currency, payment.method) }
      : disbursementSegment(attempt.gatewayAccountId, payment);
  }
}

/** What a gateway promises about one kind of call. One whose adapter or part was removed allows nothing: its attempts wait for people. */
export function capabilitiesOf(adapter: GatewayAdapter | undefined, kind: RoutedKind): AttemptCapabilities {
  const nothing = { idempotentCreate: false, notFoundTrustedAfterMs: null, returns: false };
  if (adapter === undefined) return nothing;
  if (kind === 'payment') return { ...adapter.capabilities, returns: false };
  const part = kind === 'refund' ? adapter.refunds : adapter.payouts;
  if (part === undefined) return nothing;
  return {
    idempotentCreate: part.idempotent,
    notFoundTrustedAfterMs: part.notFoundTrustedAfterMs,
    returns: 'returns' in part && part.returns,
  };
}

function refundsOf(adapter: GatewayAdapter): GatewayRefunds {
  if (adapter.refunds === undefined) throw new Error(`${adapter.gateway} gives nothing back`);
  return adapter.refunds;
}

function payoutsOf(adapter: GatewayAdapter): GatewayPayouts {
  if (adapter.payouts === undefined) throw new Error(`${adapter.gateway} pays nothing out`);
  return adapter.payouts;
}

function chargeOf({ id }: RoutedRefund, { refund }: Preparation): RefundedCharge {
  if (refund === undefined) throw new Error(`Refund ${id} was not prepared`);
  return {
    reference: plainReference(refund.capturedAttemptId),
    handles: refund.handles,
    amountMinor: refund.capturedAmount,
  };
}

function destinationOf({ destination }: RoutedPayout): PayoutDestination {
  return destination.type === 'mobile_money'
    ? destination
    : {
        type: 'bank_account',
        bankCode: destination.bank_code,
        accountNumber: destination.account_number,
        name: destination.name,
      };
}
