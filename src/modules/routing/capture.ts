/** Whether what a gateway says it took is what it was asked to take. */
import type { GatewayOutcome } from './gateways/gateway-adapter.js';
import { isCurrency } from '../../kernel/money/money.js';

type Succeeded = Extract<GatewayOutcome, { kind: 'succeeded' }>;

export type CaptureVerdict =
  | { readonly kind: 'match'; readonly feeMinor: bigint | null }
  | {
      readonly kind: 'mismatch';
      readonly reason: 'amount' | 'currency' | 'reference';
      readonly feeMinor: bigint | null;
    }
  /** A currency that we do not book or an amount beyond any sense: it cannot even be put into suspense. */
  | { readonly kind: 'unbookable' };

/** The largest amount that events can carry exactly. */
const MAX_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

export function judgeCapture(
  attempt: { readonly id: string; readonly reference: string },
  outcome: Succeeded,
  asked: { readonly amountMinor: bigint; readonly currency: string },
): CaptureVerdict {
  if (!isCurrency(outcome.currency) || outcome.amountMinor < 0n || outcome.amountMinor > MAX_AMOUNT)
    return { kind: 'unbookable' };
  const feeMinor = sensibleFee(outcome);
  if (!isSameReference(attempt, outcome.reference)) return { kind: 'mismatch', reason: 'reference', feeMinor };
  if (outcome.currency !== asked.currency) return { kind: 'mismatch', reason: 'currency', feeMinor };
  if (outcome.amountMinor !== asked.amountMinor) return { kind: 'mismatch', reason: 'amount', feeMinor };
  return { kind: 'match', feeMinor };
}

/** A fee below nothing or above what was taken is a gateway's mistake: as if it had not said. Reconciliation finds the real one. */
function sensibleFee(outcome: Succeeded): bigint | null {
  if (outcome.feeMinor === null || outcome.feeMinor < 0n || outcome.feeMinor > outcome.amountMinor) return null;
  return outcome.feeMinor;
}

/** Gateways echo the reference in the form they were given, or in the plain form where they carry it beside their own. */
function isSameReference(attempt: { readonly id: string; readonly reference: string }, reported: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '');
  return plain(reported) === plain(attempt.reference) || plain(reported) === plain(attempt.id);
}
