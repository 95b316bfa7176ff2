import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { IsIn, IsString, MaxLength } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import { Prioritised } from '../../kernel/admission/priority.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { ValidBody } from '../../kernel/http/validated.js';
import { decodeId } from '../../kernel/ids/ids.js';
import { Routing } from './routing.js';

const ENTRIES = ['otp', 'pin', 'phone', 'birthday'] as const;
/** Longer than anything that is typed. */
const MAX_VALUE_LENGTH = 64;

class CustomerActionDto {
  /** What `next_action` of the payment asks for, without its `enter_`. */
  @IsIn(ENTRIES)
  type!: (typeof ENTRIES)[number];

  /** As the customer typed it; a birthday as YYYY-MM-DD. Handed to the gateway and kept nowhere. */
  @IsString()
  @MaxLength(MAX_VALUE_LENGTH)
  value!: string;
}

/** What customers type for their gateways. Here and not with payments, since it may not pass through the outbox: see docs/adr/0017. */
@Controller('v1/payments')
@MerchantApi('payments')
export class CustomerActionsController {
  constructor(private readonly routing: Routing) {}

  @Prioritised('charge')
  @Post(':id/actions')
  @HttpCode(200)
  async submit(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(CustomerActionDto) body: CustomerActionDto,
    @Req() request: FastifyRequest,
  ): Promise<Record<string, unknown>> {
    const paymentId = decodeId('payment', id);
    if (paymentId === undefined) throw new DomainError('payment.not_found');
    // From here the gateway is waited for, as long as for a charge.
    request.ticket?.park();
    const { merchantId, livemode } = merchant;
    const { type, value } = body;
    const { result, nextAction } = await this.routing.actions.submit(
      { paymentId, merchantId, livemode },
      { type, value },
    );
    return { object: 'payment_action', livemode, payment: id, type, result, next_action: nextAction };
  }
}
