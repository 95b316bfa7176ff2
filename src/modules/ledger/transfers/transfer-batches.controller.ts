import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { Described } from '../../../kernel/http/described.js';
import { LargeBody } from '../../../kernel/http/large-bodies.js';
import { ValidBody } from '../../../kernel/http/validated.js';
import { sendKeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { keyedRequest } from '../keyed-answers.js';
import { CreateTransferBatchDto } from './client-transfer.dto.js';
import { ClientTransfers } from './client-transfers.js';

/** A thousand rows of some 300 bytes are 300 KB; this leaves room for descriptions and metadata. */
const BATCH_LIMIT_BYTES = 2 * 1024 * 1024;

@MerchantApi('ledger')
@Controller('v1/ledger/transfer_batches')
export class TransferBatchesController {
  constructor(private readonly transfers: ClientTransfers) {}

  @Described(
    'make many transfers at once',
    'Up to 1,000, as if one came after the other. All or none, and then `errors` points at the one that was refused; or, with `"atomic": false`, each for itself, and `results` says what became of each, in their order.',
  )
  @LargeBody(BATCH_LIMIT_BYTES, 'write')
  @Post()
  async create(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidBody(CreateTransferBatchDto) body: CreateTransferBatchDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant, 'POST /v1/ledger/transfer_batches', body);
    await sendKeyedAnswer(reply, await this.transfers.createMany(keyed, body.atomic ?? true, body.transfers));
  }
}
