/** Reading Paystack's answers about refunds (PROVIDERS 1.5). */
import { z } from 'zod';
import { exponentOf, type Currency } from '../../../../kernel/money/money.js';
import { exponentOfReported } from '../amounts.js';
import { dateOf } from '../dates.js';
import type { MoneyOutOutcome, RefundedCharge } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, fromHttpError, notSent, parseJson, unknown } from '../outcomes.js';
import { saysShortOfFloat } from '../payout-texts.js';
import { referenceNoted, type ListedRefund } from '../refund-matching.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { fromSubunits, subunits } from './paystack.amounts.js';
import { isNotFound, PAYSTACK_REFUND_FAILED, PAYSTACK_REFUND_WAITING } from './paystack.codes.js';
import { envelope, readMoneyOut } from './paystack.envelope.js';

/** Refunds per page, with room for a gateway that gives more than it was asked for. */
const MAX_LISTED = 500;

const refund = z.object({
  id: looseId,
  status: z.string().min(1).max(100),
  amount: subunits.optional().catch(undefined),
  currency: looseText,
  /** The charge: an object in the answer to a request, its id alone in lists. */
  transaction: z
    .union([z.object({ id: looseId, reference: looseText }), looseId.transform((id) => ({ id, reference: undefined }))])
    .optional()
    .catch(undefined),
  /** Ours begins here; the note for the customer is the merchant's own words, in which any number may stand. */
  merchant_note: looseText,
  createdAt: looseText,
  created_at: looseText,
});
export type PaystackRefund = z.infer<typeof refund>;

const listed = z.array(refund).max(MAX_LISTED);
const pageMeta = z.object({ page: z.coerce.number().int(), pageCount: z.coerce.number().int() });
const charge = z.object({ id: looseId, reference: z.string() });

/** What a refund's answer is compared with. */
export interface WantedRefund {
  readonly reference: string;
  readonly charge: RefundedCharge;
  readonly currency: Currency;
}

/** Which call an answer belongs to: only a question can find nothing. */
export type RefundCall = 'refund' | 'status';

export function readRefund(answer: HttpAnswer, call: RefundCall, wanted: WantedRefund): MoneyOutOutcome {
  return readMoneyOut(
    answer,
    (data) => {
      const parsed = refund.safeParse(data);
      return parsed.success ? refundOutcome(parsed.data, wanted) : unknown('unparsable_answer');
    },
    ({ message }, status) => {
      if (call === 'refund') {
        return status === 400 && saysShortOfFloat(message) ? notSent('insufficient_float', 'merchant') : undefined;
      }
      return status === 404 && /refund\b.*\bnot found/i.test(message ?? '')
        ? { kind: 'not_found', code: 'refund_not_found' }
        : undefined;
    },
  );
}

/** The outcome of a refund. The reference that a note has is reported; without one it is the one asked for, since the refund was found by other marks. */
export function refundOutcome(found: PaystackRefund, wanted: WantedRefund): MoneyOutOutcome {
  const noted = referenceNoted([found.merchant_note], wanted.charge.reference);
  if ((noted !== undefined && noted !== wanted.reference) || isOfAnother(found, wanted.charge))
    return unknown('another_refund');
  const handles = handlesOf({ id: found.id });
  const { status, amount, currency } = found;
  if (PAYSTACK_REFUND_WAITING.has(status)) return { kind: 'pending', code: status, nextAction: null, handles };
  if (status === 'failed') return { kind: 'declined', code: status, ...PAYSTACK_REFUND_FAILED, handles };
  if (status !== 'processed') return unknown(codeAsGiven(status, 'unlisted_status'));
  if (amount === undefined || currency === undefined) return unknown('incomplete_success');
  const amountMinor = fromSubunits(amount, exponentOfReported(currency, wanted.currency), 'down');
  if (amountMinor === undefined) return unknown('incomplete_success');
  return {
    kind: 'succeeded',
    amountMinor,
    currency,
    reference: wanted.reference,
    // What Paystack keeps of the charge's fee stands in its books; it takes none for a refund.
    feeMinor: null,
    code: status,
    handles,
  };
}

export function readRefundPage(
  answer: HttpAnswer,
  of: { readonly id: string; readonly reference: string },
  pageSize: number,
):
  | { readonly kind: 'refunds'; readonly refunds: readonly PaystackRefund[]; readonly hasMore: boolean }
  | { readonly kind: 'outcome'; readonly outcome: MoneyOutOutcome } {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (!parsed.success) return { kind: 'outcome', outcome: fromHttpError(answer.status, false, 'unparsable_answer') };
  if (answer.status !== 200 || !parsed.data.status) {
    return { kind: 'outcome', outcome: fromHttpError(answer.status, !parsed.data.status, `http_${answer.status}`) };
  }
  const refunds = listed.safeParse(parsed.data.data);
  // A refund that cannot be read, or whose charge is not told, may be the one that is looked for.
  if (!refunds.success || !refunds.data.every(isTold))
    return { kind: 'outcome', outcome: unknown('unparsable_answer') };
  const meta = pageMeta.safeParse(parsed.data.meta);
  return {
    kind: 'refunds',
    // The filter is not relied on: a refund of another charge is never ours.
    refunds: refunds.data.filter(
      ({ transaction }) => transaction?.id === of.id || transaction?.reference === of.reference,
    ),
    hasMore: meta.success ? meta.data.page < meta.data.pageCount : refunds.data.length >= pageSize,
  };
}

/** A listed refund together with what it is compared by. */
export function asListed(found: PaystackRefund, asked: Currency): ListedRefund & { readonly refund: PaystackRefund } {
  const exponent = found.currency === undefined ? exponentOf(asked) : exponentOfReported(found.currency, asked);
  return {
    id: found.id ?? '',
    amountMinor: found.amount === undefined ? undefined : fromSubunits(found.amount, exponent, 'down'),
    notes: [found.merchant_note],
    requestedAt: dateOf(found.createdAt ?? found.created_at),
    refund: found,
  };
}

/** The id of the charge, by which its refunds are listed. */
export function readCharge(
  answer: HttpAnswer,
  reference: string,
): { readonly kind: 'charge'; readonly id: string } | { readonly kind: 'outcome'; readonly outcome: MoneyOutOutcome } {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (!parsed.success) return { kind: 'outcome', outcome: fromHttpError(answer.status, false, 'unparsable_answer') };
  const { status: worked, code, message, data } = parsed.data;
  if (answer.status === 200 && worked) {
    const found = charge.safeParse(data);
    return found.success && found.data.id !== undefined && found.data.reference === reference
      ? { kind: 'charge', id: found.data.id }
      : { kind: 'outcome', outcome: unknown('unparsable_answer') };
  }
  // A charge that Paystack does not know has no refunds there, but we would not ask for a refund of such a one.
  if (isNotFound(code, message)) return { kind: 'outcome', outcome: unknown('charge_not_found') };
  return { kind: 'outcome', outcome: fromHttpError(answer.status, !worked, `http_${answer.status}`) };
}

function isTold({ id, transaction }: PaystackRefund): boolean {
  return id !== undefined && (transaction?.id ?? transaction?.reference) !== undefined;
}

function isOfAnother(found: PaystackRefund, of: RefundedCharge): boolean {
  const { transaction } = found;
  if (transaction?.reference !== undefined) return transaction.reference !== of.reference;
  const id = of.handles['id'];
  return transaction?.id !== undefined && id !== undefined && transaction.id !== id;
}
