/**
 * Monnify's list of collections (PROVIDERS 4.7). Settlements are pushed as webhooks, not listed; refunds and payouts have lists of their
 * own that are not needed, as each is asked for by its reference.
 */
import { z } from 'zod';
import { exponentOfReported, majorToMinor } from '../amounts.js';
import type { GatewayAccount } from '../gateway-outcome.js';
import type { BooksQuery, GatewayBooks, GatewayTransaction, Page } from '../gateway-parts.js';
import { failed } from '../pages.js';
import { looseText } from '../webhook-hints.js';
import { monnifyAmount, monnifyTransaction } from './monnify.answers.js';
import { bodyIn, fromMonnifyError, type MonnifyCalls } from './monnify.calls.js';
import { MONNIFY_OTHER_AMOUNT, MONNIFY_REFUSALS } from './monnify.codes.js';
import { monnifyTime } from './monnify.times.js';

const PAGE_SIZE = 100;
/** A page number beyond it is nothing that we wrote. */
const MAX_PAGE = 1_000_000;

const time = z
  .union([z.string().max(64), z.number()])
  .optional()
  .catch(undefined);
const line = monnifyTransaction.extend({
  amount: monnifyAmount,
  currencyCode: looseText,
  paidOn: time,
  completedOn: time,
  createdOn: time,
});
type Line = z.infer<typeof line>;
const page = z.object({ content: z.array(line).max(PAGE_SIZE * 10), last: z.boolean() });

export class MonnifyBooks implements GatewayBooks {
  readonly covers = ['payment'] as const;

  constructor(private readonly calls: MonnifyCalls) {}

  async listTransactions(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewayTransaction>> {
    const number = query.cursor === null ? 0 : Number(query.cursor);
    if (!Number.isSafeInteger(number) || number < 0 || number > MAX_PAGE) return failed('invalid_cursor');
    // Its `to` is taken to be inclusive, ours is not.
    const range = `from=${query.from.getTime()}&to=${query.to.getTime() - 1}`;
    const path = `/api/v1/transactions/search?page=${number}&size=${PAGE_SIZE}&${range}`;
    const called = await this.calls.call(account, { method: 'GET', lane: 'books', path, timeoutMs: query.timeoutMs });
    if (called.kind === 'outcome') return failed(called.outcome.code);
    const body = bodyIn(called.answer);
    if (body === undefined) return failed(fromMonnifyError(called.answer, false).code, called.answer.retryAfterMs);
    const parsed = page.safeParse(body);
    if (!parsed.success) return failed('unparsable_answer');
    const items: GatewayTransaction[] = [];
    for (const each of parsed.data.content) {
      const item = toTransaction(each, query);
      // Books with a line left out would show a difference that is none.
      if (item === undefined) return failed('unparsable_line');
      items.push(item);
    }
    const isLast = parsed.data.last || parsed.data.content.length === 0;
    return { kind: 'page', items, next: isLast ? null : String(number + 1) };
  }
}

function toTransaction(each: Line, { currency: asked }: BooksQuery): GatewayTransaction | undefined {
  const status = statusOf(each.paymentStatus);
  const occurredAt = monnifyTime(each.paidOn ?? each.completedOn ?? each.createdOn);
  const currency = each.currency ?? each.currencyCode ?? asked;
  const exponent = exponentOfReported(currency, asked);
  // Where nothing was paid, what was to be paid.
  const figure =
    status === 'succeeded' || status === 'reversed' ? each.amountPaid : (each.amountPaid ?? each.totalPayable);
  const amountMinor = majorToMinor(figure ?? each.amount ?? '', exponent, 'down');
  if (status === undefined || occurredAt === undefined || amountMinor === undefined) return undefined;
  if (each.transactionReference === undefined) return undefined;
  const settled =
    each.settlementAmount === undefined ? undefined : majorToMinor(each.settlementAmount, exponent, 'down');
  const isSettled = status === 'succeeded' && settled !== undefined && settled <= amountMinor;
  return {
    kind: 'charge',
    id: each.transactionReference,
    reference: each.paymentReference ?? null,
    status,
    amountMinor,
    feeMinor: isSettled ? amountMinor - settled : null,
    currency,
    occurredAt,
  };
}

function statusOf(status: string): GatewayTransaction['status'] | undefined {
  if (status === 'PAID' || MONNIFY_OTHER_AMOUNT.has(status)) return 'succeeded';
  if (status === 'PENDING') return 'pending';
  if (status === 'REVERSED' || status === 'REFUNDED') return 'reversed';
  return MONNIFY_REFUSALS.has(status) ? 'failed' : undefined;
}
