/** Reading Flutterwave's answers about refunds (PROVIDERS 2.5). */
import { z } from 'zod';
import { exponentOf, type Currency } from '../../../../kernel/money/money.js';
import { exponentOfReported, majorToMinor } from '../amounts.js';
import { dateOf } from '../dates.js';
import type { MoneyOutOutcome, RefundedCharge } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, fromHttpError, notSent, parseJson, unknown } from '../outcomes.js';
import { saysShortOfFloat } from '../payout-texts.js';
import { referenceNoted, type ListedRefund } from '../refund-matching.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { FLUTTERWAVE_REFUND_FAILED, refundStatus } from './flutterwave.codes.js';
import { envelope, nextPage, readMoneyOut } from './flutterwave.envelope.js';

/** Far more than a page of refunds. */
const MAX_LISTED = 500;

const refund = z.object({
  id: looseId,
  /** The charge's numeric id. */
  tx_id: looseId,
  amount_refunded: z.union([z.number(), z.string()]).optional().catch(undefined),
  currency: looseText,
  status: z.string().min(1).max(100),
  /** Both spellings are in use. */
  comment: looseText,
  comments: looseText,
  created_at: looseText,
});
export type FlutterwaveRefund = z.infer<typeof refund>;

/** What a refund's answer is compared with. */
export interface WantedRefund {
  readonly reference: string;
  readonly charge: RefundedCharge;
  readonly currency: Currency;
}

/** Which call an answer belongs to: only a question can find nothing. */
export type RefundCall = 'refund' | 'status';

export function readRefund(
  answer: HttpAnswer,
  call: RefundCall,
  wanted: WantedRefund,
  chargeId: string,
): MoneyOutOutcome {
  return readMoneyOut(
    answer,
    (data) => {
      const parsed = refund.safeParse(data);
      return parsed.success ? refundOutcome(parsed.data, wanted, chargeId) : unknown('unparsable_answer');
    },
    (message, status) => {
      if (call === 'refund') {
        return status === 400 && saysShortOfFloat(message) ? notSent('insufficient_float', 'merchant') : undefined;
      }
      return (status === 404 || status === 400) && /refund\b.*\bnot found|no refund/i.test(message ?? '')
        ? { kind: 'not_found', code: 'refund_not_found' }
        : undefined;
    },
  );
}

/** The outcome of a refund. Answers name no currency as a rule: it is the charge's, as a refund is made in no other. */
export function refundOutcome(found: FlutterwaveRefund, wanted: WantedRefund, chargeId: string): MoneyOutOutcome {
  const noted = referenceNoted([found.comments, found.comment], wanted.charge.reference);
  const isOfAnother = found.tx_id !== undefined && found.tx_id !== chargeId;
  if ((noted !== undefined && noted !== wanted.reference) || isOfAnother) return unknown('another_refund');
  const handles = handlesOf({ id: found.id });
  const code = codeAsGiven(found.status, 'unlisted_status');
  switch (refundStatus(found.status)) {
    case 'pending':
      return { kind: 'pending', code, nextAction: null, handles };
    case 'failed':
      return { kind: 'declined', code, ...FLUTTERWAVE_REFUND_FAILED, handles };
    case 'succeeded': {
      const currency = found.currency ?? wanted.currency;
      const amountMinor = amountOf(found, wanted.currency);
      if (amountMinor === undefined) return unknown('incomplete_success');
      return { kind: 'succeeded', amountMinor, currency, reference: wanted.reference, feeMinor: null, code, handles };
    }
    case undefined:
      return unknown(code);
  }
}

export function readRefundPage(
  answer: HttpAnswer,
  chargeId: string,
):
  | { readonly kind: 'refunds'; readonly refunds: readonly FlutterwaveRefund[]; readonly hasMore: boolean }
  | { readonly kind: 'outcome'; readonly outcome: MoneyOutOutcome } {
  const json = parseJson(answer.body);
  const parsed = envelope.safeParse(json);
  if (!parsed.success) return { kind: 'outcome', outcome: fromHttpError(answer.status, false, 'unparsable_answer') };
  if (answer.status !== 200 || parsed.data.status !== 'success') {
    const isOwn = parsed.data.status === 'error';
    return { kind: 'outcome', outcome: fromHttpError(answer.status, isOwn, `http_${answer.status}`) };
  }
  const refunds = z.array(refund).max(MAX_LISTED).safeParse(parsed.data.data);
  const next = nextPage(json);
  // A refund that cannot be read, or whose charge is not told, may be the one that is looked for; so may one on a page that is not told.
  const isWhole = refunds.success && refunds.data.every(({ id, tx_id }) => id !== undefined && tx_id !== undefined);
  if (!isWhole || next === undefined) return { kind: 'outcome', outcome: unknown('unparsable_answer') };
  return {
    kind: 'refunds',
    refunds: refunds.data.filter(({ tx_id: chargeOf }) => chargeOf === chargeId),
    hasMore: next !== null,
  };
}

/** A listed refund together with what it is compared by. */
export function asListed(
  found: FlutterwaveRefund,
  asked: Currency,
): ListedRefund & { readonly refund: FlutterwaveRefund } {
  return {
    id: found.id ?? '',
    amountMinor: amountOf(found, asked),
    notes: [found.comments, found.comment],
    requestedAt: dateOf(found.created_at),
    refund: found,
  };
}

function amountOf(found: FlutterwaveRefund, asked: Currency): bigint | undefined {
  if (found.amount_refunded === undefined) return undefined;
  const exponent = found.currency === undefined ? exponentOf(asked) : exponentOfReported(found.currency, asked);
  return majorToMinor(found.amount_refunded, exponent, 'down');
}
