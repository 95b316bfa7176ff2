import { Controller, Get, Param } from '@nestjs/common';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { AccountsStore, type AccountRow } from './accounts.store.js';
import { decodeEntryId } from './entry-id.js';
import { viewAccount, viewEntry, type AccountView, type EntryView } from './account.views.js';
import { listed, windowOf } from '../list-window.js';

/** A merchant's own accounts and their statements. */
@MerchantApi()
@Controller('v1/ledger/accounts')
export class AccountsController {
  constructor(private readonly store: AccountsStore) {}

  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(PageQuery) query: PageQuery,
  ): Promise<Page<AccountView>> {
    const rows = await this.store.list(
      merchant,
      windowOf(query, (id) => decodeId('account', id)),
    );
    return listed(query, rows, viewAccount);
  }

  @Get(':id')
  async read(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<AccountView> {
    return viewAccount(await this.find(merchant, id));
  }

  /** The statement: newest first, each entry with the balance it left. */
  @Get(':id/entries')
  async entries(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(PageQuery) query: PageQuery,
  ): Promise<Page<EntryView>> {
    const account = await this.find(merchant, id);
    const rows = await this.store.entries(
      account.id,
      windowOf(query, (cursor) => decodeEntryId(account.id, cursor)),
    );
    return listed(query, rows, viewEntry);
  }

  private async find(merchant: MerchantPrincipal, id: string): Promise<AccountRow> {
    const uuid = decodeId('account', id);
    const account = uuid === undefined ? undefined : await this.store.find(merchant, uuid);
    if (account === undefined) throw new DomainError('ledger.account_not_found');
    return account;
  }
}
