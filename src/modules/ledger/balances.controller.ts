import { Controller, Get } from '@nestjs/common';
import { CurrentMerchant, MerchantApi } from '../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import type { Page } from '../../kernel/http/pagination.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import { AccountsStore } from './accounts.store.js';
import { balancesOf } from './balances.js';

export interface BalanceView {
  readonly object: 'balance';
  readonly livemode: boolean;
  readonly currency: string;
  readonly pending: number;
  readonly available: number;
  readonly reserved: number;
}

/** What we hold for the merchant: one balance per currency that it ever took. */
@MerchantApi()
@Controller('v1/balances')
export class BalancesController {
  constructor(private readonly store: AccountsStore) {}

  @Get()
  async list(@CurrentMerchant() merchant: MerchantPrincipal): Promise<Page<BalanceView>> {
    const rows = await this.store.balances(merchant, ['merchant_pending', 'merchant_available', 'merchant_reserved']);
    const data = balancesOf(rows).map((balance): BalanceView => ({
      object: 'balance',
      livemode: merchant.livemode,
      currency: balance.currency,
      pending: toJsonAmount(balance.pending),
      available: toJsonAmount(balance.available),
      reserved: toJsonAmount(balance.reserved),
    }));
    return { object: 'list', data, has_more: false };
  }
}
