/** Paystack's own books (PROVIDERS 1.7): transactions, settlements and what a settlement is made of, in pages with a number. */
import { z } from 'zod';
import type { Currency } from '../../../../kernel/money/money.js';
import { creditedToUs, exponentOfReported } from '../amounts.js';
import { dateOf } from '../dates.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { BooksQuery, GatewayBooks, GatewaySettlement, GatewayTransaction, Page } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { parseJson } from '../outcomes.js';
import { answered, failed, isFailed, pageNumber, readLines, type Failed } from '../pages.js';
import { looseId, looseText } from '../webhook-hints.js';
import { fromSubunits, subunits } from './paystack.amounts.js';
import type { PaystackCalls } from './paystack.calls.js';
import { PAYSTACK_LINE_STATUSES, PAYSTACK_SETTLEMENT_STATUSES } from './paystack.codes.js';

/** Paystack's own page size. Transactions come with card, customer and log, up to some 4 KB each: more would outgrow what we read of an answer. */
const PAGE_SIZE = 50;
/** Lines per page, with room for a gateway that gives more than it was asked for. */
const MAX_LINES = 500;

const line = z.object({
  id: looseId,
  status: z.string(),
  reference: looseText,
  amount: subunits,
  requested_amount: subunits.nullish(),
  fees: subunits.nullish(),
  currency: z.string().length(3),
  created_at: looseText,
  createdAt: looseText,
});
type Line = z.infer<typeof line>;

const settlement = z.object({
  id: looseId,
  status: z.string(),
  currency: z.string().length(3),
  total_processed: subunits,
  total_fees: subunits,
  effective_amount: subunits,
  settlement_date: looseText,
});
type Settlement = z.infer<typeof settlement>;

/** Paystack writes the page size as text at times. */
const pageMeta = z.object({ page: z.coerce.number().int(), pageCount: z.coerce.number().int() });

export class PaystackBooks implements GatewayBooks {
  readonly covers = ['payment'] as const;

  constructor(private readonly calls: PaystackCalls) {}

  async listTransactions(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewayTransaction>> {
    const page = await this.page(account, '/transaction', query, query);
    return page.kind === 'failed' ? page : readTransactionPage(page.answer, query.currency, query.to);
  }

  async listSettlements(account: GatewayAccount, query: BooksQuery): Promise<Page<GatewaySettlement>> {
    const page = await this.page(account, '/settlement', query, query);
    return page.kind === 'failed' ? page : readSettlementPage(page.answer, query.currency);
  }

  async listSettled(
    account: GatewayAccount,
    settlementId: string,
    query: Pick<BooksQuery, 'cursor' | 'currency' | 'timeoutMs'>,
  ): Promise<Page<GatewayTransaction>> {
    if (!/^\d{1,20}$/.test(settlementId)) return failed('invalid_settlement_id');
    const page = await this.page(account, `/settlement/${settlementId}/transactions`, query, {});
    return page.kind === 'failed' ? page : readTransactionPage(page.answer, query.currency, null);
  }

  private async page(
    account: GatewayAccount,
    path: string,
    query: Pick<BooksQuery, 'cursor' | 'timeoutMs'>,
    window: Partial<Pick<BooksQuery, 'from' | 'to'>>,
  ): Promise<{ readonly kind: 'answer'; readonly answer: HttpAnswer } | Failed> {
    const number = pageNumber(query.cursor);
    if (number === undefined) return failed('invalid_cursor');
    const parameters = new URLSearchParams({ perPage: String(PAGE_SIZE), page: String(number) });
    if (window.from !== undefined) parameters.set('from', window.from.toISOString());
    if (window.to !== undefined) parameters.set('to', window.to.toISOString());
    return answered(await this.calls.getBooks(account, `${path}?${parameters.toString()}`, query.timeoutMs));
  }
}

/**
 * A page of transactions. Whether Paystack's `to` is inclusive is not said, so what begins at or after it is left to the next window. What
 * seems too early is kept: the answer's filter may go by another of the line's times, and a line twice is better than a line lost.
 */
export function readTransactionPage(
  answer: HttpAnswer,
  asked: Currency,
  before: Date | null,
): Page<GatewayTransaction> {
  const read = readPage(answer, line, (one) => transactionOf(one, asked));
  if (read.kind === 'failed' || before === null) return read;
  return { ...read, items: read.items.filter(({ occurredAt }) => occurredAt < before) };
}

/** A page of settlements. It is not filtered again: they are found by dates that the answer need not show, and one that comes twice has its id. */
export function readSettlementPage(answer: HttpAnswer, asked: Currency): Page<GatewaySettlement> {
  return readPage(answer, settlement, (one) => settlementOf(one, asked));
}

function readPage<Schema extends z.ZodType, Item>(
  answer: HttpAnswer,
  schema: Schema,
  read: (one: z.infer<Schema>) => Item | Failed,
): Page<Item> {
  const parsed = z
    .object({ status: z.literal(true), data: z.array(schema).max(MAX_LINES), meta: z.unknown().optional() })
    .safeParse(parseJson(answer.body));
  if (!parsed.success) return failed('unparsable_answer');
  const items = readLines(parsed.data.data, read);
  if (isFailed(items)) return items;
  const meta = pageMeta.safeParse(parsed.data.meta);
  // Without the count of pages we could not tell whether this was the last.
  if (!meta.success) return failed('unparsable_answer');
  return { kind: 'page', items, next: meta.data.page < meta.data.pageCount ? String(meta.data.page + 1) : null };
}

function transactionOf(one: Line, asked: Currency): GatewayTransaction | Failed {
  const status = PAYSTACK_LINE_STATUSES.get(one.status);
  if (status === undefined) return failed('unlisted_status');
  const exponent = exponentOfReported(one.currency, asked);
  const paid = fromSubunits(one.amount, exponent, 'down');
  // The time of creation, not of payment: a line must not change its place while the books are read.
  const occurredAt = dateOf(one.created_at ?? one.createdAt);
  if (one.id === undefined || paid === undefined || occurredAt === undefined) return failed('unparsable_answer');
  const minor = (value: Line['fees'], rounding: 'down' | 'up'): bigint | undefined =>
    value === undefined || value === null ? undefined : fromSubunits(value, exponent, rounding);
  const credited = creditedToUs({ requested: minor(one.requested_amount, 'down'), paid, fees: minor(one.fees, 'up') });
  return {
    kind: 'charge',
    id: one.id,
    reference: one.reference ?? null,
    status,
    ...credited,
    currency: one.currency,
    occurredAt,
  };
}

/** What was processed, less fees, less deductions (refunds, chargebacks), is what reaches the bank. */
function settlementOf(one: Settlement, asked: Currency): GatewaySettlement | Failed {
  const status = PAYSTACK_SETTLEMENT_STATUSES.get(one.status);
  if (status === undefined) return failed('unlisted_status');
  const exponent = exponentOfReported(one.currency, asked);
  const grossMinor = fromSubunits(one.total_processed, exponent, 'down');
  const feesMinor = fromSubunits(one.total_fees, exponent, 'up');
  const netMinor = fromSubunits(one.effective_amount, exponent, 'down');
  if (one.id === undefined || grossMinor === undefined || feesMinor === undefined || netMinor === undefined)
    return failed('unparsable_answer');
  const settledAt = status === 'settled' ? (dateOf(one.settlement_date) ?? null) : null;
  return {
    id: one.id,
    status,
    currency: one.currency,
    grossMinor,
    feesMinor,
    netMinor,
    settledAt,
    bankReference: null,
  };
}
