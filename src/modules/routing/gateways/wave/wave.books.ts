/**
 * Wave's own books (PROVIDERS 8.7): one listing per day, in pages of about a thousand lines. Only what went through the API is ours
 * to compare: the wallet may also be paid at a counter, or swept.
 */
import { z } from 'zod';
import { exponentOfReported, majorToMinor } from '../amounts.js';
import type { GatewayAccount, GatewayOutcome } from '../gateway-outcome.js';
import type { BooksQuery, GatewayBooks, GatewayTransaction, Page } from '../gateway-parts.js';
import type { GatewayHttpClient } from '../http-client.js';
import { parseJson } from '../outcomes.js';
import { failed } from '../pages.js';
import { looseText } from '../webhook-hints.js';
import { callWave, fromWaveError } from './wave.calls.js';

const DAY_MS = 86_400_000;
/** Well over Wave's thousand. */
const MAX_LINES = 5_000;

const line = z.object({
  transaction_id: z.string().min(1).max(64),
  transaction_type: z.string().max(64),
  timestamp: z.string().max(64),
  amount: z.string().max(40),
  fee: looseText,
  currency: z.string().max(16),
  is_reversal: z.boolean().optional().catch(undefined),
  client_reference: looseText,
  checkout_api_session_id: looseText,
});
export type WaveLine = z.infer<typeof line>;

const page = z.object({
  page_info: z.object({ end_cursor: looseText, has_next_page: z.boolean() }),
  items: z.array(line).max(MAX_LINES),
});

/** One page of one day. */
export type LinesOfDay =
  | { readonly kind: 'lines'; readonly lines: readonly WaveLine[]; readonly after: string | null }
  /** `notSent` where the question itself could not be asked. */
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly retryAfterMs?: number;
      readonly notSent?: GatewayOutcome;
    };

const kinds: ReadonlyMap<string, GatewayTransaction['kind']> = new Map<string, GatewayTransaction['kind']>([
  ['api_checkout', 'charge'],
  ['api_checkout_refund', 'refund'],
  ['api_payout', 'payout'],
  ['api_payout_reversal', 'payout_return'],
]);

export class WaveBooks implements GatewayBooks {
  readonly covers = ['payment', 'refund', 'payout'] as const;

  constructor(private readonly http: GatewayHttpClient) {}

  /** The cursor is a day and Wave's own cursor within it. A page may be empty with more to follow. */
  async listTransactions(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewayTransaction>> {
    const [day = dayOf(query.from), after = ''] = (query.cursor ?? '').split(' ').filter((part) => part !== '');
    const listed = await this.linesOfDay(account, day, after === '' ? null : after, query.timeoutMs);
    if (listed.kind === 'failed') return failed(listed.code, listed.retryAfterMs);
    const items: GatewayTransaction[] = [];
    for (const each of listed.lines) {
      const kind = kinds.get(each.transaction_type);
      if (kind === undefined) continue;
      const item = toTransaction(each, kind, query);
      // Books with a line left out would show a difference that is none.
      if (item === undefined) return failed('unparsable_line');
      if (item.occurredAt >= query.from && item.occurredAt < query.to) items.push(item);
    }
    return { kind: 'page', items, next: listed.after === null ? dayAfter(day, query.to) : `${day} ${listed.after}` };
  }

  async linesOfDay(account: GatewayAccount, day: string, after: string | null, timeoutMs: number): Promise<LinesOfDay> {
    const path = `/v1/transactions?date=${day}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`;
    const called = await callWave(this.http, account, { method: 'GET', lane: 'books', path, timeoutMs });
    if (called.kind === 'outcome') return failedBy(called.outcome);
    if (called.answer.status !== 200) return failedBy(fromWaveError(called.answer), called.answer.retryAfterMs);
    const parsed = page.safeParse(parseJson(called.answer.body));
    if (!parsed.success) return { kind: 'failed', code: 'unparsable_answer' };
    const { has_next_page: hasNext, end_cursor: cursor } = parsed.data.page_info;
    // A page that says "more" without saying where, or where we already were, would be read for ever.
    if (hasNext && (cursor === undefined || cursor === '' || cursor === after || cursor.includes(' ')))
      return { kind: 'failed', code: 'unparsable_answer' };
    return { kind: 'lines', lines: parsed.data.items, after: hasNext ? (cursor ?? null) : null };
  }
}

function failedBy(outcome: GatewayOutcome, retryAfterMs?: number): LinesOfDay {
  return { ...failed(outcome.code, retryAfterMs), ...(outcome.kind === 'not_sent' ? { notSent: outcome } : {}) };
}

/** The date of a moment as Wave counts days: its markets in the franc zone keep Greenwich time. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** The following day, if there is any of it before `to`. */
export function dayAfter(day: string, to: Date): string | null {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS);
  return next < to ? dayOf(next) : null;
}

/** Amounts are signed as they change the wallet; what moved is the same without its sign. */
export function movedBy(each: WaveLine, asked: BooksQuery['currency']): bigint | undefined {
  return majorToMinor(each.amount.replace(/^-/, ''), exponentOfReported(each.currency, asked), 'down');
}

function toTransaction(
  each: WaveLine,
  kind: GatewayTransaction['kind'],
  { currency }: BooksQuery,
): GatewayTransaction | undefined {
  const amountMinor = movedBy(each, currency);
  const occurredAt = new Date(each.timestamp);
  if (amountMinor === undefined || Number.isNaN(occurredAt.getTime())) return undefined;
  const fee = each.fee?.replace(/^-/, '');
  return {
    kind: each.is_reversal === true && kind === 'payout' ? 'payout_return' : kind,
    id: each.transaction_id,
    // A refund's line carries the reference of the charge: Wave knows none of the refund's own.
    reference: kind === 'refund' ? null : (each.client_reference ?? null),
    status: 'succeeded',
    amountMinor,
    feeMinor: fee === undefined ? null : (majorToMinor(fee, exponentOfReported(each.currency, currency), 'up') ?? null),
    currency: each.currency,
    occurredAt,
  };
}
