/** Reading the lines of Flutterwave's books (PROVIDERS 2.7). */
import { z } from 'zod';
import { exponentOf, type Currency } from '../../../../kernel/money/money.js';
import { creditedToUs, exponentOfReported, majorToMinor, type WireAmount } from '../amounts.js';
import { dateOf } from '../dates.js';
import type { BooksQuery, GatewaySettlement, GatewayTransaction, Page } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { parseJson } from '../outcomes.js';
import { failed, isFailed, readLines, type Failed } from '../pages.js';
import { looseId, looseText } from '../webhook-hints.js';
import { FLUTTERWAVE_LINE_STATUSES, FLUTTERWAVE_SETTLEMENT_STATUSES, refundStatus } from './flutterwave.codes.js';
import { nextPage } from './flutterwave.envelope.js';

/** Lines per page; published samples have ten to twenty. */
const MAX_LINES = 500;
/** Transactions that a settlement may name: a day's takings of a large merchant, and still read from one answer of 256 KB. */
const MAX_SETTLED = 20_000;

const money = z.union([z.number(), z.string().max(40)]);

const line = z.object({
  id: looseId,
  tx_ref: looseText,
  status: z.string(),
  amount: money,
  charged_amount: money.nullish(),
  app_fee: money.nullish(),
  currency: z.string().length(3),
  created_at: looseText,
});
type Line = z.infer<typeof line>;

const refundLine = z.object({
  id: looseId,
  status: z.string(),
  amount_refunded: money,
  comments: looseText,
  created_at: looseText,
});

const settlement = z.object({
  id: looseId,
  status: z.string(),
  currency: z.string().length(3),
  gross_amount: money,
  app_fee: money,
  merchant_fee: money.nullish(),
  stampduty_charge: money.nullish(),
  net_amount: money,
  due_date: looseText,
  processed_date: looseText,
  disburse_ref: looseText,
});
type Settlement = z.infer<typeof settlement>;

/** An array, or the same as text: the list and the single settlement differ in the published samples. */
const ids = z.preprocess(
  (value) => (typeof value === 'string' ? parseJson(Buffer.from(value)) : value),
  z
    .array(z.union([z.number().refine(Number.isSafeInteger).transform(String), z.string().regex(/^\d{1,20}$/)]))
    .max(MAX_SETTLED),
);
const settled = z.object({
  status: z.literal('success'),
  data: z.object({ transaction_count: z.coerce.number().int(), meta: ids, refund_meta: ids.nullish() }),
});

/** Something that a settlement is made of. */
export interface SettledId {
  readonly kind: 'charge' | 'refund';
  readonly id: string;
}

/** A page of transactions, cut to the window: it was asked for in whole days. */
export function readTransactionPage(
  answer: HttpAnswer,
  query: Pick<BooksQuery, 'from' | 'to' | 'currency'>,
): Page<GatewayTransaction> {
  const read = readPage(answer, line, (one) => chargeOf(one, query.currency));
  if (read.kind === 'failed') return read;
  return {
    ...read,
    items: read.items.filter(({ occurredAt }) => occurredAt >= query.from && occurredAt < query.to),
  };
}

/** A page of settlements. It is not filtered again: by which of their dates they are found is not said, and one that comes twice has its id. */
export function readSettlementPage(answer: HttpAnswer, asked: Currency): Page<GatewaySettlement> {
  return readPage(answer, settlement, (one) => settlementOf(one, asked));
}

/** What a settlement is made of. One that names fewer transactions than it counts is not whole. */
export function readSettledIds(answer: HttpAnswer): readonly SettledId[] | Failed {
  const parsed = settled.safeParse(parseJson(answer.body));
  if (!parsed.success) return failed('unparsable_answer');
  const { meta, refund_meta: refunds, transaction_count: count } = parsed.data.data;
  if (meta.length !== count) return failed('settlement_incomplete');
  return [
    ...meta.map((id) => ({ kind: 'charge', id }) as const),
    ...(refunds ?? []).map((id) => ({ kind: 'refund', id }) as const),
  ];
}

