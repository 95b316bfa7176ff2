import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { writeCsv, type CsvValue } from '../../../kernel/csv/write-csv.js';
import type { Database } from '../../../kernel/database/database.js';
import { announceCsv, listFormatOf } from '../../../kernel/http/csv-lists.js';
import { linkTo } from '../../../kernel/http/csv-pages.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { Searched } from './search.store.js';
import { searchPage, type SearchQuery } from './search.js';

export interface AdminList<Row> {
  readonly table: Searched;
  readonly view: (row: Row) => unknown;
  readonly columns: readonly string[];
  readonly csv: (row: Row) => readonly CsvValue[];
}

/** One page, as JSON or CSV; a `Link` leads from one page of CSV to the next. */
export async function sendList<Row extends { readonly id: string }>(
  database: Database,
  list: AdminList<Row>,
  query: SearchQuery & { readonly status?: string },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { isCsv, limit } = listFormatOf(query, request.headers.accept);
  const { rows, next } = await searchPage<Row>(database, list.table, query, limit);
  const cursor = next === undefined ? null : encodeId(list.table, next);
  if (!isCsv)
    return void (await reply.send({
      object: 'list',
      data: rows.map(list.view),
      has_more: cursor !== null,
      next: cursor,
    }));
  if (cursor !== null) linkTo(reply, request.url, cursor);
  announceCsv(reply, `${list.table}s`);
  await reply.send(Readable.from(writeCsv(list.columns, rows.map(list.csv))));
}
