/** Pages of a gateway's books. A page is whole or it is `failed`: a line left out would look like money that is missing. */
import type { Page } from './gateway-parts.js';
import type { HttpAnswer, HttpResult } from './http-client.js';

export type Failed = Extract<Page<never>, { kind: 'failed' }>;

/** Cursors that are page numbers; a gateway is not asked for anything else. */
const PAGE_NUMBER = /^[1-9]\d{0,5}$/;

export function failed(code: string, retryAfterMs?: number): Failed {
  return { kind: 'failed', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** The number of the page that a cursor means: the first without one; undefined for one that we never gave. */
export function pageNumber(cursor: string | null): number | undefined {
  if (cursor === null) return 1;
  return PAGE_NUMBER.test(cursor) ? Number(cursor) : undefined;
}

/** An answer of 200, or why there is none. */
export function answered(result: HttpResult): { readonly kind: 'answer'; readonly answer: HttpAnswer } | Failed {
  if (result.kind !== 'answered') return failed(result.code);
  if (result.status === 200) return { kind: 'answer', answer: result };
  return failed(result.status === 429 ? 'rate_limited' : `http_${result.status}`, result.retryAfterMs);
}

/** Converts every line of a page; one that cannot be read fails it. */
export function readLines<Line, Item>(
  lines: readonly Line[],
  read: (line: Line) => Item | Failed,
): readonly Item[] | Failed {
  const items: Item[] = [];
  for (const line of lines) {
    const item = read(line);
    if (isFailed(item)) return item;
    items.push(item);
  }
  return items;
}

export function isFailed(value: unknown): value is Failed {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'failed';
}
