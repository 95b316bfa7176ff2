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
import { findAttempts } from '../payments.store.js';
import { CreatePayoutDto } from './create-payout.dto.js';
import { CreatePayout } from './create-payout.js';
import { toPayoutResource, type Payout } from './payout.js';
import { findPayouts, listPayouts } from './payouts.store.js';
import { found, listed, made, payoutResource } from '../resources.js';

class PayoutsQuery extends ExpandablePageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  reference?: string;

  @IsOptional()
  @IsIn(DISBURSEMENT_STATUSES)
  status?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  batch?: string;
}

type Resource = Record<string, unknown>;

@Controller('v1/payouts')
@MerchantApi('payouts')
export class PayoutsController {
  private readonly database: Database;

  constructor(
    private readonly createPayout: CreatePayout,
    databases: Databases,
  ) {
    this.database = databases.of('payments');
  }

  @Described(
    'pay somebody',
    'The money is held in the balance first: without enough there, the payout fails with `insufficient_funds`. A payout whose outcome is not known stays `processing`, and its money held, until a gateway says what became of it. One that succeeded may come back: `returned`.',
  )
  @Prioritised('charge')
  @Answers(made(payoutResource))
  @Post()
  async create(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidBody(CreatePayoutDto) body: CreatePayoutDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant);
    await sendAnswer(reply, keyed, await this.createPayout.execute({ ...keyed, body }));
  }

  @Answers(found(payoutResource))
  @Get(':id')
  async read(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(ExpandQuery) query: ExpandQuery,
  ): Promise<Resource> {
    const uuid = decodeId('payout', id);
    const payout =
      uuid === undefined ? undefined : (await findPayouts(this.database.asTenant(merchant), [uuid])).get(uuid);
    if (payout === undefined || !isOwn(merchant, payout)) throw new DomainError('payout.not_found');
    return (await this.render(merchant, [payout], query['expand[]'] !== undefined))(payout);
  }

  @Answers(listed(payoutResource))
  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(PayoutsQuery) query: PayoutsQuery,
  ): Promise<Page<Resource>> {
    const payouts = await listPayouts(this.database.asTenant(merchant), {
      ...filterOf(merchant, 'payout', query),
      reference: query.reference,
      batchId: idParameter('payoutBatch', 'batch', query.batch),
    });
    return page(payouts, query.limit, await this.render(merchant, payouts, query['expand[]'] !== undefined));
  }

  private async render(
    merchant: MerchantPrincipal,
    payouts: readonly Payout[],
    withAttempts: boolean,
  ): Promise<(payout: Payout) => Resource> {
    if (!withAttempts) return (payout) => toPayoutResource(payout);
    const attempts = await findAttempts(
      this.database.asTenant(merchant),
      payouts.map((payout) => payout.id),
    );
    return (payout) => toPayoutResource(payout, attempts.get(payout.id) ?? []);
  }
}