/** One line, as the answer to a question about its id. */
export function readTransactionLine(
  answer: HttpAnswer,
  kind: SettledId['kind'],
  asked: Currency,
): GatewayTransaction | Failed {
  const json = parseJson(answer.body);
  if (kind === 'charge') {
    const parsed = z.object({ status: z.literal('success'), data: line }).safeParse(json);
    return parsed.success ? chargeOf(parsed.data.data, asked) : failed('unparsable_answer');
  }
  const parsed = z.object({ status: z.literal('success'), data: refundLine }).safeParse(json);
  return parsed.success ? refundOf(parsed.data.data, asked) : failed('unparsable_answer');
}

function readPage<Schema extends z.ZodType, Item>(
  answer: HttpAnswer,
  schema: Schema,
  read: (one: z.infer<Schema>) => Item | Failed,
): Page<Item> {
  const json = parseJson(answer.body);
  const parsed = z.object({ status: z.literal('success'), data: z.array(schema).max(MAX_LINES) }).safeParse(json);
  const next = nextPage(json);
  // Without the count of pages we could not tell whether this was the last.
  if (!parsed.success || next === undefined) return failed('unparsable_answer');
  const items = readLines(parsed.data.data, read);
  return isFailed(items) ? items : { kind: 'page', items, next: next === null ? null : String(next) };
}

function chargeOf(one: Line, asked: Currency): GatewayTransaction | Failed {
  const status = FLUTTERWAVE_LINE_STATUSES.get(one.status);
  if (status === undefined) return failed('unlisted_status');
  const exponent = exponentOfReported(one.currency, asked);
  const requested = majorToMinor(one.amount, exponent, 'down');
  const paid = majorToMinor(one.charged_amount ?? one.amount, exponent, 'down');
  const fees = optionalFee(one.app_fee, exponent);
  const occurredAt = dateOf(one.created_at);
  if (
    one.id === undefined ||
    requested === undefined ||
    paid === undefined ||
    isFailed(fees) ||
    occurredAt === undefined
  )
    return failed('unparsable_answer');
  return {
    kind: 'charge',
    id: one.id,
    reference: one.tx_ref ?? null,
    status,
    ...creditedToUs({ requested, paid, fees }),
    currency: one.currency,
    occurredAt,
  };
}

/** A refund names no currency: it is that of the settlement which it was taken from. */
function refundOf(one: z.infer<typeof refundLine>, asked: Currency): GatewayTransaction | Failed {
  const status = refundStatus(one.status);
  if (status === undefined) return failed('unlisted_status');
  const amountMinor = majorToMinor(one.amount_refunded, exponentOf(asked), 'down');
  const occurredAt = dateOf(one.created_at);
  if (one.id === undefined || amountMinor === undefined || occurredAt === undefined) return failed('unparsable_answer');
  const reference = one.comments ?? null;
  return { kind: 'refund', id: one.id, reference, status, amountMinor, feeMinor: null, currency: asked, occurredAt };
}

/** Gross, less fees, less chargebacks and refunds, is what reaches the bank. */
function settlementOf(one: Settlement, asked: Currency): GatewaySettlement | Failed {
  const status = FLUTTERWAVE_SETTLEMENT_STATUSES.get(one.status);
  if (status === undefined) return failed('unlisted_status');
  const exponent = exponentOfReported(one.currency, asked);
  const grossMinor = majorToMinor(one.gross_amount, exponent, 'down');
  const netMinor = majorToMinor(one.net_amount, exponent, 'down');
  let feesMinor = 0n;
  for (const part of [one.app_fee, one.merchant_fee, one.stampduty_charge]) {
    const fee = optionalFee(part, exponent);
    if (isFailed(fee)) return fee;
    feesMinor += fee ?? 0n;
  }
  if (one.id === undefined || grossMinor === undefined || netMinor === undefined) return failed('unparsable_answer');
  const bankReference = one.disburse_ref === undefined || one.disburse_ref === '' ? null : one.disburse_ref;
  const settledAt = status === 'settled' ? (dateOf(one.processed_date) ?? dateOf(one.due_date) ?? null) : null;
  return { id: one.id, status, currency: one.currency, grossMinor, feesMinor, netMinor, settledAt, bankReference };
}

/** A fee that is not there is not known; one that cannot be read fails its line. */
function optionalFee(value: WireAmount | null | undefined, exponent: number): bigint | undefined | Failed {
  if (value === undefined || value === null) return undefined;
  return majorToMinor(value, exponent, 'up') ?? failed('unparsable_answer');
}
