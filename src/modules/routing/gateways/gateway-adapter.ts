/**
 * What every gateway adapter absorbs (PROVIDERS: one adapter interface): money units, identifiers, answer shapes, error
 * classes. An adapter is stateless apart from caches (tokens); it never touches the database and never decides about failover.
 */
import type { PaymentMethod } from '../../../contracts/shared.js';
import type { Currency } from '../../../kernel/money/money.js';
import type { GatewayAccount, GatewayOutcome } from './gateway-outcome.js';
import type { CustomerActions, GatewayBooks, GatewayFloat, GatewayPayouts, GatewayRefunds } from './gateway-parts.js';

export type { GatewayAccount, GatewayOutcome } from './gateway-outcome.js';

export interface ChargeRequest {
  /** 32 lower-case hex digits: the attempt's UUID without dashes. Made and stored before the call. Adapters write it as their gateway wants it. */
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly method: PaymentMethod;
  readonly customer: {
    readonly email?: string | undefined;
    readonly phone?: string | undefined;
    readonly name?: string | undefined;
  };
  readonly description: string | null;
  /** The merchant's page for a customer who comes back from the gateway's; null: the account's own, or one of ours. */
  readonly returnUrl: string | null;
  /** Where the gateway may call us back for this account, for gateways that take it per request. */
  readonly callbackUrl: string;
  readonly timeoutMs: number;
}

export interface StatusQuery {
  readonly reference: string;
  /** What the gateway called it in earlier answers or webhooks, by name (`id`, `flw_ref`). */
  readonly handles: Readonly<Record<string, string>>;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly methodType: PaymentMethod['type'];
  readonly timeoutMs: number;
}

/** What a webhook is about. It moves no money by itself: the reference or handle found here is asked about at the gateway. */
export interface WebhookHint {
  /** What kind of thing it tells of; a charge when absent. Of a refund, `reference` is the refund's own. */
  readonly about?: 'charge' | 'refund' | 'payout' | 'settlement';
  /** Our reference (32 hex digits) if the body carries it. */
  readonly reference?: string;
  readonly handles: Readonly<Record<string, string>>;
  /** Identifies the event for deduplication: the gateway's event id, or one made of what makes it distinct. */
  readonly dedupeKey: string;
  /** The gateway's name of the event; where one name tells both ends, with the status behind it: a claim of success always has `success` in it. */
  readonly eventType: string;
}

export interface WebhookRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawBody: Buffer;
}

/** `authenticated`: signed over the body. `unauthenticated`: the gateway signs nothing, a hint only. `rejected`: a signature was due and is missing or wrong. */
export type WebhookVerdict =
  | { readonly grade: 'authenticated' | 'weakly_authenticated' | 'unauthenticated'; readonly hint: WebhookHint | null }
  | { readonly grade: 'rejected' };

export interface GatewayCapabilities {
  readonly currencies: readonly Currency[];
  readonly methods: readonly PaymentMethod['type'][];
  /** Currencies in which each method works: not every method is offered in every currency. `supports()` asks for one payment. */
  readonly methodCurrencies: Readonly<Partial<Record<PaymentMethod['type'], readonly Currency[]>>>;
  /** Mobile-money networks per currency; absent means the method is not offered there. */
  readonly networks: Readonly<Partial<Record<Currency, readonly string[]>>>;
  /** The gateway refuses a second charge with the same reference, so sending the same one again cannot charge twice. */
  readonly idempotentCreate: boolean;
  /** How long after a charge call "not found" still proves nothing, in ms. Null: it never does (handset push is never proof either). */
  readonly notFoundTrustedAfterMs: number | null;
}

/**
 * A gateway as a whole: every one takes payments; what else its API allows is there as a part, and a part that is absent is not
 * supported. There is no part that pretends.
 */
export interface GatewayAdapter {
  readonly gateway: string;
  readonly capabilities: GatewayCapabilities;
  /** Names of the credentials an account must have. */
  readonly requiredCredentials: readonly string[];
  /** The reference as this gateway is given it, shown in our API so that one can search the gateway's books by it. */
  writtenReference(reference: string): string;
  /** Never throws for what a gateway or network does: every way it can end is an outcome. */
  charge(account: GatewayAccount, request: ChargeRequest): Promise<GatewayOutcome>;
  /** Never throws, never answers `duplicate`; `not_sent` when the query itself could not be made (means nothing for the payment). */
  status(account: GatewayAccount, query: StatusQuery): Promise<GatewayOutcome>;
  verifyWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict;
  readonly customerActions?: CustomerActions;
  readonly refunds?: GatewayRefunds;
  readonly payouts?: GatewayPayouts;
  readonly books?: GatewayBooks;
  readonly float?: GatewayFloat;
}
