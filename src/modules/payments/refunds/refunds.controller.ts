import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { Prioritised } from '../../../kernel/admission/priority.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { page, type Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { keyedRequest, sendAnswer } from '../answer-once.js';
import { DISBURSEMENT_STATUSES } from '../disbursement.js';
import { idParameter } from '../../../kernel/http/id-parameter.js';
import { ExpandablePageQuery, ExpandQuery, filterOf, isOwn } from '../list-query.js';
import { findAttempts, findPayments } from '../payments.store.js';
import { CreateRefundDto } from './create-refund.dto.js';
import { CreateRefund } from './create-refund.js';
import { REFUND_SOURCES, toRefundResource, type Refund } from './refund.js';
import { findRefunds, listRefunds } from './refunds.store.js';
import { found, listed, made, refundResource } from '../resources.js';

class PaymentRefundsQuery extends ExpandablePageQuery {
  @IsOptional()
  @IsIn(DISBURSEMENT_STATUSES)
  status?: string;

  @IsOptional()
  @IsIn(REFUND_SOURCES)
  source?: string;
}

class RefundsQuery extends PaymentRefundsQuery {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  payment?: string;
}

type Resource = Record<string, unknown>;

@Controller('v1')
@MerchantApi('refunds')
export class RefundsController {
  private readonly database: Database;

  constructor(
    private readonly createRefund: CreateRefund,
    databases: Databases,
  ) {
    this.database = databases.of('payments');
  }

  @Described(
    'give back what a payment captured, or a part of it',
    'Without `amount`, all that is left. Several refunds of a payment are together never more than what was captured. The money is held in the balance first: without enough there, the refund fails with `insufficient_funds`.',
  )
  @Prioritised('charge')
  @Answers(made(refundResource))
  @Post('payments/:id/refunds')
  async create(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(CreateRefundDto) body: CreateRefundDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant);
    const paymentId = paymentUuid(id);
    await sendAnswer(reply, keyed, await this.createRefund.execute({ ...keyed, paymentId, body }));
  }

  @Answers(listed(refundResource))
  @Get('payments/:id/refunds')
  async listOfPayment(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(PaymentRefundsQuery) query: PaymentRefundsQuery,
  ): Promise<Page<Resource>> {
    const paymentId = paymentUuid(id);
    const payment = (await findPayments(this.database.asTenant(merchant), [paymentId])).get(paymentId);
    if (payment === undefined || !isOwn(merchant, payment)) throw new DomainError('payment.not_found');
    return this.pageOf(merchant, query, paymentId);
  }

  @Answers(listed(refundResource))
  @Get('refunds')
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(RefundsQuery) query: RefundsQuery,
  ): Promise<Page<Resource>> {
    return this.pageOf(merchant, query, idParameter('payment', 'payment', query.payment));
  }

  @Answers(found(refundResource))
  @Get('refunds/:id')
  async read(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(ExpandQuery) query: ExpandQuery,
  ): Promise<Resource> {
    const uuid = decodeId('refund', id);
    const refund =
      uuid === undefined ? undefined : (await findRefunds(this.database.asTenant(merchant), [uuid])).get(uuid);
    if (refund === undefined || !isOwn(merchant, refund)) throw new DomainError('refund.not_found');
    return (await this.render(merchant, [refund], query['expand[]'] !== undefined))(refund);
  }

  private async pageOf(
    merchant: MerchantPrincipal,
    query: PaymentRefundsQuery,
    paymentId: string | undefined,
  ): Promise<Page<Resource>> {
    const refunds = await listRefunds(this.database.asTenant(merchant), {
      ...filterOf(merchant, 'refund', query),
      source: query.source,
      paymentId,
    });
    return page(refunds, query.limit, await this.render(merchant, refunds, query['expand[]'] !== undefined));
  }

  private async render(
    merchant: MerchantPrincipal,
    refunds: readonly Refund[],
    withAttempts: boolean,
  ): Promise<(refund: Refund) => Resource> {
    if (!withAttempts) return (refund) => toRefundResource(refund);
    const attempts = await findAttempts(
      this.database.asTenant(merchant),
      refunds.map((refund) => refund.id),
    );
    return (refund) => toRefundResource(refund, attempts.get(refund.id) ?? []);
  }
}

function paymentUuid(id: string): string {
  const uuid = decodeId('payment', id);
  if (uuid === undefined) throw new DomainError('payment.not_found');
  return uuid;
}
