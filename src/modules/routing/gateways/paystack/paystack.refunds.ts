/**
 * Giving money back at Paystack (PROVIDERS 1.5). A refund has no reference of ours and no idempotency key, so a second request is a
 * second refund: ours is written into the merchant's note, and one whose answer was lost is looked for among the charge's refunds.
 */
import type { GatewayAccount } from '../gateway-adapter.js';
import type { GatewayRefunds, MoneyOutOutcome, RefundQuery, RefundRequest } from '../gateway-parts.js';
import { timeLeft } from '../json-calls.js';
import { unknown, withoutAnswer } from '../outcomes.js';
import { findRefund } from '../refund-matching.js';
import { toSubunits } from './paystack.amounts.js';
import type { PaystackCalls } from './paystack.calls.js';
import {
  asListed,
  readCharge,
  readRefund,
  readRefundPage,
  refundOutcome,
  type PaystackRefund,
} from './paystack.refund-answers.js';

/** Refunds are listed as soon as they are taken on; what is not there a quarter of an hour later, long after our request can still be on its way, never came. */
const NOT_FOUND_TRUSTED_AFTER_MS = 900_000;
/** A charge has a handful of refunds; more pages than this mean that the filter did not work. */
const MAX_PAGES = 5;
const PAGE_SIZE = 100;
/** Notes are shown to the customer; longer ones say nothing more. */
const MAX_NOTE_LENGTH = 200;

export class PaystackRefunds implements GatewayRefunds {
  readonly partial = true;
  readonly idempotent = false;
  readonly notFoundTrustedAfterMs = NOT_FOUND_TRUSTED_AFTER_MS;

  constructor(private readonly calls: PaystackCalls) {}

  writtenReference(reference: string): string {
    return reference;
  }

  async refund(account: GatewayAccount, request: RefundRequest): Promise<MoneyOutOutcome> {
    const body = {
      transaction: request.charge.reference,
      amount: toSubunits(request.amountMinor, request.currency),
      currency: request.currency,
      merchant_note: this.writtenReference(request.reference),
      ...(request.reason === null ? {} : { customer_note: request.reason.slice(0, MAX_NOTE_LENGTH) }),
    };
    const result = await this.calls.post(account, '/refund', body, request.timeoutMs);
    return result.kind === 'answered' ? readRefund(result, 'refund', request) : withoutAnswer(result);
  }

  /** By the refund's id where it is known, unless that leads to another refund (the id may come from a webhook); else among those of the charge. */
  async status(account: GatewayAccount, query: RefundQuery): Promise<MoneyOutOutcome> {
    const left = timeLeft(query.timeoutMs);
    const id = query.handles['id'];
    if (id !== undefined && /^\d{1,20}$/.test(id)) {
      const result = await this.calls.get(account, `/refund/${id}`, left());
      if (result.kind !== 'answered') return withoutAnswer(result);
      const outcome = readRefund(result, 'status', query);
      const isElsewhere =
        outcome.kind === 'not_found' || (outcome.kind === 'unknown' && outcome.code === 'another_refund');
      if (!isElsewhere) return outcome;
    }
    return this.search(account, query, left);
  }

  /** Listed refunds name the charge by its id only, so that has to be known first. */
  private async search(account: GatewayAccount, query: RefundQuery, left: () => number): Promise<MoneyOutOutcome> {
    let chargeId = query.charge.handles['id'];
    if (chargeId === undefined || !/^\d{1,20}$/.test(chargeId)) {
      const path = `/transaction/verify/${encodeURIComponent(query.charge.reference)}`;
      const result = await this.calls.get(account, path, left());
      if (result.kind !== 'answered') return withoutAnswer(result);
      const charge = readCharge(result, query.charge.reference);
      if (charge.kind === 'outcome') return charge.outcome;
      chargeId = charge.id;
    }
    const listed = await this.list(account, chargeId, query, left);
    if (listed.kind === 'outcome') return listed.outcome;
    const match = findRefund(
      listed.refunds.map((refund) => asListed(refund, query.currency)),
      query,
    );
    if (match.kind === 'found') return refundOutcome(match.refund.refund, query);
    return match.kind === 'ambiguous' ? unknown('ambiguous_refund') : { kind: 'not_found', code: 'refund_not_found' };
  }

  /** All refunds of a charge; a list that does not end is no list. */
  private async list(
    account: GatewayAccount,
    chargeId: string,
    query: RefundQuery,
    left: () => number,
  ): Promise<
    | { readonly kind: 'refunds'; readonly refunds: readonly PaystackRefund[] }
    | { readonly kind: 'outcome'; readonly outcome: MoneyOutOutcome }
  > {
    const refunds: PaystackRefund[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const path = `/refund?transaction=${chargeId}&perPage=${PAGE_SIZE}&page=${page}`;
      const result = await this.calls.get(account, path, left());
      if (result.kind !== 'answered') return { kind: 'outcome', outcome: withoutAnswer(result) };
      const read = readRefundPage(result, { id: chargeId, reference: query.charge.reference }, PAGE_SIZE);
      if (read.kind === 'outcome') return read;
      refunds.push(...read.refunds);
      if (!read.hasMore) return { kind: 'refunds', refunds };
    }
    return { kind: 'outcome', outcome: unknown('refund_list_incomplete') };
  }
}
