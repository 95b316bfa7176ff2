import type { Call } from '../../gateway.js';
import type { Transaction, Transactions } from '../../transactions.js';
import { pageNumber, type Answer } from '../../wire.js';
import { done, refuse } from './answers.js';
import { subunits, transactionData } from './bodies.js';

/** Paystack's own default page. */
const PER_PAGE = 50;

/** So that one request stays bounded work. */
const MAX_PER_PAGE = 1_000;

const MAX_PAGES = 1_000_000;

/** `GET /transaction` with offset pages; filters `from`, `to`, `status`, `amount`. */
export function readList(transactions: Transactions, call: Call): Answer {
  const { query } = call.request;
  const from = instant(query.get('from'), -Infinity);
  const to = instant(query.get('to'), Infinity);
  if (Number.isNaN(from) || Number.isNaN(to)) return refuse(400, 'Invalid date', 'validation_error', 'invalid_params');
  const status = query.get('status');
  const amount = query.get('amount');
  const wanted = (each: Transaction): boolean =>
    each.createdAt >= from &&
    each.createdAt <= to &&
    (status === null || transactionData(each)['status'] === status) &&
    (amount === null || String(subunits(each.requestedMinor, each.currency)) === amount);
  const perPage = pageNumber(query.get('perPage'), PER_PAGE, MAX_PER_PAGE);
  const page = pageNumber(query.get('page'), 1, MAX_PAGES);
  const { items, total } = transactions.page(call.account.name, wanted, page, perPage);
  const meta = { total, skipped: (page - 1) * perPage, perPage, page, pageCount: Math.ceil(total / perPage) };
  return done('Transactions retrieved', items.map(transactionData), meta);
}

function instant(value: string | null, fallback: number): number {
  return value === null ? fallback : Date.parse(value);
}
