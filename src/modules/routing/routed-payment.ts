import type { PaymentMethod, PayoutDestination } from '../../contracts/shared.js';
import type { Currency } from '../../kernel/money/money.js';
import type { EventHeaders } from '../../kernel/outbox/event.js';

/** What payments, refunds and payouts have in common when they are routed. */
interface RoutedOfAnyKind {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** What the gateway is told it is for: of a refund its reason, of a payout its narration. */
  readonly description: string | null;
  readonly state: 'routing' | 'routed' | 'exhausted';
  /** The event that asked for it, and its headers: the cause of everything announced here. */
  readonly causedBy: string;
  readonly headers: EventHeaders;
}

/** Routing's own copy of a payment. */
export interface RoutedPayment extends RoutedOfAnyKind {
  readonly kind: 'payment';
  readonly method: PaymentMethod;
  readonly customer: {
    readonly email?: string | undefined;
    readonly phone?: string | undefined;
    readonly name?: string | undefined;
  };
  /** The merchant's page, for a customer who comes back from a gateway's. */
  readonly returnUrl: string | null;
  /** The merchant's own; rules may ask for it. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface RoutedRefund extends RoutedOfAnyKind {
  readonly kind: 'refund';
  /** The attempt whose capture it gives back. */
  readonly capturedBy: string;
}

export interface RoutedPayout extends RoutedOfAnyKind {
  readonly kind: 'payout';
  readonly destination: PayoutDestination;
  /** The merchant's own; rules may ask for it. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type RoutedDisbursement = RoutedRefund | RoutedPayout;

/** Whatever is sent to a gateway. */
export type Routed = RoutedPayment | RoutedDisbursement;
export type RoutedKind = Routed['kind'];
