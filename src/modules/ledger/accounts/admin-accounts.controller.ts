import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { AdminApi, CurrentAdmin, Needs } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers, listOf } from '../../../kernel/http/answers.js';
import { AlsoCsv, CsvPageQuery } from '../../../kernel/http/csv-pages.js';
import { Described } from '../../../kernel/http/described.js';
import { idParameter } from '../../../kernel/http/id-parameter.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import { listed, windowOf } from '../list-window.js';
import { ACCOUNT_KINDS, type AccountKind } from './account.js';
import { AccountsStore } from './accounts.store.js';
import { adminAccountAnswer } from './admin-account.answers.js';
import { ACCOUNT_CSV, viewAdminAccount, type AdminAccountView } from './admin-account.views.js';
import { searchAccounts } from './admin-accounts.store.js';
import { ReasonDto } from './client-account.dto.js';
import { ClientAccounts } from './client-accounts.js';

export class AdminAccountsQuery extends CsvPageQuery {
  /** Test and live are never in one list. */
  @IsIn(['true', 'false'])
  livemode!: 'true' | 'false';

  @IsOptional()
  @IsString()
  @MaxLength(64)
  merchant?: string;

  @IsOptional()
  @IsIn(ACCOUNT_KINDS)
  kind?: AccountKind;

  @IsOptional()
  @IsIn(CURRENCIES)
  currency?: Currency;
}

const THE_ACCOUNT = { 200: { description: 'The account', schema: adminAccountAnswer } };

/** Any account, for operators. Nothing here moves money. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/accounts')
export class AdminAccountsController {
  constructor(
    private readonly store: AccountsStore,
    private readonly clients: ClientAccounts,
    private readonly databases: Databases,
  ) {}

  @Get()
  @Answers({ 200: { description: 'Accounts; or CSV', schema: listOf(adminAccountAnswer) } })
  @AlsoCsv('ledger_accounts', ACCOUNT_CSV)
  @Described(
    'accounts of all merchants and of the platform, the newest first',
    'As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page. Times are UTC.',
  )
  async list(@ValidQuery(AdminAccountsQuery) query: AdminAccountsQuery): Promise<Page<AdminAccountView>> {
    const rows = await searchAccounts(
      this.databases.of('ledger'),
      {
        livemode: query.livemode === 'true',
        merchantId: idParameter('merchant', 'merchant', query.merchant),
        kind: query.kind,
        currency: query.currency,
      },
      windowOf(query, (id) => decodeId('account', id)),
    );
    return listed(query, rows, viewAdminAccount);
  }

  @Get(':id')
  @Answers(THE_ACCOUNT)
  async read(@Param('id') id: string): Promise<AdminAccountView> {
    return viewAdminAccount(await this.store.get(null, id));
  }

  @Described(
    'refuse all postings to an account',
    'Only an operator opens it again. What the ledger itself would book to it becomes a dead letter, to be replayed then.',
  )
  @HttpCode(200)
  @Answers(THE_ACCOUNT)
  @Post(':id/freeze')
  freeze(
    @CurrentAdmin() admin: AdminPrincipal,
    @Param('id') id: string,
    @ValidBody(ReasonDto) body: ReasonDto,
  ): Promise<AdminAccountView> {
    return this.change(admin, id, 'frozen', body);
  }

  @Described('open a frozen account again')
  @HttpCode(200)
  @Answers(THE_ACCOUNT)
  @Needs('authorise')
  @Post(':id/unfreeze')
  unfreeze(
    @CurrentAdmin() admin: AdminPrincipal,
    @Param('id') id: string,
    @ValidBody(ReasonDto) body: ReasonDto,
  ): Promise<AdminAccountView> {
    return this.change(admin, id, 'open', body);
  }

  private async change(
    { id: adminId }: AdminPrincipal,
    id: string,
    state: 'frozen' | 'open',
    { reason }: ReasonDto,
  ): Promise<AdminAccountView> {
    await this.clients.change(await this.store.get(null, id), { state, reason, actor: 'operator', actorId: adminId });
    return viewAdminAccount(await this.store.get(null, id));
  }
}
