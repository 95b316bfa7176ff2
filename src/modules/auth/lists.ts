/** Lists of auth: newest first, a page before or after an id. */
import { DomainError } from '../../kernel/errors/domain-error.js';
import { page, type Page, type PageQuery } from '../../kernel/http/pagination.js';
import { decodeId, type IdKind } from '../../kernel/ids/ids.js';

/** Where a list goes on: rows older than `after`, or newer than `before`; both are ids. */
export interface ListCursor {
  /** Rows wanted, plus one that tells whether there are more. */
  readonly take: number;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

export function cursorOf(query: PageQuery, kind: IdKind): ListCursor {
  const uuidOf = (name: 'starting_after' | 'ending_before'): string | undefined => {
    const id = query[name];
    if (id === undefined) return undefined;
    const uuid = decodeId(kind, id);
    if (uuid === undefined) {
      throw new DomainError('request.invalid_parameter', { errors: [{ pointer: name, code: 'invalid_id' }] });
    }
    return uuid;
  };
  if (query.starting_after !== undefined && query.ending_before !== undefined) {
    const error = { pointer: 'ending_before', code: 'conflicts_with_starting_after' };
    throw new DomainError('request.invalid_parameter', { errors: [error] });
  }
  return { take: query.limit + 1, after: uuidOf('starting_after'), before: uuidOf('ending_before') };
}

/** Lists are newest first; a page before an id is read oldest first, so that it ends right before that id. */
export function listed<Row, View>(query: PageQuery, rows: readonly Row[], view: (row: Row) => View): Page<View> {
  const read = page(rows, query.limit, view);
  return query.ending_before === undefined ? read : { ...read, data: read.data.toReversed() };
}

/** Ids are UUIDv7, so their order is the order of creation. */
export function idRange(cursor: ListCursor): { id?: { lt?: string; gt?: string } } {
  if (cursor.before !== undefined) return { id: { gt: cursor.before } };
  return cursor.after === undefined ? {} : { id: { lt: cursor.after } };
}

export function orderOf(cursor: ListCursor): 'asc' | 'desc' {
  return cursor.before === undefined ? 'desc' : 'asc';
}
