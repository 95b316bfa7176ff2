import { Controller, Get, HttpCode, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { Described } from '../../../kernel/http/described.js';
import { PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { sendKeyedAnswer } from '../../../kernel/idempotency/keyed-answer.js';
import { keyedRequest } from '../keyed-answers.js';
import { AccountsStore } from './accounts.store.js';
import { AccountsQuery, DescribeAccountDto, OpenAccountDto, ReasonDto } from './client-account.dto.js';
import type { AccountState } from './account.js';
import { ClientAccounts } from './client-accounts.js';
import { decodeEntryId } from './entry-id.js';
import { viewAccount, viewEntry, type AccountView, type EntryView } from './account.views.js';
import { listed, windowOf } from '../list-window.js';

/** A merchant's own accounts and their statements. */
@MerchantApi('ledger')
@Controller('v1/ledger/accounts')
export class AccountsController {
  constructor(
    private readonly store: AccountsStore,
    private readonly clients: ClientAccounts,
  ) {}

  @Described(
    'open an account of your own',
    'Its kind is `client`. Transfers between accounts of this kind are yours to make; accounts of other kinds mirror real money, and only payments, refunds and payouts move it.',
  )
  @Post()
  async open(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidBody(OpenAccountDto) body: OpenAccountDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const keyed = keyedRequest(request, merchant, 'POST /v1/ledger/accounts', body);
    await sendKeyedAnswer(reply, await this.clients.open(keyed, body));
  }

  @Described('rename an account of your own, or describe it anew')
  @Patch(':id')
  async describe(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(DescribeAccountDto) body: DescribeAccountDto,
  ): Promise<AccountView> {
    const account = await this.store.get(merchant, id);
    await this.clients.describe(merchant, account, body);
    return viewAccount(await this.store.get(merchant, id));
  }

  @Described('refuse all postings to an account of your own', 'What is held on it may still be voided.')
  @HttpCode(200)
  @Post(':id/freeze')
  freeze(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(ReasonDto) body: ReasonDto,
  ): Promise<AccountView> {
    return this.change(merchant, id, 'frozen', body);
  }

  @Described('open a frozen account again')
  @HttpCode(200)
  @Post(':id/unfreeze')
  unfreeze(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(ReasonDto) body: ReasonDto,
  ): Promise<AccountView> {
    return this.change(merchant, id, 'open', body);
  }

  @Described('close an account of your own for good', 'Nothing may stand on it, and nothing may be held.')
  @HttpCode(200)
  @Post(':id/close')
  close(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(ReasonDto) body: ReasonDto,
  ): Promise<AccountView> {
    return this.change(merchant, id, 'closed', body);
  }

  private async change(
    merchant: MerchantPrincipal,
    id: string,
    state: AccountState,
    { reason }: ReasonDto,
  ): Promise<AccountView> {
    const account = await this.store.get(merchant, id);
    await this.clients.change(account, { state, reason, actor: 'merchant', actorId: merchant.keyId });
    return viewAccount(await this.store.get(merchant, id));
  }

  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(AccountsQuery) query: AccountsQuery,
  ): Promise<Page<AccountView>> {
    const rows = await this.store.list(
      merchant,
      windowOf(query, (id) => decodeId('account', id)),
      {
        kind: query.kind,
        currency: query.currency,
        code: query.code,
        name: query.name,
        metadata: metadataOf(query.metadata),
      },
    );
    return listed(query, rows, viewAccount);
  }

  @Get(':id')
  async read(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<AccountView> {
    return viewAccount(await this.store.get(merchant, id));
  }

  /** The statement: newest first, each entry with the balance it left. */
  @Get(':id/entries')
  async entries(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(PageQuery) query: PageQuery,
  ): Promise<Page<EntryView>> {
    const account = await this.store.get(merchant, id);
    const rows = await this.store.entries(
      merchant,
      account.id,
      windowOf(query, (cursor) => decodeEntryId(account.id, cursor)),
    );
    return listed(query, rows, viewEntry);
  }
}

/** `key:value`; keys hold no colon here. */
function metadataOf(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  return { [text.slice(0, colon)]: text.slice(colon + 1) };
}
