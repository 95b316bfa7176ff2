import { DomainError } from '../../kernel/errors/domain-error.js';
import { page, type Page, type PageQuery } from '../../kernel/http/pagination.js';
import type { Window } from './accounts/accounts.store.js';

/**
 * Where a page begins.
 * @param decode gives undefined for what is no cursor of this list
 * @throws {DomainError} `request.invalid_parameter` when a cursor is malformed, or both are given
 */
export function windowOf<Cursor>(query: PageQuery, decode: (id: string) => Cursor | undefined): Window<Cursor> {
  const after = cursor(query, 'starting_after', decode);
  const before = cursor(query, 'ending_before', decode);
  if (after !== undefined && before !== undefined) throw invalid('ending_before', 'conflicts_with_starting_after');
  // One more than is shown tells whether there are more.
  return {
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    take: query.limit + 1,
  };
}

/** Pages before a cursor are read oldest first, so that they end right before it, and shown newest first like all. */
export function listed<Row, View>(query: PageQuery, rows: readonly Row[], view: (row: Row) => View): Page<View> {
  const read = page(rows, query.limit, view);
  return query.ending_before === undefined ? read : { ...read, data: read.data.toReversed() };
}

function cursor<Cursor>(
  query: PageQuery,
  name: 'starting_after' | 'ending_before',
  decode: (id: string) => Cursor | undefined,
): Cursor | undefined {
  const id = query[name];
  if (id === undefined) return undefined;
  const decoded = decode(id);
  if (decoded === undefined) throw invalid(name, 'invalid_id');
  return decoded;
}

function invalid(pointer: string, code: string): DomainError {
  return new DomainError('request.invalid_parameter', { errors: [{ pointer, code }] });
}
