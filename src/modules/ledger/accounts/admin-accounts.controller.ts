import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { AdminApi, CurrentAdmin, Needs } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody } from '../../../kernel/http/validated.js';
import { viewAccount, type AccountView } from './account.views.js';
import { AccountsStore } from './accounts.store.js';
import { ReasonDto } from './client-account.dto.js';
import { ClientAccounts } from './client-accounts.js';

/** Any account, for operators. Nothing here moves money. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/accounts')
export class AdminAccountsController {
  constructor(
    private readonly store: AccountsStore,
    private readonly clients: ClientAccounts,
  ) {}

  @Get(':id')
  async read(@Param('id') id: string): Promise<AccountView> {
    return viewAccount(await this.store.get(null, id));
  }

  @Described(
    'refuse all postings to an account',
    'Only an operator opens it again. What the ledger itself would book to it becomes a dead letter, to be replayed then.',
  )
  @HttpCode(200)
  @Post(':id/freeze')
  freeze(
    @CurrentAdmin() admin: AdminPrincipal,
    @Param('id') id: string,
    @ValidBody(ReasonDto) body: ReasonDto,
  ): Promise<AccountView> {
    return this.change(admin, id, 'frozen', body);
  }

  @Described('open a frozen account again')
  @HttpCode(200)
  @Needs('authorise')
  @Post(':id/unfreeze')
  unfreeze(
    @CurrentAdmin() admin: AdminPrincipal,
    @Param('id') id: string,
    @ValidBody(ReasonDto) body: ReasonDto,
  ): Promise<AccountView> {
    return this.change(admin, id, 'open', body);
  }

  private async change(
    { id: adminId }: AdminPrincipal,
    id: string,
    state: 'frozen' | 'open',
    { reason }: ReasonDto,
  ): Promise<AccountView> {
    await this.clients.change(await this.store.get(null, id), { state, reason, actor: 'operator', actorId: adminId });
    return viewAccount(await this.store.get(null, id));
  }
}
