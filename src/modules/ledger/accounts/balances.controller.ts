import { Controller, Get } from '@nestjs/common';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { AccountsStore } from './accounts.store.js';
import { BALANCE_KINDS, balancesOf } from './balances.js';

/**
 * The four amounts together are what we owe the merchant; pending and available are what it can still use. Either is below zero only
 * after a refund or payout that had failed was paid by the gateway all the same.
 */
export interface BalanceView {
  readonly object: 'balance';
  readonly livemode: boolean;
  readonly currency: string;
  /** Captured by gateways and not settled yet, less what is held of it. */
  readonly pending: number;
  /** Settled, less what is held of it. */
  readonly available: number;
  /** Held for refunds and payouts that are under way. */
  readonly reserved: number;
  /** Kept back of captures, and released later. Neither refunds nor payouts draw on it. */
  readonly rolling_reserve: number;
}

/** What we hold for the merchant: one balance per currency that it ever took. */
@MerchantApi('ledger')
@Controller('v1/balances')
export class BalancesController {
  constructor(private readonly store: AccountsStore) {}

  @Get()
  async list(@CurrentMerchant() merchant: MerchantPrincipal): Promise<Page<BalanceView>> {
    const rows = await this.store.balances(merchant, BALANCE_KINDS);
    const data = balancesOf(rows).map((balance): BalanceView => ({
      object: 'balance',
      livemode: merchant.livemode,
      currency: balance.currency,
      pending: toJsonAmount(balance.pending),
      available: toJsonAmount(balance.available),
      reserved: toJsonAmount(balance.reserved),
      rolling_reserve: toJsonAmount(balance.rolling_reserve),
    }));
    return { object: 'list', data, has_more: false };
  }
}
