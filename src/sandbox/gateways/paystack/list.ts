import type { Call } from '../../gateway.js';
import type { Recorded, Records } from '../../records.js';
import type { Transaction, Transactions } from '../../transactions.js';
import { pageNumber, type Answer } from '../../wire.js';
import { done, refuse } from './answers.js';
import { transactionData } from './bodies.js';
import { subunits } from './subunits.js';

/** Paystack's own default page. */
const PER_PAGE = 50;

/** So that one request stays bounded work. */
const MAX_PER_PAGE = 1_000;

const MAX_PAGES = 1_000_000;

/** `GET /transaction`; filters `from`, `to`, `status`, `amount`. */
export function readList(transactions: Transactions, call: Call): Answer {
  const status = call.request.query.get('status');
  const amount = call.request.query.get('amount');
  const wanted = (each: Transaction): boolean =>
    (status === null || transactionData(each)['status'] === status) &&
    (amount === null || String(subunits(each.requestedMinor, each.currency)) === amount);
  return pageOf(call, transactions, wanted, 'Transactions retrieved', transactionData);
}

/** One page of the account's records, by offset: `perPage`, `page`, and the filters `from` and `to`. */
export function pageOf<T extends Recorded & { readonly createdAt: number }>(
  call: Call,
  records: Records<T>,
  wanted: (record: T) => boolean,
  message: string,
  show: (record: T) => unknown,
): Answer {
  const { query } = call.request;
  const from = instant(query.get('from'), -Infinity);
  const to = instant(query.get('to'), Infinity);
  if (Number.isNaN(from) || Number.isNaN(to)) return refuse(400, 'Invalid date', 'validation_error', 'invalid_params');
  const within = (each: T): boolean => each.createdAt >= from && each.createdAt <= to && wanted(each);
  const perPage = pageNumber(query.get('perPage'), PER_PAGE, MAX_PER_PAGE);
  const page = pageNumber(query.get('page'), 1, MAX_PAGES);
  const { items, total } = records.page(call.account.name, within, page, perPage);
  const meta = { total, skipped: (page - 1) * perPage, perPage, page, pageCount: Math.ceil(total / perPage) };
  return done(message, items.map(show), meta);
}

function instant(value: string | null, fallback: number): number {
  return value === null ? fallback : Date.parse(value);
}
