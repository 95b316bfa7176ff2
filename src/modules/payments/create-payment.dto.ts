import {
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { CURRENCIES, type Currency } from '../../kernel/money/money.js';
import { METHOD_TYPES } from './method-rules.js';

/** Ten billion naira: far above any gateway's limit, far below where JSON integers end. */
const MAX_AMOUNT = 1_000_000_000_000;
/** E.164. */
const PHONE = /^\+[1-9]\d{7,14}$/;
/** Letters, digits and punctuation that no gateway, file or log trips over. */
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
/** As generous as others in the field, small enough to be indexed and shown. */
const METADATA_LIMITS = { keys: 50, keyLength: 40, valueLength: 500 };

function isMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= METADATA_LIMITS.keys &&
    entries.every(
      ([key, item]) =>
        key.length > 0 &&
        key.length <= METADATA_LIMITS.keyLength &&
        typeof item === 'string' &&
        item.length <= METADATA_LIMITS.valueLength,
    )
  );
}

const IsMetadata = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMetadata',
    validator: {
      validate: isMetadata,
      defaultMessage: () =>
        `metadata must be an object of at most ${METADATA_LIMITS.keys} strings, keys up to ${METADATA_LIMITS.keyLength} and values up to ${METADATA_LIMITS.valueLength} characters`,
    },
  });

export class PaymentMethodDto {
  @IsIn(METHOD_TYPES)
  type!: string;

  @IsOptional()
  @IsString()
  @Length(1, 40)
  network?: string;

  @IsOptional()
  @Matches(PHONE, { message: 'phone must be in E.164 form, for example +233241234567' })
  phone?: string;

  /** A saved card. Card numbers themselves are never accepted. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  token?: string;

  @IsOptional()
  @IsString()
  @Length(1, 20)
  bank?: string;
}

export class CustomerDto {
  @IsOptional()
  @IsEmail()
  @Length(3, 254)
  email?: string;

  @IsOptional()
  @Matches(PHONE, { message: 'phone must be in E.164 form, for example +233241234567' })
  phone?: string;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string;
}

/** The body of POST /v1/payments. */
export class CreatePaymentDto {
  /** Minor units: 150000 is 1,500.00 naira; for XOF, XAF and GNF 1500 is 1500 francs. */
  @IsInt()
  @Min(1)
  @Max(MAX_AMOUNT)
  amount!: number;

  @IsIn(CURRENCIES)
  currency!: Currency;

  /** Unique per merchant and mode, for ever. */
  @Matches(PRINTABLE, { message: 'reference must be printable ASCII' })
  @Length(1, 100)
  reference!: string;

  @ValidateNested()
  @Type(() => PaymentMethodDto)
  method!: PaymentMethodDto;

  @IsOptional()
  @ValidateNested()
  @Type(() => CustomerDto)
  customer?: CustomerDto;

  @IsOptional()
  @IsString()
  @Length(1, 500)
  description?: string;

  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}
