import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Max, Min, ValidateBy, ValidateNested } from 'class-validator';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import { IsMetadata, IsPrintable, IsReadable, MAX_AMOUNT } from '../../../kernel/http/fields.js';
import { IsPhone } from '../fields.js';
import { DESTINATION_TYPES } from './destination-rules.js';

/** Ten thousand rows take half a second to accept; a payroll beyond that is sent in parts. */
export const MAX_BATCH_ROWS = 10_000;

export class DestinationDto {
  @IsIn(DESTINATION_TYPES)
  type!: string;

  @IsOptional()
  @IsString()
  @Length(1, 40)
  network?: string;

  @IsOptional()
  @IsPhone()
  phone?: string;

  @IsOptional()
  @IsString()
  @Length(1, 20)
  bank_code?: string;

  @IsOptional()
  @IsString()
  @Length(1, 34)
  account_number?: string;

  /** The receiver's, as their bank or operator has it. */
  @IsOptional()
  @IsString()
  @IsReadable()
  @Length(1, 200)
  name?: string;
}

/** The body of POST /v1/payouts, and a row of a batch. */
export class CreatePayoutDto {
  /** Minor units: 150000 is 1,500.00 naira; for XOF, XAF and GNF 1500 is 1500 francs. */
  @IsInt()
  @Min(1)
  @Max(MAX_AMOUNT)
  amount!: number;

  @IsIn(CURRENCIES)
  currency!: Currency;

  /** Unique per merchant and mode, for ever; rows of batches included. */
  @IsPrintable()
  @Length(1, 100)
  reference!: string;

  @ValidateNested()
  @Type(() => DestinationDto)
  destination!: DestinationDto;

  /** What the receiver reads on their statement, as far as banks and operators show it. */
  @IsOptional()
  @IsString()
  @IsReadable()
  @Length(1, 100)
  narration?: string;

  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}

/** A list by its length alone: its elements are checked one by one (`rowErrors`), so that each has a pointer. */
const IsListOf = (item: new () => object, min: number, max: number): PropertyDecorator =>
  ValidateBy({
    name: 'isListOf',
    constraints: [item, min, max],
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.length >= min && value.length <= max,
      defaultMessage: () => `$property must be a list of ${min} to ${max}`,
    },
  });

/** The body of POST /v1/payout_batches. */
export class CreatePayoutBatchDto {
  /** Unique per merchant and mode, for ever; apart from those of payouts. */
  @IsPrintable()
  @Length(1, 100)
  reference!: string;

  @IsListOf(CreatePayoutDto, 1, MAX_BATCH_ROWS)
  payouts!: unknown[];
}
