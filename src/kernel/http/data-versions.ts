/** What operators write as data, one version after the other, for one merchant or for all that have none of their own. */
import { IsObject, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { DomainError } from '../errors/domain-error.js';
import { decodeId, encodeId } from '../ids/ids.js';
import { CsvPageQuery, type CsvColumns } from './csv-pages.js';
import { IsMoment } from './fields.js';
import { idParameter } from './id-parameter.js';

/** As in the tables. */
const MAX_NOTE = 500;

export class DataVersionBody {
  /** `mer_...`: whose it is. Left out: of all that have none of their own. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  merchant?: string;

  /** What it says: see the module's README. */
  @IsObject()
  content!: Record<string, unknown>;

  /** In force for what happens from then on; not in the past. Left out: from now on. */
  @IsOptional()
  @IsMoment()
  valid_from?: string;

  /** Why it was made. */
  @IsString()
  @Length(1, MAX_NOTE)
  note!: string;
}

export class DataVersionsQuery extends CsvPageQuery {
  /** `mer_...`; `none`: those of all merchants. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  merchant?: string;
}

export interface DataVersionRow {
  readonly id: string;
  /** Null: of all that have none of their own. */
  readonly merchantId: string | null;
  readonly version: number;
  readonly content: unknown;
  readonly validFrom: Date;
  readonly note: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export interface DataVersionView {
  readonly merchant: string | null;
  /** Counted for whom it is. */
  readonly version: number;
  readonly content: unknown;
  readonly valid_from: string;
  readonly note: string;
  readonly created_by: string;
  readonly created_at: string;
}

/** @throws {DomainError} `request.invalid` */
export function dataVersionOf(
  body: DataVersionBody,
  createdBy: string,
): {
  readonly merchantId: string | null;
  readonly validFrom: Date | undefined;
  readonly note: string;
  readonly createdBy: string;
} {
  const merchantId = body.merchant === undefined ? null : decodeId('merchant', body.merchant);
  if (merchantId === undefined)
    throw new DomainError('request.invalid', { errors: [{ pointer: '/merchant', code: 'invalid_id' }] });
  const validFrom = body.valid_from === undefined ? undefined : new Date(body.valid_from);
  return { merchantId, validFrom, note: body.note, createdBy };
}

/**
 * @param row undefined where it was to be in force in the past
 * @throws {DomainError} `request.invalid`
 */
export function mustBeAhead<Row>(row: Row | undefined): Row {
  if (row === undefined)
    throw new DomainError('request.invalid', { errors: [{ pointer: '/valid_from', code: 'in_the_past' }] });
  return row;
}

/**
 * @returns undefined: whosever they are; null: those of all merchants
 * @throws {DomainError} `request.invalid_parameter`
 */
export function whoseVersions({ merchant }: DataVersionsQuery): string | null | undefined {
  return merchant === 'none' ? null : idParameter('merchant', 'merchant', merchant);
}

export function viewDataVersion(row: DataVersionRow): DataVersionView {
  return {
    merchant: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    version: row.version,
    content: row.content,
    valid_from: row.validFrom.toISOString(),
    note: row.note,
    created_by: encodeId('admin', row.createdBy),
    created_at: row.createdAt.toISOString(),
  };
}

export const DATA_VERSION_CSV: CsvColumns<DataVersionView & { readonly id: string }> = {
  id: (version) => version.id,
  created_at_utc: (version) => version.created_at,
  merchant: (version) => version.merchant,
  version: (version) => version.version,
  valid_from_utc: (version) => version.valid_from,
  note: (version) => version.note,
  created_by: (version) => version.created_by,
  content: (version) => JSON.stringify(version.content),
};
