import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../kernel/access/access.js';
import { Prioritised } from '../../kernel/admission/priority.js';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { page, type Page } from '../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { decodeId } from '../../kernel/ids/ids.js';
import { AcceptPayment } from './accept-payment.js';
import { keyedRequest, sendAnswer } from './answer-once.js';
import { CreatePaymentDto } from './create-payment.dto.js';
import { ExpandablePageQuery, ExpandQuery, filterOf } from './list-query.js';
import { PAYMENT_STATUSES, toResource, type Payment } from './payment.js';
import { findAttempts, findPayments, listPayments } from './payments.store.js';
import { found, listed, made, paymentResource } from './resources.js';

class PaymentsQuery extends ExpandablePageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  reference?: string;

  /** The reference that a gateway was given for one of the attempts. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  gateway_reference?: string;

  @IsOptional()
  @IsIn(PAYMENT_STATUSES)
  status?: string;
}

function paymentUuid(id: string): string {
  const uuid = decodeId('payment', id);
  if (uuid === undefined) throw new DomainError('payment.not_found');
  return uuid;
}

@Controller('v1/payments')
@MerchantApi('payments')
export class PaymentsController {
  private readonly database: Database;

  constructor(
    private readonly acceptPayment: AcceptPayment,
    databases: Databases,
  ) {
    this.database = databases.of('payments');
  }

  @Prioritised('charge')
  @Answers(made(paymentResource))
  @Post()
  async create(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidBody(CreatePaymentDto) body: CreatePaymentDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant);
    await sendAnswer(reply, keyed, await this.acceptPayment.execute({ ...keyed, body }));
  }

  @Answers(found(paymentResource))
  @Get(':id')
  async read(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(ExpandQuery) query: ExpandQuery,
  ): Promise<Record<string, unknown>> {
    const uuid = paymentUuid(id);
    const payment = (await findPayments(this.database.asTenant(merchant), [uuid])).get(uuid);
    // A foreign id is answered like one that does not exist.
    if (payment === undefined || payment.merchantId !== merchant.merchantId || payment.livemode !== merchant.livemode) {
      throw new DomainError('payment.not_found');
    }
    return (await this.render(merchant, [payment], query['expand[]'] !== undefined))(payment);
  }

  @Answers(listed(paymentResource))
  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(PaymentsQuery) query: PaymentsQuery,
  ): Promise<Page<Record<string, unknown>>> {
    const payments = await listPayments(this.database.asTenant(merchant), {
      ...filterOf(merchant, 'payment', query),
      reference: query.reference,
      gatewayReference: query.gateway_reference,
    });
    return page(payments, query.limit, await this.render(merchant, payments, query['expand[]'] !== undefined));
  }

  private async render(
    merchant: MerchantPrincipal,
    payments: readonly Payment[],
    withAttempts: boolean,
  ): Promise<(payment: Payment) => Record<string, unknown>> {
    if (!withAttempts) return (payment) => toResource(payment);
    const attempts = await findAttempts(
      this.database.asTenant(merchant),
      payments.map((payment) => payment.id),
    );
    return (payment) => toResource(payment, attempts.get(payment.id) ?? []);
  }
}
