/**
 * Lists that are pages of JSON, and the same as CSV: one way for all of them. A handler answers its page as ever; where CSV is asked for (`format=csv`,
 * or `Accept: text/csv`) the same rows are written as CSV, and a `Link` leads to the page that follows.
 */
import { Readable } from 'node:stream';
import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { writeCsv, type CsvValue } from '../csv/write-csv.js';
import { announceCsv, listFormatOf } from './csv-lists.js';
import { DEFAULT_PAGE, type Page, type PageQuery } from './pagination.js';
import { pathOf } from './problem-document.js';

/** Some hundred kilobytes: a tenth of a second, and no row is read one by one. */
const MAX_CSV_PAGE = 1_000;

/** Query parameters of a list that has pages and is CSV too: as {@link PageQuery}, of which no rule could be widened by a class that extends it. */
export class CsvPageQuery implements PageQuery {
  /** At most 100 as JSON, 1,000 as CSV. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(1)
  @Max(MAX_CSV_PAGE)
  limit: number = DEFAULT_PAGE;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  starting_after?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  ending_before?: string;

  /** Or `Accept: text/csv`. */
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';
}

/** Query parameters of a list that is answered as a whole. */
export class WholeListQuery {
  /** Or `Accept: text/csv`. */
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';
}

/** By their names in the header: times say there that they are UTC, amounts that they are minor units. */
export type CsvColumns<View> = Readonly<Record<string, (view: View) => CsvValue>>;

interface CsvList {
  readonly name: string;
  readonly columns: CsvColumns<never>;
  readonly isWhole: boolean;
  readonly cursor: (view: never) => string;
}

const CSV_LIST = 'sankofa:csv_list';

/** A handler that answers a page of such views, or the promise of one. */
type Lists<View> = (...args: never[]) => Promise<Page<View>> | Page<View>;

/**
 * @param name of the file, without its ending
 * @param options.isWhole it has no pages: it is answered as a whole
 * @param options.cursor what `starting_after` is to be for what follows a row; its id where nothing is said
 */
export function AlsoCsv<View extends object>(
  name: string,
  columns: CsvColumns<View>,
  options: { readonly isWhole?: boolean; readonly cursor?: (view: View) => string } = {},
) {
  const { isWhole = false, cursor = idOf } = options;
  const decorate = applyDecorators(
    SetMetadata(CSV_LIST, { name, columns, isWhole, cursor } satisfies CsvList),
    UseInterceptors(CsvPages),
  );
  return <Handler extends Lists<View>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<Handler>,
  ): void => decorate(target, key, descriptor);
}

function idOf(view: { readonly id?: unknown }): string {
  if (typeof view.id !== 'string') throw new Error('A list whose rows have no id does not say what its cursor is');
  return view.id;
}

@Injectable()
export class CsvPages implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { name, columns, isWhole, cursor } = this.reflector.get<CsvList>(CSV_LIST, context.getHandler());
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest<{ Querystring: Record<string, unknown> }>>();
    const { query } = request;
    const { isCsv } = listFormatOf(askedFor(query), request.headers.accept);
    if (!isCsv) return next.handle();
    // The query is read after this: as much as a page of CSV holds, where nobody says how much.
    if (!isWhole && query['limit'] === undefined) query['limit'] = String(MAX_CSV_PAGE);
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(
      map(({ data, has_more: hasMore }: Page<never>) => {
        const last = data.at(-1);
        if (hasMore && last !== undefined) linkTo(reply, request.url, cursor(last));
        announceCsv(reply, name);
        const cells = Object.values(columns);
        const rows = data.map((row) => cells.map((cell) => cell(row)));
        return Readable.from(writeCsv(Object.keys(columns), rows));
      }),
    );
  }
}

/** What is wrong in the query is told when it is read. */
function askedFor({ format, limit }: Readonly<Record<string, unknown>>): Parameters<typeof listFormatOf>[0] {
  return {
    ...(format === 'csv' || format === 'json' ? { format } : {}),
    ...(typeof limit === 'string' && /^\d{1,6}$/.test(limit) ? { limit: Number(limit) } : {}),
  };
}

/** The page of CSV that follows, of the same filter. */
export function linkTo(reply: FastifyReply, url: string, after: string): void {
  const path = pathOf(url);
  const following = new URLSearchParams(url.slice(path.length + 1));
  following.set('format', 'csv');
  following.set('starting_after', after);
  void reply.header('link', `<${path}?${following.toString()}>; rel="next"`);
}
