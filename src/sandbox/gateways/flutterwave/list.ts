import type { Call } from '../../gateway.js';
import type { Transaction, Transactions } from '../../transactions.js';
import { pageNumber, type Answer } from '../../wire.js';
import { done, refuse } from './answers.js';
import { statusWord, transactionData } from './bodies.js';

/** The gateway's own page; it cannot be changed by the caller. */
const PER_PAGE = 100;

const MAX_PAGES = 1_000_000;

/** A day, so that `to=2026-01-31` includes that day. Milliseconds. */
const DAY_MS = 86_400_000;

/** `GET /v3/transactions`; filters `from` and `to` (days), `tx_ref`, `status`. */
export function readList(transactions: Transactions, call: Call): Answer {
  const { query } = call.request;
  const from = day(query.get('from'), -Infinity);
  const to = day(query.get('to'), Infinity) + DAY_MS;
  if (Number.isNaN(from) || Number.isNaN(to)) return refuse(400, 'from and to must be dates like 2026-01-31');
  const status = query.get('status');
  const txRef = query.get('tx_ref');
  const wanted = (each: Transaction): boolean =>
    each.status !== 'invited' &&
    each.createdAt >= from &&
    each.createdAt < to &&
    (status === null || statusWord(each) === status) &&
    (txRef === null || each.reference === txRef);
  const page = pageNumber(query.get('page'), 1, MAX_PAGES);
  const { items, total } = transactions.page(call.account.name, wanted, page, PER_PAGE);
  const info = { total, current_page: page, total_pages: Math.ceil(total / PER_PAGE) };
  return done('Transactions fetched', items.map(transactionData), { page_info: info });
}

function day(value: string | null, fallback: number): number {
  if (value === null) return fallback;
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : Number.NaN;
}
