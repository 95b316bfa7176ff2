import type { Call } from '../../gateway.js';
import type { Recorded, Records } from '../../records.js';
import type { Transaction, Transactions } from '../../transactions.js';
import { pageNumber, type Answer } from '../../wire.js';
import { done, refuse } from './answers.js';
import { isThere, statusWord, transactionData } from './bodies.js';
import { readDays } from './dates.js';

/** The gateway's own page; it cannot be changed by the caller. */
const PER_PAGE = 100;

const MAX_PAGES = 1_000_000;

/** `GET /v3/transactions`; filters `from` and `to` (days), `tx_ref`, `status`. */
export function readList(transactions: Transactions, call: Call): Answer {
  const { query } = call.request;
  const [status, txRef] = [query.get('status'), query.get('tx_ref')];
  const wanted = (each: Transaction): boolean =>
    isThere(each) && (status === null || statusWord(each) === status) && (txRef === null || each.reference === txRef);
  return recordsPage(call, transactions, wanted, 'Transactions fetched', transactionData);
}

/** One page of the account's records, with the filters `from` and `to`. */
export function recordsPage<T extends Recorded & { readonly createdAt: number }>(
  call: Call,
  records: Records<T>,
  wanted: (record: T) => boolean,
  message: string,
  show: (record: T) => unknown,
): Answer {
  const { query } = call.request;
  const isWithin = readDays(query);
  if (isWithin === undefined) return refuse(400, 'from and to must be dates like 2026-01-31');
  const page = pageNumber(query.get('page'), 1, MAX_PAGES);
  const matches = (each: T): boolean => isWithin(each.createdAt) && wanted(each);
  const { items, total } = records.page(call.account.name, matches, page, PER_PAGE);
  const info = { total, current_page: page, total_pages: Math.ceil(total / PER_PAGE) };
  return done(message, items.map(show), { page_info: info });
}
