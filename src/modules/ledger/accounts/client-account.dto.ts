import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IsMetadata, IsPrintable, IsReadable } from '../../../kernel/http/fields.js';
import { PageQuery } from '../../../kernel/http/pagination.js';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import { ACCOUNT_KINDS, LIMIT_MODES, type AccountKind, type LimitMode, type Side } from './account.js';

/** The body of POST /v1/ledger/accounts. */
export class OpenAccountDto {
  /** Unique per merchant, mode and currency, for ever. */
  @IsPrintable()
  @Length(1, 100)
  code!: string;

  @IsReadable()
  @Length(1, 200)
  name!: string;

  @IsIn(CURRENCIES)
  currency!: Currency;

  /** The side on which it grows: `debit` for what is owned or spent, `credit` for what is owed or earned. */
  @IsIn(['debit', 'credit'])
  normal_side!: Side;

  /** What no transfer may break, pending amounts included. Left out: none. */
  @IsOptional()
  @IsIn(LIMIT_MODES)
  limit_mode?: LimitMode;

  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}

/** The body of PATCH /v1/ledger/accounts/:id: what is left out stays as it is. */
export class DescribeAccountDto {
  @IsOptional()
  @IsReadable()
  @Length(1, 200)
  name?: string;

  /** In the place of all that was there. */
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}

/** The body of freezing, unfreezing and closing. */
export class ReasonDto {
  /** Kept for ever, with the time and the key that was used. */
  @IsString()
  @Length(1, 500)
  reason!: string;
}

export class AccountsQuery extends PageQuery {
  @IsOptional()
  @IsIn(ACCOUNT_KINDS)
  kind?: AccountKind;

  @IsOptional()
  @IsIn(CURRENCIES)
  currency?: Currency;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  code?: string;

  /** How it begins, in upper or lower case. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string;

  /** `key:value`, as it was given. */
  @IsOptional()
  @Matches(/^[^:]{1,40}:[^]{0,500}$/)
  metadata?: string;
}
