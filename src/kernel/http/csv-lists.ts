/** Lists that are answered as JSON, or as CSV for spreadsheets: `format=csv`, or `Accept: text/csv`. */
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../errors/domain-error.js';

/** As every list. */
const MAX_JSON = 100;
const DEFAULT_JSON = 20;
/** Some megabytes, and some tenths of a second. */
const MAX_CSV = 10_000;

export class CsvListQuery {
  /** At most 100 as JSON, 10,000 as CSV. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(1)
  @Max(MAX_CSV)
  limit?: number;

  /** The last one of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  starting_after?: string;

  /** Or `Accept: text/csv`. */
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: 'json' | 'csv';
}

/**
 * @param accept the request's header
 * @throws {DomainError} `request.invalid_parameter` for more than a page of JSON holds
 */
export function listFormatOf(
  { format, limit }: Pick<CsvListQuery, 'format' | 'limit'>,
  accept: string | undefined,
): { readonly isCsv: boolean; readonly limit: number } {
  const isCsv = format === 'csv' || (format === undefined && /^\s*text\/csv\b/.test(accept ?? ''));
  if (!isCsv && limit !== undefined && limit > MAX_JSON)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: 'limit', code: 'max' }] });
  return { isCsv, limit: limit ?? (isCsv ? MAX_CSV : DEFAULT_JSON) };
}

/** @param name of the file, without its ending */
export function announceCsv(reply: FastifyReply, name: string): void {
  reply
    .header('content-type', 'text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`);
}
