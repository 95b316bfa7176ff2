/** Giving back at Monnify (PROVIDERS 4.5): under a reference of ours, of a transaction by Monnify's reference. */
import { z } from 'zod';
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import { jsonWithDecimals, majorToMinor } from '../amounts.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-outcome.js';
import type { GatewayRefunds, MoneyOutOutcome, RefundedCharge, RefundQuery, RefundRequest } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { readCalled, timeLeft } from '../json-calls.js';
import { codeAsGiven, notSent, unknown, UNLISTED_REFUSAL } from '../outcomes.js';
import { looseText } from '../webhook-hints.js';
import { monnifyAmount, referenceIn, transactionReference } from './monnify.answers.js';
import { bodyIn, envelopeIn, fromMonnifyError, type MonnifyCalls } from './monnify.calls.js';
import { MONNIFY_DUPLICATE_REFUND } from './monnify.codes.js';

/** Longer texts are refused. */
const MAX_REASON_LENGTH = 64;
const MAX_NOTE_LENGTH = 16;

const refund = z.object({ refundReference: looseText, refundStatus: z.string().max(64), refundAmount: monnifyAmount });

type Found = { readonly transaction: string } | { readonly outcome: GatewayOutcome };

export class MonnifyRefunds implements GatewayRefunds {
  readonly partial = true;
  // A second request with the same reference is refused with R9.
  readonly idempotent = true;
  readonly notFoundTrustedAfterMs = null;

  constructor(private readonly calls: MonnifyCalls) {}

  writtenReference(reference: string): string {
    return reference;
  }

  async refund(account: GatewayAccount, request: RefundRequest): Promise<MoneyOutOutcome> {
    const left = timeLeft(request.timeoutMs);
    const found = await this.transactionOf(account, request.charge, left());
    if ('outcome' in found) {
      // Not knowing what to give back, nothing was asked for.
      return found.outcome.kind === 'not_sent' ? found.outcome : notSent(found.outcome.code, 'gateway');
    }
    const reason = request.reason ?? 'Refund';
    const called = await this.calls.call(account, {
      method: 'POST',
      path: '/api/v1/refunds/initiate-refund',
      body: jsonWithDecimals(
        { refundAmount: toDecimal(request.amountMinor, exponentOf(request.currency)) },
        {
          transactionReference: found.transaction,
          refundReference: request.reference,
          refundReason: reason.slice(0, MAX_REASON_LENGTH),
          customerNote: reason.slice(0, MAX_NOTE_LENGTH),
        },
      ),
      timeoutMs: left(),
    });
    return readCalled(called, (answer) => readRefund(answer, 'refund', request.currency));
  }

  async status(account: GatewayAccount, query: RefundQuery): Promise<MoneyOutOutcome> {
    const path = `/api/v1/refunds/${encodeURIComponent(query.reference)}`;
    const called = await this.calls.call(account, { method: 'GET', path, timeoutMs: query.timeoutMs });
    return readCalled(called, (answer) => readRefund(answer, 'status', query.currency));
  }

  /** Monnify's reference of the charge: from its handles, else asked for by ours. */
  private async transactionOf(account: GatewayAccount, charge: RefundedCharge, timeoutMs: number): Promise<Found> {
    const known = transactionReference.parse(charge.handles['transaction_reference']);
    if (known !== undefined) return { transaction: known };
    const path = `/api/v2/merchant/transactions/query?paymentReference=${encodeURIComponent(charge.reference)}`;
    const called = await this.calls.call(account, { method: 'GET', path, timeoutMs });
    if (called.kind === 'outcome') return called;
    const body = bodyIn(called.answer);
    if (body === undefined) return { outcome: fromMonnifyError(called.answer, true) };
    const asked = z.object({ transactionReference }).safeParse(body);
    const transaction = referenceIn(called.answer) === charge.reference ? asked.data?.transactionReference : undefined;
    return transaction === undefined ? { outcome: unknown('unparsable_answer') } : { transaction };
  }
}

export function readRefund(answer: HttpAnswer, call: 'refund' | 'status', asked: Currency): MoneyOutOutcome {
  const body = bodyIn(answer);
  if (body === undefined) {
    const code = answer.status < 500 ? envelopeIn(answer)?.code : undefined;
    return call === 'refund' && code === MONNIFY_DUPLICATE_REFUND
      ? { kind: 'duplicate', code }
      : fromMonnifyError(answer, call === 'status');
  }
  const parsed = refund.safeParse(body);
  if (!parsed.success) return unknown('unparsable_answer');
  const { refundStatus: status, refundReference: reference, refundAmount } = parsed.data;
  switch (status) {
    case 'COMPLETED': {
      // Naira alone are given back: no answer names a currency.
      const amountMinor =
        refundAmount === undefined ? undefined : majorToMinor(refundAmount, exponentOf(asked), 'down');
      if (amountMinor === undefined || reference === undefined) return unknown('incomplete_success');
      return { kind: 'succeeded', amountMinor, currency: asked, reference, feeMinor: null, code: status, handles: {} };
    }
    case 'PENDING':
      return { kind: 'pending', code: status, nextAction: null, handles: {} };
    case 'FAILED':
      return { kind: 'declined', code: status, ...UNLISTED_REFUSAL, handles: {} };
    default:
      return unknown(codeAsGiven(status, 'unlisted_status'));
  }
}
