import type { Call, Reply } from '../../gateway.js';
import type { Transaction } from '../../transactions.js';
import { pageNumber, type Answer, type JsonObject } from '../../wire.js';
import type { Office } from '../world.js';
import { done, refuse } from './answers.js';
import { statusWord, timestamp, transactionBody } from './bodies.js';
import { transactionReference } from './references.js';

const SIZE = 10;

/** So that one request stays bounded work. */
const MAX_SIZE = 1_000;

const MAX_PAGES = 1_000_000;

/** One page of anything; pages are counted from 0 on the wire, and from 1 in the books. */
export function pageOf<T>(
  call: Call,
  read: (page: number, size: number) => { items: T[]; total: number },
  show: (item: T) => JsonObject,
): Answer {
  const { query } = call.request;
  const size = pageNumber(query.get('size'), SIZE, MAX_SIZE);
  const given = query.get('page') ?? '0';
  const page = /^\d{1,6}$/.test(given) ? Math.min(Number(given), MAX_PAGES) : 0;
  const { items, total } = read(page + 1, size);
  const totalPages = Math.ceil(total / size);
  return done({
    content: items.map(show),
    totalElements: total,
    totalPages,
    number: page,
    size,
    numberOfElements: items.length,
    first: page === 0,
    last: page + 1 >= totalPages,
    empty: items.length === 0,
  });
}

/** `GET /api/v1/transactions/search`, newest first; `from` and `to` are milliseconds since the epoch. */
export function searchTransactions({ transactions }: Office, call: Call): Reply {
  const { query } = call.request;
  const from = instant(query.get('from'), -Infinity);
  const to = instant(query.get('to'), Infinity);
  if (Number.isNaN(from) || Number.isNaN(to)) return { answer: refuse(400, 'from and to must be milliseconds') };
  const ours = query.get('paymentReference');
  const theirs = query.get('transactionReference');
  const status = query.get('paymentStatus');
  const wanted = (each: Transaction): boolean =>
    each.createdAt >= from &&
    each.createdAt <= to &&
    (ours === null || each.reference === ours) &&
    (theirs === null || transactionReference(each) === theirs) &&
    (status === null || statusWord(each) === status);
  const read = (page: number, size: number): { items: Transaction[]; total: number } =>
    transactions.page(call.account.name, wanted, page, size);
  return {
    answer: pageOf(call, read, (each) => ({ ...transactionBody(each), createdOn: timestamp(each.createdAt) })),
  };
}

function instant(value: string | null, fallback: number): number {
  if (value === null) return fallback;
  return /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
}
