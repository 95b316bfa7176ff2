import type { PaymentMethod } from '../../contracts/shared.js';
import type { Currency } from '../../kernel/money/money.js';
import type { EventHeaders } from '../../kernel/outbox/event.js';

/** Routing's own copy of a payment. */
export interface RoutedPayment {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly method: PaymentMethod;
  readonly customer: {
    readonly email?: string | undefined;
    readonly phone?: string | undefined;
    readonly name?: string | undefined;
  };
  readonly description: string | null;
  /** The merchant's own; rules may ask for it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly state: 'routing' | 'routed' | 'exhausted';
  /** The payment_created event and its headers: the cause of everything announced here. */
  readonly causedBy: string;
  readonly headers: EventHeaders;
}
