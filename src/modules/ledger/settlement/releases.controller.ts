import { Controller, Get, Param } from '@nestjs/common';
import { AdminApi, CurrentMerchant, MerchantApi } from '../../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../../kernel/access/principal.js';
import { Answers, listOf } from '../../../kernel/http/answers.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../../../kernel/http/csv-pages.js';
import { Described } from '../../../kernel/http/described.js';
import { PageQuery, page, type Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { listed, windowOf } from '../list-window.js';
import { releaseAnswer, settlementAnswer } from './settlement.answers.js';
import { ReleasesStore } from './releases.store.js';
import {
  viewRelease,
  viewSettlement,
  viewUpcoming,
  type ReleaseView,
  type SettlementView,
  type UpcomingReleaseView,
} from './releases.views.js';

/** When a merchant's money became available, and when more will. */
@MerchantApi('ledger')
@Controller('v1/balances')
export class ReleasesController {
  constructor(private readonly store: ReleasesStore) {}

  @Described(
    'list what will become available',
    'By currency and hour. What refunds and payouts have drawn before it was due is made good by what becomes due first, so that less may become available.',
  )
  @Get('upcoming_releases')
  async upcoming(@CurrentMerchant() merchant: MerchantPrincipal): Promise<Page<UpcomingReleaseView>> {
    const rows = await this.store.upcoming(merchant);
    return { object: 'list', data: rows.map((row) => viewUpcoming(merchant.livemode, row)), has_more: false };
  }

  @Described('list what became available, newest first')
  @Get('releases')
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(PageQuery) query: PageQuery,
  ): Promise<Page<ReleaseView>> {
    const window = windowOf(query, (id) => decodeId('release', id));
    return listed(query, await this.store.list(merchant, window), viewRelease);
  }

  @Described('read a release')
  @Get('releases/:id')
  async read(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<ReleaseView> {
    return viewRelease(await this.store.get(merchant, id));
  }

  @Described('list what a release contains', 'Oldest first, a row per payment.')
  @Get('releases/:id/settlements')
  async settlements(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidQuery(PageQuery) query: PageQuery,
  ): Promise<Page<SettlementView>> {
    return contained(this.store, merchant, id, query);
  }
}

const SETTLEMENT_CSV: CsvColumns<SettlementView> = {
  id: (settlement) => settlement.id,
  payment: (settlement) => settlement.payment_id,
  kind: (settlement) => settlement.kind,
  amount_minor: (settlement) => settlement.amount,
  given_back_minor: (settlement) => settlement.given_back,
  due_at_utc: (settlement) => settlement.due_at,
  proved_at_utc: (settlement) => settlement.proved_at,
  policy: (settlement) => settlement.policy_id,
};

/** Any release, for operators. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/releases')
export class AdminReleasesController {
  constructor(private readonly store: ReleasesStore) {}

  @Described('read a release of any merchant')
  @Answers({ 200: { description: 'The release', schema: releaseAnswer } })
  @Get(':id')
  async read(@Param('id') id: string): Promise<ReleaseView> {
    return viewRelease(await this.store.get(null, id));
  }

  @Described('list what a release of any merchant contains', 'Oldest first, a row per payment.')
  @Answers({ 200: { description: 'What it contains; or CSV', schema: listOf(settlementAnswer) } })
  @AlsoCsv('release_settlements', SETTLEMENT_CSV)
  @Get(':id/settlements')
  async settlements(
    @Param('id') id: string,
    @ValidQuery(CsvPageQuery) query: CsvPageQuery,
  ): Promise<Page<SettlementView>> {
    return contained(this.store, null, id, query);
  }
}

async function contained(
  store: ReleasesStore,
  owner: MerchantPrincipal | null,
  id: string,
  query: PageQuery,
): Promise<Page<SettlementView>> {
  const release = await store.get(owner, id);
  const window = windowOf(query, (cursor) => decodeId('transfer', cursor));
  const rows = await store.contained(owner, release.id, window);
  const read = page(rows, query.limit, viewSettlement);
  return query.ending_before === undefined ? read : { ...read, data: read.data.toReversed() };
}
