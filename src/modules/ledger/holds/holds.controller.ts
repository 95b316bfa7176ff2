import { Controller, Get } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import { CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { HOLD_STATES } from './hold.js';
import { viewHold, type HoldView } from './holds.views.js';
import { HoldsStore } from './holds.store.js';
import { listed, windowOf } from '../list-window.js';

export class HoldsQuery extends PageQuery {
  @IsOptional()
  @IsIn(HOLD_STATES)
  status?: (typeof HOLD_STATES)[number];
}

/** What refunds and payouts hold of a merchant's money, or held. */
@MerchantApi('ledger')
@Controller('v1/ledger/holds')
export class HoldsController {
  constructor(private readonly store: HoldsStore) {}

  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(HoldsQuery) query: HoldsQuery,
  ): Promise<Page<HoldView>> {
    const window = windowOf(query, (id) => decodeId('hold', id));
    return listed(query, await this.store.list(merchant, window, query.status), viewHold);
  }
}
