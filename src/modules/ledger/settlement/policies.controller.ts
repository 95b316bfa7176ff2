import { Controller, Get, Param, Post } from '@nestjs/common';
import { IsIn, IsObject, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { AdminApi, CurrentAdmin } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { readData } from '../../../kernel/http/read-data.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import { listed, windowOf } from '../list-window.js';
import { findPolicy, insertPolicy, listPolicies, type PolicyRow } from './policies.store.js';
import { policyContent } from './policy.js';

/** As in the table. */
const MAX_NOTE = 500;

export class CreatePolicyBody {
  /** `mer_...`: whose it is. Left out: of all that have none of their own. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  merchant?: string;

  /** Left out: of all currencies for which there is no other. */
  @IsOptional()
  @IsIn(CURRENCIES)
  currency?: Currency;

  /** When captured money becomes available, and what of it is kept back: see the module's README. */
  @IsObject()
  content!: Record<string, unknown>;

  /** In force for what is captured from then on; not in the past. Left out: from now on. */
  @IsOptional()
  @IsMoment()
  valid_from?: string;

  /** Why it was made. */
  @IsString()
  @Length(1, MAX_NOTE)
  note!: string;
}

class PoliciesQuery extends PageQuery {
  /** `mer_...`; `none`: those of all merchants. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  merchant?: string;
}

interface PolicyView {
  readonly object: 'settlement_policy';
  readonly id: string;
  readonly merchant: string | null;
  readonly currency: string | null;
  /** Counted per merchant and currency. */
  readonly version: number;
  readonly content: unknown;
  readonly valid_from: string;
  readonly note: string;
  readonly created_by: string;
  readonly created_at: string;
}

/** When merchants' money becomes available, for operators. */
@AdminApi()
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
  @Post()
  async create(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(CreatePolicyBody) body: CreatePolicyBody,
  ): Promise<PolicyView> {
    const row = await insertPolicy(this.database, {
      merchantId: body.merchant === undefined ? null : merchantOf(body.merchant),
      currency: body.currency ?? null,
      content: readData(policyContent, body.content, '/content'),
      validFrom: body.valid_from === undefined ? undefined : new Date(body.valid_from),
      note: body.note,
      createdBy: admin.keyId,
    });
    if (row === undefined)
      throw new DomainError('request.invalid', { errors: [{ pointer: '/valid_from', code: 'in_the_past' }] });
    return viewPolicy(row);
  }

  @Described('list settlement policies, newest first')
  @Get()
  async list(@ValidQuery(PoliciesQuery) query: PoliciesQuery): Promise<Page<PolicyView>> {
    const { merchant } = query;
    const rows = await listPolicies(this.database, {
      ...windowOf(query, (id) => decodeId('settlementPolicy', id)),
      merchantId: merchant === undefined ? undefined : merchant === 'none' ? null : askedMerchant(merchant),
    });
    return listed(query, rows, viewPolicy);
  }

  @Described('read a settlement policy')
  @Get(':id')
  async read(@Param('id') id: string): Promise<PolicyView> {
    const uuid = decodeId('settlementPolicy', id);
    const row = uuid === undefined ? undefined : await findPolicy(this.database, uuid);
    if (row === undefined) throw new DomainError('settlement_policy.not_found');
    return viewPolicy(row);
  }
}

function merchantOf(id: string): string {
  const uuid = decodeId('merchant', id);
  if (uuid === undefined)
    throw new DomainError('request.invalid', { errors: [{ pointer: '/merchant', code: 'invalid_id' }] });
  return uuid;
}

function askedMerchant(id: string): string {
  const uuid = decodeId('merchant', id);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: 'merchant', code: 'invalid_id' }] });
  return uuid;
}

function viewPolicy(row: PolicyRow): PolicyView {
  return {
    object: 'settlement_policy',
    id: encodeId('settlementPolicy', row.id),
    merchant: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    currency: row.currency,
    version: row.version,
    content: row.content,
    valid_from: row.validFrom.toISOString(),
    note: row.note,
    created_by: encodeId('adminKey', row.createdBy),
    created_at: row.createdAt.toISOString(),
  };
}
