import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { idParameter } from '../../../kernel/http/id-parameter.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { sendKeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { keyedRequest } from '../keyed-answers.js';
import { listed, windowOf } from '../list-window.js';
import {
  CreateTransferDto,
  PostTransferDto,
  ReverseTransferDto,
  TransfersQuery,
  VoidTransferDto,
} from './client-transfer.dto.js';
import { ClientTransfers } from './client-transfers.js';
import { ClientTransfersStore } from './client-transfers.store.js';
import { viewTransfer, type TransferView } from './transfer.views.js';

/** A merchant's own transfers, between accounts of its own. */
@MerchantApi('ledger')
@Controller('v1/ledger/transfers')
export class TransfersController {
  constructor(
    private readonly transfers: ClientTransfers,
    private readonly store: ClientTransfersStore,
  ) {}

  @Described(
    'move between accounts of your own',
    'Both of kind `client` and of one currency. With `pending` the amount is held only. What is refused leaves nothing behind and uses up no key.',
  )
  @Post()
  async create(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidBody(CreateTransferDto) body: CreateTransferDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant, 'POST /v1/ledger/transfers', body);
    await sendKeyedAnswer(reply, await this.transfers.create(keyed, body));
  }

  @Described('post what a pending transfer holds', 'In full, or in part and the rest is given free. Once.')
  @Post(':id/post')
  async post(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(PostTransferDto) body: PostTransferDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant, `POST /v1/ledger/transfers/${id}/post`, body);
    const naming = { phase: 'post', ...amountOf(body.amount) } as const;
    const said = { effectiveAt: body.effective_at };
    await sendKeyedAnswer(reply, await this.transfers.name(keyed, transferId(id), naming, said));
  }

  @Described('give free what a pending transfer holds')
  @Post(':id/void')
  async void(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(VoidTransferDto) body: VoidTransferDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant, `POST /v1/ledger/transfers/${id}/void`, body);
    await sendKeyedAnswer(reply, await this.transfers.name(keyed, transferId(id), { phase: 'void' }, body));
  }

  @Described(
    'move back what a transfer moved',
    'All of it or a part; with all other reversals of the same transfer no more than it moved. The transfer itself stays as it is.',
  )
  @Post(':id/reverse')
  async reverse(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(ReverseTransferDto) body: ReverseTransferDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant, `POST /v1/ledger/transfers/${id}/reverse`, body);
    const naming = { phase: 'reverse', ...amountOf(body.amount) } as const;
    const said = { description: body.description, effectiveAt: body.effective_at };
    await sendKeyedAnswer(reply, await this.transfers.name(keyed, transferId(id), naming, said));
  }

  @Get(':id')
  async read(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<TransferView> {
    const transfer = await this.store.find(merchant, transferId(id));
    if (transfer === undefined) throw new DomainError('ledger.transfer_not_found');
    return viewTransfer(transfer);
  }

  /** Newest first. What moves other accounts than its own stands in their entries. */
  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(TransfersQuery) query: TransfersQuery,
  ): Promise<Page<TransferView>> {
    const accountId = idParameter('account', 'account', query.account);
    const window = windowOf(query, (cursor) => decodeId('transfer', cursor));
    const rows = await this.store.list(merchant, window, {
      accountId,
      kind: query.kind,
      subject: query.subject,
      phase: query.phase,
      createdAfter: query.created_after,
      createdBefore: query.created_before,
    });
    return listed(query, rows, viewTransfer);
  }
}

function amountOf(amount: number | undefined): { readonly amountMinor?: bigint } {
  return amount === undefined ? {} : { amountMinor: BigInt(amount) };
}

function transferId(id: string): string {
  const uuid = decodeId('transfer', id);
  if (uuid === undefined) throw new DomainError('ledger.transfer_not_found');
  return uuid;
}
