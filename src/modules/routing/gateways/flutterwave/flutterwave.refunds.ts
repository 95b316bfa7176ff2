/**
 * Giving money back at Flutterwave v3 (PROVIDERS 2.5). A refund is asked for by the charge's numeric id and has no reference of ours and no
 * idempotency key, so a second request is a second refund: ours is written into the comments, and one whose answer was lost is looked
 * for in the list of refunds. That list, and asking by a refund's id, are from memory of the version 3 reference: where they are not as
 * remembered, the answer is `unknown` and never that nothing was made.
 */
import { exponentOf, toDecimal } from '../../../../kernel/money/money.js';
import { dayOf } from '../dates.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayRefunds, MoneyOutOutcome, RefundQuery, RefundRequest } from '../gateway-parts.js';
import { timeLeft } from '../json-calls.js';
import { notSent, unknown, withoutAnswer } from '../outcomes.js';
import { findRefund } from '../refund-matching.js';
import type { FlutterwaveCalls } from './flutterwave.calls.js';
import { LOOKUP_SHARE, lookUpCharge, notMade, numericId } from './flutterwave.lookup.js';
import {
  asListed,
  readRefund,
  readRefundPage,
  refundOutcome,
  type FlutterwaveRefund,
} from './flutterwave.refund-answers.js';
import { withAmount } from './flutterwave.requests.js';

/** Refunds since the day of the request are few; where they fill more pages than this, the list is not relied on. */
const MAX_PAGES = 5;
/** The list goes by day, and whose days is not said: it is read from a day before. */
const DAY_MS = 86_400_000;

export class FlutterwaveRefunds implements GatewayRefunds {
  readonly partial = true;
  readonly idempotent = false;
  /** What a list from memory does not show is no proof. */
  readonly notFoundTrustedAfterMs = null;

  constructor(private readonly calls: FlutterwaveCalls) {}

  writtenReference(reference: string): string {
    return reference;
  }

  async refund(account: GatewayAccount, request: RefundRequest): Promise<MoneyOutOutcome> {
    const left = timeLeft(request.timeoutMs);
    let id = numericId(request.charge.handles['id']);
    if (id === undefined) {
      const within = request.timeoutMs * LOOKUP_SHARE;
      const found = await lookUpCharge(this.calls, account, request.charge.reference, within);
      if (found.kind === 'outcome') return notMade(found.outcome);
      // A `tx_ref` can have several transactions: only one that was paid can be given back.
      if (found.status !== 'successful') return notSent('lookup_charge_not_successful', 'merchant');
      id = numericId(found.handles['id']);
    }
    if (id === undefined) return notSent('lookup_no_id', 'gateway');
    const amount = toDecimal(request.amountMinor, exponentOf(request.currency));
    const body = withAmount(amount, { comments: this.writtenReference(request.reference) });
    const result = await this.calls.post(account, `/v3/transactions/${id}/refund`, body, left());
    return result.kind === 'answered' ? readRefund(result, 'refund', request, id) : withoutAnswer(result);
  }

  /** By the refund's id where it is known, unless that leads to another refund (the id may come from a webhook); else among those of the charge. */
  async status(account: GatewayAccount, query: RefundQuery): Promise<MoneyOutOutcome> {
    const left = timeLeft(query.timeoutMs);
    let chargeId = numericId(query.charge.handles['id']);
    if (chargeId === undefined) {
      const found = await lookUpCharge(this.calls, account, query.charge.reference, left());
      if (found.kind === 'outcome') return found.outcome;
      chargeId = numericId(found.handles['id']);
    }
    if (chargeId === undefined) return unknown('lookup_no_id');
    const id = numericId(query.handles['id']);
    if (id !== undefined) {
      const result = await this.calls.get(account, `/v3/refunds/${id}`, left());
      if (result.kind !== 'answered') return withoutAnswer(result);
      const outcome = readRefund(result, 'status', query, chargeId);
      const isElsewhere =
        outcome.kind === 'not_found' || (outcome.kind === 'unknown' && outcome.code === 'another_refund');
      if (!isElsewhere) return outcome;
    }
    const listed = await this.list(account, chargeId, query, left);
    if (listed.kind === 'outcome') return listed.outcome;
    const match = findRefund(
      listed.refunds.map((refund) => asListed(refund, query.currency)),
      query,
    );
    if (match.kind === 'found') return refundOutcome(match.refund.refund, query, chargeId);
    return match.kind === 'ambiguous' ? unknown('ambiguous_refund') : { kind: 'not_found', code: 'refund_not_found' };
  }

  /** All refunds of a charge since it was asked for; a list that does not end is no list. */
  private async list(
    account: GatewayAccount,
    chargeId: string,
    query: RefundQuery,
    left: () => number,
  ): Promise<
    | { readonly kind: 'refunds'; readonly refunds: readonly FlutterwaveRefund[] }
    | { readonly kind: 'outcome'; readonly outcome: MoneyOutOutcome }
  > {
    const from = dayOf(new Date(query.requestedAt.getTime() - DAY_MS));
    const refunds: FlutterwaveRefund[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const result = await this.calls.get(account, `/v3/refunds?from=${from}&page=${page}`, left());
      if (result.kind !== 'answered') return { kind: 'outcome', outcome: withoutAnswer(result) };
      const read = readRefundPage(result, chargeId);
      if (read.kind === 'outcome') return read;
      refunds.push(...read.refunds);
      if (!read.hasMore) return { kind: 'refunds', refunds };
    }
    return { kind: 'outcome', outcome: unknown('refund_list_incomplete') };
  }
}
