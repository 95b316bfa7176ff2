import { DomainError } from '../../kernel/errors/domain-error.js';
import { page, type Page, type PageQuery } from '../../kernel/http/pagination.js';
import { decodeId, type IdKind } from '../../kernel/ids/ids.js';

/** Where a page begins, for Prisma: lists are newest first, by the time-ordered id. */
export interface ListWindow {
  readonly where: { readonly id?: { readonly lt: string } | { readonly gt: string } };
  readonly orderBy: { readonly id: 'asc' | 'desc' };
  readonly take: number;
}

/** @throws {DomainError} `request.invalid_parameter` when a cursor is no id of that kind, or both are given */
export function windowOf(query: PageQuery, kind: IdKind): ListWindow {
  const after = cursor(query, 'starting_after', kind);
  const before = cursor(query, 'ending_before', kind);
  if (after !== undefined && before !== undefined) throw invalid('ending_before', 'conflicts_with_starting_after');
  const take = query.limit + 1;
  // A page before an id is read oldest first, so that it ends right before that id.
  if (before !== undefined) return { where: { id: { gt: before } }, orderBy: { id: 'asc' }, take };
  return { where: after === undefined ? {} : { id: { lt: after } }, orderBy: { id: 'desc' }, take };
}

export function listed<Row, View>(query: PageQuery, rows: readonly Row[], view: (row: Row) => View): Page<View> {
  const read = page(rows, query.limit, view);
  return query.ending_before === undefined ? read : { ...read, data: read.data.toReversed() };
}

function cursor(query: PageQuery, name: 'starting_after' | 'ending_before', kind: IdKind): string | undefined {
  const id = query[name];
  if (id === undefined) return undefined;
  const uuid = decodeId(kind, id);
  if (uuid === undefined) throw invalid(name, 'invalid_id');
  return uuid;
}

function invalid(pointer: string, code: string): DomainError {
  return new DomainError('request.invalid_parameter', { errors: [{ pointer, code }] });
}
