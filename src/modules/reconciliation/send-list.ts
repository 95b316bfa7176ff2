/** Lists of this module as JSON, or as CSV: the same rows, and a `Link` to the next of them. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { announceCsv, listFormatOf, type CsvListQuery } from '../../kernel/http/csv-lists.js';
import { pathOf } from '../../kernel/http/problem-document.js';
import { encodeId, type IdKind } from '../../kernel/ids/ids.js';
import { writeCsv, type CsvValue } from './files/index.js';
import { pageOf } from './list-parts.js';

interface List<Row> {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly kind: IdKind;
  readonly columns: readonly string[];
  /** In the order of {@link columns}: one line, or several where it says several things. */
  readonly lines: (row: Row) => Iterable<readonly CsvValue[]>;
  readonly shown: (row: Row) => unknown;
  /** One more than a page has says that there are more. */
  readonly read: (limit: number) => Promise<readonly Row[]>;
}

type ListQuery = Pick<CsvListQuery, 'limit' | 'format' | 'starting_after'> & { readonly ending_before?: string };

/** @throws {DomainError} `request.invalid_parameter` for more than a page of JSON holds */
export async function sendList<Row extends { readonly id: string }>(
  list: List<Row>,
  query: ListQuery,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { isCsv, limit } = listFormatOf(query, request.headers.accept);
  const rows = await list.read(limit + 1);
  const { data, ...page } = pageOf(
    rows,
    { limit, starting_after: query.starting_after, ending_before: query.ending_before },
    (row) => row,
  );
  if (!isCsv) return void (await reply.send({ ...page, data: data.map(list.shown) }));
  const last = data.at(-1);
  if (page.has_more && last !== undefined && query.ending_before === undefined)
    reply.header('link', `<${nextPage(request.url, encodeId(list.kind, last.id), limit)}>; rel="next"`);
  announceCsv(reply, list.name);
  await reply.send(await textOf(writeCsv(list.columns, linesOf(data, list.lines))));
}

function* linesOf<Row>(data: readonly Row[], lines: List<Row>['lines']): Generator<readonly CsvValue[]> {
  for (const row of data) yield* lines(row);
}

/** A page is some megabytes at most. */
async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** The same filters, further on. */
function nextPage(url: string, last: string, limit: number): string {
  const next = new URLSearchParams(url.slice(pathOf(url).length + 1));
  next.set('format', 'csv');
  next.set('limit', String(limit));
  next.set('starting_after', last);
  return `${pathOf(url)}?${next.toString()}`;
}
