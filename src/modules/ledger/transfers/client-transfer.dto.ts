import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
} from 'class-validator';
import { IsMetadata, IsMoment, IsPrintable, MAX_AMOUNT } from '../../../kernel/http/fields.js';
import { PageQuery } from '../../../kernel/http/pagination.js';
import { MAX_TRANSFERS_PER_BATCH } from './posting.store.js';

/** What merchants call theirs: as our own kinds are spelled, and without those of the money that refunds and payouts hold. */
const KIND = /^(?!(refund|payout)(_|$))[a-z][a-z0-9_]{0,39}$/;

/** The body of POST /v1/ledger/transfers, and a row of a batch. */
export class CreateTransferDto {
  @IsString()
  @MaxLength(64)
  debit_account_id!: string;

  @IsString()
  @MaxLength(64)
  credit_account_id!: string;

  /** Minor units of the accounts' currency. */
  @IsInt()
  @Min(1)
  @Max(MAX_AMOUNT)
  amount!: number;

  /** What it is for, in lower case: `top_up`, `interest`. Left out: `transfer`. */
  @IsOptional()
  @Matches(KIND)
  kind?: string;

  /** Yours: an order, a loan, a customer. Transfers can be listed by it. */
  @IsOptional()
  @IsPrintable()
  @Length(1, 100)
  subject?: string;

  @IsOptional()
  @IsString()
  @Length(1, 500)
  description?: string;

  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;

  /** When it counts, if not now. */
  @IsOptional()
  @IsMoment()
  effective_at?: string;

  /** Holds the amount only: it is posted, in full or in part, or voided later. */
  @IsOptional()
  @IsBoolean()
  pending?: boolean;

  /** Of a pending one: from then on it can no longer be posted, and its money is given free. */
  @IsOptional()
  @IsMoment()
  expires_at?: string;
}

const IsListOfRows = (): PropertyDecorator =>
  ValidateBy({
    name: 'isListOf',
    constraints: [CreateTransferDto, 1, MAX_TRANSFERS_PER_BATCH],
    validator: {
      validate: (value: unknown) =>
        Array.isArray(value) && value.length >= 1 && value.length <= MAX_TRANSFERS_PER_BATCH,
      defaultMessage: () => `$property must be a list of 1 to ${MAX_TRANSFERS_PER_BATCH}`,
    },
  });

/** The body of POST /v1/ledger/transfer_batches. */
export class CreateTransferBatchDto {
  /** All or none, which is what is done when it is left out; or each for itself. */
  @IsOptional()
  @IsBoolean()
  atomic?: boolean;

  @IsListOfRows()
  transfers!: unknown[];
}

/** The body of posting a pending transfer. */
export class PostTransferDto {
  /** A part of what is held; the rest is given free. Left out: all of it. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_AMOUNT)
  amount?: number;

  @IsOptional()
  @IsMoment()
  effective_at?: string;
}

/** The body of voiding a pending transfer. */
export class VoidTransferDto {
  @IsOptional()
  @IsString()
  @Length(1, 500)
  description?: string;
}

/** The body of reversing a transfer. */
export class ReverseTransferDto {
  /** A part of what it moved. Left out: all of it. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_AMOUNT)
  amount?: number;

  /** Why, for whoever reads the books. */
  @IsString()
  @Length(1, 500)
  description!: string;

  @IsOptional()
  @IsMoment()
  effective_at?: string;
}

export class TransfersQuery extends PageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  account?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  kind?: string;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  subject?: string;

  @IsOptional()
  @IsIn(['single', 'pending', 'post', 'void', 'expire', 'reverse'])
  phase?: string;

  @IsOptional()
  @IsMoment()
  created_after?: string;

  @IsOptional()
  @IsMoment()
  created_before?: string;
}
