import { Controller, Get, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import type { z } from 'zod';
import { AdminApi, CurrentAdmin } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers, listOf } from '../../../kernel/http/answers.js';
import { AlsoCsv } from '../../../kernel/http/csv-pages.js';
import { Described } from '../../../kernel/http/described.js';
import {
  DataVersionBody,
  dataVersionOf,
  DATA_VERSION_CSV,
  DataVersionsQuery,
  mustBeAhead,
  viewDataVersion,
  whoseVersions,
} from '../../../kernel/http/data-versions.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { readData } from '../../../kernel/http/read-data.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import { listed, windowOf } from '../list-window.js';
import { findPolicy, insertPolicy, listPolicies, type PolicyRow } from './policies.store.js';
import { policyAnswer } from './settlement.answers.js';
import { policyContent } from './policy.js';

export class CreatePolicyBody extends DataVersionBody {
  /** Left out: of all currencies for which there is no other. */
  @IsOptional()
  @IsIn(CURRENCIES)
  currency?: Currency;
}

type PolicyView = z.infer<typeof policyAnswer>;

/** When merchants' money becomes available, for operators. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/settlement_policies')
export class PoliciesController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  @Described(
    'make a settlement policy',
    'The next version for its merchant and currency. What was captured before it is in force keeps what decided about it.',
  )
  @Answers({ 201: { description: 'The policy', schema: policyAnswer } })
  @Post()
  async create(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(CreatePolicyBody) body: CreatePolicyBody,
  ): Promise<PolicyView> {
    const row = await insertPolicy(this.database, {
      ...dataVersionOf(body, admin.id),
      currency: body.currency ?? null,
      content: readData(policyContent, body.content, '/content'),
    });
    return viewPolicy(mustBeAhead(row));
  }

  @Described('list settlement policies, newest first')
  @Answers({ 200: { description: 'Policies; or CSV', schema: listOf(policyAnswer) } })
  @AlsoCsv<PolicyView>('settlement_policies', { ...DATA_VERSION_CSV, currency: (policy) => policy.currency })
  @Get()
  async list(@ValidQuery(DataVersionsQuery) query: DataVersionsQuery): Promise<Page<PolicyView>> {
    const rows = await listPolicies(this.database, {
      ...windowOf(query, (id) => decodeId('settlementPolicy', id)),
      merchantId: whoseVersions(query),
    });
    return listed(query, rows, viewPolicy);
  }

  @Described('read a settlement policy')
  @Answers({ 200: { description: 'The policy', schema: policyAnswer } })
  @Get(':id')
  async read(@Param('id') id: string): Promise<PolicyView> {
    const uuid = decodeId('settlementPolicy', id);
    const row = uuid === undefined ? undefined : await findPolicy(this.database, uuid);
    if (row === undefined) throw new DomainError('settlement_policy.not_found');
    return viewPolicy(row);
  }
}

function viewPolicy(row: PolicyRow): PolicyView {
  return {
    object: 'settlement_policy',
    id: encodeId('settlementPolicy', row.id),
    currency: row.currency,
    ...viewDataVersion(row),
  };
}
