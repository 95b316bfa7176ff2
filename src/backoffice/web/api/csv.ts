/** Exports: all pages of an answer in CSV as one file. */

import { given } from './client.js';

/** Some hundred megabytes: beyond that a browser is not the place, and the file says nothing of what is missing. */
const MAX_PAGES = 100;

/** What a list is asked for besides its filter, for the page of CSV after the given row. */
export const csvAfter = (after: string | undefined) => ({
  format: 'csv' as const,
  ...given({ starting_after: after }),
});

interface CsvAnswer {
  readonly data: unknown;
  readonly response: Response;
}

/**
 * @param ask for the page after the given one
 * @param name of the file, without its ending
 * @param onPage is told how many pages have come
 * @returns whether it is all there
 */
export async function downloadCsv(
  ask: (after: string | undefined) => Promise<CsvAnswer>,
  name: string,
  onPage: (pages: number) => void,
): Promise<boolean> {
  const parts: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, response } = await ask(after);
    const text = String(data);
    // Every page begins with the names of the columns.
    parts.push(page === 0 ? text : text.slice(text.indexOf('\n') + 1));
    after = nextOf(response.headers.get('link'));
    onPage(page + 1);
    if (after === undefined) break;
  }
  save(new Blob(parts, { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
  return after === undefined;
}

/** The cursor of a `Link: <...>; rel="next"`. */
function nextOf(link: string | null): string | undefined {
  const [, target] = /<([^>]+)>;\s*rel="next"/.exec(link ?? '') ?? [];
  if (target === undefined) return undefined;
  return new URL(target, window.location.origin).searchParams.get('starting_after') ?? undefined;
}

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = Object.assign(document.createElement('a'), { href: url, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  URL.revokeObjectURL(url);
}
