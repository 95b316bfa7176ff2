/**
 * Giving back at Wave (PROVIDERS 8.5): the whole of a session, by its id. The answer has no body, the refund no reference of ours:
 * whether it happened is read from the wallet's books, where its line names the session.
 */
import type { GatewayAccount, GatewayOutcome } from '../gateway-outcome.js';
import type { GatewayRefunds, MoneyOutOutcome, RefundedCharge, RefundQuery, RefundRequest } from '../gateway-parts.js';
import type { GatewayHttpClient } from '../http-client.js';
import { readCalled, timeLeft } from '../json-calls.js';
import { notSent, unknown } from '../outcomes.js';
import { paidSessionIn, waveId } from './wave.answers.js';
import { dayAfter, dayOf, movedBy, type WaveBooks, type WaveLine } from './wave.books.js';
import { callWave, fromWaveError } from './wave.calls.js';

/** Days of books that are looked through for a refund, from the one on which it was asked for: it is booked at once, but may have been asked for again later. */
const DAYS_LOOKED_THROUGH = 3;
const DAY_MS = 86_400_000;

/** The code of a refund that Wave took: its figures come with the books. */
const ACCEPTED = 'accepted';

type FoundSession = { readonly id: string } | { readonly outcome: GatewayOutcome };

export class WaveRefunds implements GatewayRefunds {
  readonly partial = false;
  // No document says what a second request for the same session does.
  readonly idempotent = false;
  readonly notFoundTrustedAfterMs = null;

  constructor(
    private readonly http: GatewayHttpClient,
    private readonly books: WaveBooks,
  ) {}

  /** Wave is not told any. */
  writtenReference(reference: string): string {
    return reference;
  }

  async refund(account: GatewayAccount, request: RefundRequest): Promise<MoneyOutOutcome> {
    if (request.amountMinor !== request.charge.amountMinor) return notSent('partial_refund_unsupported', 'merchant');
    const left = timeLeft(request.timeoutMs);
    const session = await this.sessionOf(account, request.charge, left());
    if ('outcome' in session) {
      // Not knowing what to give back, nothing was asked for.
      return session.outcome.kind === 'not_sent' ? session.outcome : notSent(session.outcome.code, 'gateway');
    }
    const path = `/v1/checkout/sessions/${session.id}/refund`;
    const called = await callWave(this.http, account, { method: 'POST', path, timeoutMs: left() });
    return readCalled<MoneyOutOutcome>(called, (answer) =>
      answer.status === 200
        ? { kind: 'pending', code: ACCEPTED, nextAction: null, handles: { session_id: session.id } }
        : fromWaveError(answer),
    );
  }

  async status(account: GatewayAccount, query: RefundQuery): Promise<MoneyOutOutcome> {
    const left = timeLeft(query.timeoutMs);
    const charge = { ...query.charge, handles: { ...query.charge.handles, ...query.handles } };
    const session = await this.sessionOf(account, charge, left());
    if ('outcome' in session) {
      return session.outcome.kind === 'not_found' ? unknown('charge_not_found') : session.outcome;
    }
    const until = new Date(
      Math.min(Date.now() + 1, Date.parse(dayOf(query.requestedAt)) + DAYS_LOOKED_THROUGH * DAY_MS),
    );
    let day: string | null = dayOf(query.requestedAt);
    let after: string | null = null;
    while (day !== null) {
      const listed = await this.books.linesOfDay(account, day, after, left());
      if (listed.kind === 'failed') return listed.notSent ?? unknown(listed.code);
      const found = listed.lines.find((each) => isRefundOf(each, session.id, query.knownIds));
      if (found !== undefined) return outcomeOf(found, query);
      after = listed.after;
      if (after === null) day = dayAfter(day, until);
    }
    return { kind: 'not_found', code: 'refund_not_listed' };
  }

  /** The session that the charge was paid by: from its handles, else by its reference. */
  private async sessionOf(account: GatewayAccount, charge: RefundedCharge, timeoutMs: number): Promise<FoundSession> {
    const known = waveId.safeParse(charge.handles['session_id']);
    if (known.success) return { id: known.data };
    const path = `/v1/checkout/sessions/search?client_reference=${encodeURIComponent(charge.reference)}`;
    const called = await callWave(this.http, account, { method: 'GET', path, timeoutMs });
    if (called.kind === 'outcome') return called;
    if (called.answer.status !== 200) return { outcome: fromWaveError(called.answer) };
    const id = paidSessionIn(called.answer, charge.reference)?.id;
    return id === undefined ? { outcome: { kind: 'not_found', code: 'charge_not_found' } } : { id };
  }
}

function isRefundOf(each: WaveLine, sessionId: string, knownIds: readonly string[]): boolean {
  return (
    each.transaction_type === 'api_checkout_refund' &&
    each.checkout_api_session_id === sessionId &&
    !knownIds.includes(each.transaction_id)
  );
}

/** The line names the session, which has one refund: it is this one, though it does not carry our reference. */
function outcomeOf(each: WaveLine, query: RefundQuery): MoneyOutOutcome {
  const amountMinor = movedBy(each, query.currency);
  if (amountMinor === undefined) return unknown('incomplete_success');
  return {
    kind: 'succeeded',
    amountMinor,
    currency: each.currency,
    reference: query.reference,
    feeMinor: null,
    code: 'succeeded',
    handles: { id: each.transaction_id },
  };
}
