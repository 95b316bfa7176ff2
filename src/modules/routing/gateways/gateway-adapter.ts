/**
 * What every gateway adapter absorbs (PROVIDERS: one adapter interface): money units, identifiers, answer shapes, error
 * classes. An adapter is stateless apart from caches (tokens); it never touches the database and never decides about failover.
 */
import type { Blame, NextAction, PaymentMethod } from '../../../contracts/shared.js';
import type { Currency } from '../../../kernel/money/money.js';

/** A merchant's or the platform's account at a gateway, with what is needed to talk to it. */
export interface GatewayAccount {
  readonly id: string;
  readonly gateway: string;
  /** Names it in webhook addresses: /webhooks/:gateway/:account. */
  readonly name: string;
  readonly livemode: boolean;
  readonly baseUrl: string;
  /** Shape by gateway; checked when the account is loaded. Never logged. */
  readonly credentials: Readonly<Record<string, string>>;
}

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

/**
 * How a call ended, from the money's point of view (STANDARDS 2).
 * - `succeeded`: the gateway says captured, with its own figures; the caller compares them with what was asked.
 * - `pending`: accepted; the customer or the gateway has still to act.
 * - `declined`: definitively not captured, by a whitelisted code. `retryable` says whether another gateway can help
 *   (false for the customer's own no: wrong PIN, no funds).
 * - `not_sent`: the request surely never reached the gateway (DNS, connection refused, TLS before the body was written), or the gateway
 *   refused to consider it (authentication, a validation error, throttled) and nothing can come of it.
 * - `not_found`: only from a status query: the gateway does not know the reference (yet). No proof by itself.
 * - `duplicate`: only from a charge: the gateway already knows this reference; ask for its status.
 * - `unknown`: anything else: read timeout, reset after sending, 5xx, unparsable body, unlisted code.
 */
export type GatewayOutcome =
  | {
      readonly kind: 'succeeded';
      readonly amountMinor: bigint;
      readonly currency: string;
      readonly reference: string;
      readonly feeMinor: bigint | null;
      readonly code: string;
      readonly handles: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'pending';
      readonly code: string;
      readonly nextAction: NextAction | null;
      readonly handles: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'declined';
      readonly code: string;
      readonly blame: Blame;
      readonly retryable: boolean;
      readonly handles: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'not_sent'; readonly code: string; readonly blame: Blame }
  | { readonly kind: 'not_found'; readonly code: string }
  | { readonly kind: 'duplicate'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };

/** What a webhook is about. It moves no money by itself: the reference or handle found here is asked about at the gateway. */
export interface WebhookHint {
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
}
