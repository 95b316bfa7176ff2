/** Finding a charge's numeric id and `flw_ref` by our reference, where no earlier answer told them. Nothing moves by asking. */
import { z } from 'zod';
import type { GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import { fromHttpError, notSent, parseJson, unknown, withoutAnswer } from '../outcomes.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import type { FlutterwaveCalls } from './flutterwave.calls.js';
import { isNotFound } from './flutterwave.codes.js';
import { envelope } from './flutterwave.envelope.js';

/** A lookup before a call that matters may use this share of its time, so that the call is never sent with too little left to see its answer. */
export const LOOKUP_SHARE = 0.5;

const charge = z.object({ id: looseId, flw_ref: looseText, tx_ref: z.string(), status: z.string() });

export type Lookup =
  | { readonly kind: 'charge'; readonly status: string; readonly handles: Readonly<Record<string, string>> }
  | { readonly kind: 'outcome'; readonly outcome: GatewayOutcome };

export async function lookUpCharge(
  calls: FlutterwaveCalls,
  account: GatewayAccount,
  reference: string,
  timeoutMs: number,
): Promise<Lookup> {
  const path = `/v3/transactions/verify_by_reference?tx_ref=${encodeURIComponent(reference)}`;
  const result = await calls.get(account, path, timeoutMs);
  if (result.kind !== 'answered') return { kind: 'outcome', outcome: withoutAnswer(result) };
  const parsed = envelope.safeParse(parseJson(result.body));
  if (!parsed.success) return { kind: 'outcome', outcome: fromHttpError(result.status, false, 'unparsable_answer') };
  const { status, message, data } = parsed.data;
  if (result.status === 200 && status === 'success') {
    const found = charge.safeParse(data);
    if (!found.success || found.data.tx_ref !== reference)
      return { kind: 'outcome', outcome: unknown('unparsable_answer') };
    const { id, flw_ref } = found.data;
    return { kind: 'charge', status: found.data.status, handles: handlesOf({ id, flw_ref }) };
  }
  if (isNotFound(message)) return { kind: 'outcome', outcome: unknown('charge_not_found') };
  return { kind: 'outcome', outcome: fromHttpError(result.status, status === 'error', `http_${result.status}`) };
}

/** A lookup that failed before a call that would have moved money: that call was not made, so nothing can come of it. */
export function notMade(outcome: GatewayOutcome): GatewayOutcome {
  return notSent(`lookup_${outcome.code}`.slice(0, 64), outcome.kind === 'not_sent' ? outcome.blame : 'gateway');
}

/** Numeric ids only: what else a handle may hold has no place in an address. */
export function numericId(id: string | undefined): string | undefined {
  return id !== undefined && /^\d{1,20}$/.test(id) ? id : undefined;
}
