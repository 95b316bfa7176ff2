import { IsInt, IsOptional, IsString, Length, Max, Min, ValidateIf } from 'class-validator';
import { IsMetadata, MAX_AMOUNT } from '../../../kernel/http/fields.js';

export class RefundBody {
  /** Minor units of the payment's currency; without it, all that is left. `null` is refused: it is what JSON makes of a sum gone wrong. */
  @ValidateIf((_body, amount: unknown) => amount !== undefined)
  @IsInt()
  @Min(1)
  @Max(MAX_AMOUNT)
  amount?: number;
}

/** The body of POST /v1/payments/:id/refunds. */
export class CreateRefundDto extends RefundBody {
  /** Gateways show it to the customer where they can. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  reason?: string;

  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;
}
