/** What the lists of this module have in common. */
import { DomainError } from '../../kernel/errors/domain-error.js';
import { idParameter } from '../../kernel/http/id-parameter.js';
import { page, type Page } from '../../kernel/http/pagination.js';
import type { IdKind } from '../../kernel/ids/ids.js';

/** Rows come newest first; before a cursor the surplus one, which says that there are more, is the newest. */
export function pageOf<Row, Shown>(
  rows: readonly Row[],
  query: {
    readonly limit: number;
    readonly starting_after?: string | undefined;
    readonly ending_before?: string | undefined;
  },
  shown: (row: Row) => Shown,
): Page<Shown> {
  const isBackwards = query.starting_after === undefined && query.ending_before !== undefined;
  const found = page(isBackwards ? rows.toReversed() : rows, query.limit, shown);
  return isBackwards ? { ...found, data: found.data.toReversed() } : found;
}

/**
 * As the stores take it: null where nothing was asked for.
 * @throws {DomainError} `request.invalid_parameter`
 */
export const uuidOf = (kind: IdKind, parameter: string, id: string | undefined): string | null =>
  idParameter(kind, parameter, id) ?? null;

export function invalidParameter(pointer: string, code: string, detail?: string): DomainError {
  return new DomainError('request.invalid_parameter', {
    errors: [{ pointer, code, ...(detail === undefined ? {} : { detail }) }],
  });
}
