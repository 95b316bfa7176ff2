import { IsEmail, IsIn, IsInt, IsOptional, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import { CURRENCIES, type Currency } from '../../kernel/money/money.js';
import { IsMetadata, IsPrintable, MAX_AMOUNT } from '../../kernel/http/fields.js';
import { IsPageUrl, IsPhone } from './fields.js';
import { METHOD_TYPES } from './method-rules.js';

export class PaymentMethodDto {
  @IsIn(METHOD_TYPES)
  type!: string;

  @IsOptional()
  @IsString()
  @Length(1, 40)
  network?: string;

  @IsOptional()
  @IsPhone()
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
  @IsPhone()
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
  @IsPrintable()
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

  /** The page that a customer comes back to who was sent to a gateway's. https; http too in test mode. It proves nothing: ask for the payment. */
  @IsOptional()
  @IsPageUrl()
  return_url?: string;

  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}
