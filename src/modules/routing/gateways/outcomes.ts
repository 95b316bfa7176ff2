/** How calls and answers turn into outcomes, the same for every gateway. */
import type { Blame } from '../../../contracts/shared.js';
import type { GatewayOutcome } from './gateway-adapter.js';
import type { HttpResult } from './http-client.js';

/** Outcome codes are stored and shown: long enough for any gateway's code, short enough for a column of a table. */
const MAX_CODE_LENGTH = 64;

/** How a definitive "no" is to be read. `retryable`: another gateway may take the same payment. */
export interface Refusal {
  readonly blame: Blame;
  readonly retryable: boolean;
}

/**
 * A "no" whose reason is not in the gateway's table. It is final, since the gateway calls the payment failed, but it is no
 * ground for asking the customer again through another gateway: failover needs a reason that we know (STANDARDS 2).
 */
export const UNLISTED_REFUSAL: Refusal = { blame: 'ambiguous', retryable: false };

export const CUSTOMER_REFUSAL: Refusal = { blame: 'customer', retryable: false };

/** Turns a gateway's message into a code: `Insufficient Funds` is `insufficient_funds`. */
export function codeFromText(text: string | null | undefined, otherwise: string): string {
  const code = (text ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, MAX_CODE_LENGTH);
  return code === '' ? otherwise : code;
}

/** A gateway's own code as it is, kept to printable ASCII and a bounded length, since it comes from outside. */
export function codeAsGiven(code: string, otherwise: string): string {
  const kept = code.replaceAll(/[^\w.:-]+/g, '_').slice(0, MAX_CODE_LENGTH);
  return kept === '' ? otherwise : kept;
}

export function notSent(code: string, blame: Blame): GatewayOutcome {
  return { kind: 'not_sent', code, blame };
}

export function unknown(code: string): GatewayOutcome {
  return { kind: 'unknown', code };
}

/** Whom a call that never left is to be blamed on: our own full bulkhead and bad settings are not the gateway's doing. */
const blameOfNotSent: Readonly<Record<string, Blame>> = {
  bulkhead_full: 'ambiguous',
  no_connection_in_time: 'ambiguous',
  invalid_base_url: 'merchant',
  invalid_request: 'merchant',
};

/** The outcome of a call without answer. */
export function withoutAnswer(result: Exclude<HttpResult, { kind: 'answered' }>): GatewayOutcome {
  return result.kind === 'unknown'
    ? unknown(result.code)
    : notSent(result.code, blameOfNotSent[result.code] ?? 'gateway');
}

/** Client errors that say "not considered" when they come with the gateway's own error body. 408 and 409 are not among them. */
const refusalStatuses = new Set([400, 401, 403, 404, 422]);

/**
 * The outcome of an HTTP error that no table of the gateway explains. `hasEnvelope`: the body is the gateway's own error
 * shape, not a proxy's page. Only then do client errors prove that nothing was done. 429 needs no body: whoever throttles
 * did not pass the request on.
 */
export function fromHttpError(status: number, hasEnvelope: boolean, code: string): GatewayOutcome {
  if (status === 429) return notSent('rate_limited', 'gateway');
  if (hasEnvelope && refusalStatuses.has(status)) return notSent(code, 'merchant');
  return unknown(`http_${status}`);
}

/** Parses an answer's body; undefined when it is not JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
