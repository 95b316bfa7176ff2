/** Whom we talk to, and how talking can end: what all parts of an adapter share. */
import type { Blame, NextAction } from '../../../contracts/shared.js';

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
