import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { LargeBody } from '../../../kernel/http/large-bodies.js';
import { page, type Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { keyedRequest, sendAnswer } from '../answer-once.js';
import { filterOf, isOwn, TimedPageQuery } from '../list-query.js';
import { CreatePayoutBatchDto } from './create-payout.dto.js';
import { CreatePayoutBatch } from './create-payout-batch.js';
import { toBatchProgress, toBatchResource } from './payout-batch.js';
import { findBatch, findOpen, listBatches, tallyBatch } from './payout-batches.store.js';

/** Ten thousand rows of some 250 bytes are 2.5 MB; this leaves as much again for names and as much for metadata. */
const BATCH_LIMIT_BYTES = 8 * 1024 * 1024;

class BatchesQuery extends TimedPageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  reference?: string;
}

type Resource = Record<string, unknown>;

@Controller('v1/payout_batches')
@MerchantApi('payouts')
export class PayoutBatchesController {
  private readonly database: Database;

  constructor(
    private readonly createBatch: CreatePayoutBatch,
    databases: Databases,
  ) {
    this.database = databases.of('payments');
  }

  @Described(
    'pay many at once',
    'Up to 10,000 payouts, accepted whole or not at all: one faulty row refuses all of them, and `errors` points at up to a hundred faults (`/payouts/17/amount`). From then on each payout goes its own way; `GET /v1/payout_batches/:id` says how far they are, `GET /v1/payouts?batch=` lists them.',
  )
  @LargeBody(BATCH_LIMIT_BYTES, 'write')
  @Post()
  async create(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidBody(CreatePayoutBatchDto) body: CreatePayoutBatchDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = { ...keyedRequest(request, merchant), waitMs: 0 };
    await sendAnswer(reply, keyed, await this.createBatch.execute({ ...keyed, body }));
  }

  @Get(':id')
  async read(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<Resource> {
    const uuid = decodeId('payoutBatch', id);
    const batch = uuid === undefined ? undefined : await findBatch(this.database.asTenant(merchant), uuid);
    if (batch === undefined || !isOwn(merchant, batch)) throw new DomainError('payout_batch.not_found');
    return toBatchProgress(batch, await tallyBatch(this.database.asTenant(merchant), batch.id));
  }

  /** Without progress: a page of full batches would count a million payouts. */
  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(BatchesQuery) query: BatchesQuery,
  ): Promise<Page<Resource>> {
    const batches = await listBatches(this.database.asTenant(merchant), {
      ...filterOf(merchant, 'payoutBatch', query),
      reference: query.reference,
    });
    const open = await findOpen(
      this.database.asTenant(merchant),
      batches.map((batch) => batch.id),
    );
    return page(batches, query.limit, (batch) => toBatchResource(batch, open.has(batch.id)));
  }
}
