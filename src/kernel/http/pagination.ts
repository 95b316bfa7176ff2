import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** A page is bounded so that no list can cost more than a hundred rows. */
const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

/** Query parameters of every list; extend it with the list's own filters. Cursors are ids of the resource listed. */
export class PageQuery {
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE)
  limit: number = DEFAULT_PAGE;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  starting_after?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  ending_before?: string;
}

export interface Page<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly has_more: boolean;
}

/** Makes a page of rows that were read with `LIMIT limit + 1`: the surplus row says that there are more. */
export function page<Row, T>(rows: readonly Row[], limit: number, map: (row: Row) => T): Page<T> {
  return { object: 'list', data: rows.slice(0, limit).map(map), has_more: rows.length > limit };
}
