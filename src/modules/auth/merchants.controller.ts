import { Controller, Delete, Get, Param, Post, Req } from '@nestjs/common';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { AdminApi } from '../../kernel/access/access.js';
import { SCOPES, type Scope } from '../../kernel/access/scopes.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../../kernel/http/csv-pages.js';
import { Described } from '../../kernel/http/described.js';
import { IsReadable } from '../../kernel/http/fields.js';
import type { Page } from '../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { decodeId } from '../../kernel/ids/ids.js';
import { AuthStore } from './auth.store.js';
import { merchantUuid, viewApiKey, viewMerchant, type ApiKeyView, type MerchantView } from './auth.views.js';
import { CreateApiKey } from './create-api-key.js';
import { CreateMerchant } from './create-merchant.js';
import { cursorOf, listed } from './lists.js';
import { RevokeApiKey } from './revoke-api-key.js';
import { MAX_OVERLAP_SECONDS, OVERLAP_SECONDS, RollApiKey } from './roll-api-key.js';
import { Answers } from '../../kernel/http/answers.js';
import { apiKeyAnswer, apiKeysAnswer, merchantAnswer, merchantsAnswer, newApiKeyAnswer } from './auth.answers.js';

/** As in the tables: long enough for any registered company's name. */
const MAX_NAME = 200;
/** All of the amount, in basis points. */
const MAX_FEE_BPS = 10_000;

/** A name that shows: not empty, no blanks around it, no line breaks. */
const NAME = /^\S(?:[^\r\n]*\S)?$/;

export class CreateMerchantBody {
  @IsString()
  @Length(1, MAX_NAME)
  @Matches(NAME)
  name!: string;

  /** Basis points of each captured amount. */
  @IsInt()
  @Min(0)
  @Max(MAX_FEE_BPS)
  platform_fee_bps!: number;
}

export class CreateApiKeyBody {
  @IsBoolean()
  livemode!: boolean;

  @IsOptional()
  @IsString()
  @Length(1, MAX_NAME)
  @Matches(NAME)
  name?: string | null;

  /** What it is limited to. Left out or null: everything. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes?: Scope[] | null;
}

export class RollApiKeyBody {
  /** For how long the old key works beside the new one: a day where nothing is said, at most a week. 0: no longer. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  overlap_seconds?: number;
}

/** The request's id begins the story that its events tell. */
interface RequestWithId {
  readonly id: string;
}

export class MerchantsQuery extends CsvPageQuery {
  /** How the name begins, in capitals or not. */
  @IsOptional()
  @IsReadable()
  @Length(1, MAX_NAME)
  name?: string;
}

const MERCHANT_CSV: CsvColumns<MerchantView> = {
  id: (merchant) => merchant.id,
  created_at_utc: (merchant) => merchant.created_at,
  name: (merchant) => merchant.name,
  platform_fee_bps: (merchant) => merchant.platform_fee_bps,
  status: (merchant) => merchant.status,
};

const API_KEY_CSV: CsvColumns<ApiKeyView> = {
  id: (key) => key.id,
  created_at_utc: (key) => key.created_at,
  merchant: (key) => key.merchant_id,
  livemode: (key) => key.livemode,
  name: (key) => key.name,
  last4: (key) => key.last4,
  scopes: (key) => key.scopes?.join(' '),
  replaces: (key) => key.replaces,
  last_used_at_utc: (key) => key.last_used_at,
  expires_at_utc: (key) => key.expires_at,
  revoked_at_utc: (key) => key.revoked_at,
};

/** Merchants and their keys, for operators. */
@AdminApi('merchants')
@Controller('admin/v1')
export class MerchantsController {
  constructor(
    private readonly store: AuthStore,
    private readonly createMerchant: CreateMerchant,
    private readonly createApiKey: CreateApiKey,
    private readonly rollApiKey: RollApiKey,
    private readonly revokeApiKey: RevokeApiKey,
  ) {}

  @Post('merchants')
  @Answers({ 201: { description: 'The merchant', schema: merchantAnswer } })
  async create(
    @Req() request: RequestWithId,
    @ValidBody(CreateMerchantBody) body: CreateMerchantBody,
  ): Promise<MerchantView> {
    const { name, platform_fee_bps: platformFeeBps } = body;
    return viewMerchant(await this.createMerchant.execute({ name, platformFeeBps, correlationId: request.id }));
  }

  @Get('merchants')
  @Answers({ 200: { description: 'Merchants; or CSV', schema: merchantsAnswer } })
  @AlsoCsv('merchants', MERCHANT_CSV)
  @Described('Merchants, newest first.', '`name`: those whose names begin so.')
  async list(@ValidQuery(MerchantsQuery) query: MerchantsQuery): Promise<Page<MerchantView>> {
    return listed(query, await this.store.listMerchants(cursorOf(query, 'merchant'), query.name), viewMerchant);
  }

  @Get('merchants/:id')
  @Answers({ 200: { description: 'The merchant', schema: merchantAnswer } })
  async read(@Param('id') id: string): Promise<MerchantView> {
    const merchant = await this.store.findMerchant(this.store.database, merchantUuid(id));
    if (merchant === undefined) throw new DomainError('merchant.not_found');
    return viewMerchant(merchant);
  }

  /** The only answer that holds the secret. */
  @Post('merchants/:id/api_keys')
  @Answers({ 201: { description: 'The key, with its secret', schema: newApiKeyAnswer } })
  async createKey(
    @Req() request: RequestWithId,
    @Param('id') id: string,
    @ValidBody(CreateApiKeyBody) body: CreateApiKeyBody,
  ): Promise<ApiKeyView & { readonly secret: string }> {
    const { key, secret } = await this.createApiKey.execute({
      merchantId: merchantUuid(id),
      livemode: body.livemode,
      name: body.name ?? null,
      scopes: body.scopes ?? null,
      correlationId: request.id,
    });
    return { ...viewApiKey(key), secret };
  }

  @Get('merchants/:id/api_keys')
  @Answers({ 200: { description: 'Keys; or CSV', schema: apiKeysAnswer } })
  @AlsoCsv('api_keys', API_KEY_CSV)
  async listKeys(@Param('id') id: string, @ValidQuery(CsvPageQuery) query: CsvPageQuery): Promise<Page<ApiKeyView>> {
    const merchantId = merchantUuid(id);
    const [merchant, rows] = await Promise.all([
      this.store.findMerchant(this.store.database, merchantId),
      this.store.listApiKeys(merchantId, cursorOf(query, 'apiKey')),
    ]);
    if (merchant === undefined) throw new DomainError('merchant.not_found');
    return listed(query, rows, viewApiKey);
  }

  /** Answers the key that takes its place, with its secret; nothing else does. The old one has `expires_at` from then on, and ends no later than then. */
  @Post('api_keys/:id/roll')
  @Answers({ 201: { description: 'The key that takes its place, with its secret', schema: newApiKeyAnswer } })
  async rollKey(
    @Req() request: RequestWithId,
    @Param('id') id: string,
    @ValidBody(RollApiKeyBody) body: RollApiKeyBody,
  ): Promise<ApiKeyView & { readonly secret: string }> {
    const keyId = apiKeyUuid(id);
    const overlapSeconds = body.overlap_seconds ?? OVERLAP_SECONDS;
    const { key, secret } = await this.rollApiKey.execute({ keyId, overlapSeconds, correlationId: request.id });
    return { ...viewApiKey(key), secret };
  }

  /** Answers the key with `revoked_at`; it stops working in every process within two seconds. */
  @Delete('api_keys/:id')
  @Answers({ 200: { description: 'The key', schema: apiKeyAnswer } })
  async revokeKey(@Req() request: RequestWithId, @Param('id') id: string): Promise<ApiKeyView> {
    const keyId = apiKeyUuid(id);
    return viewApiKey(await this.revokeApiKey.execute({ keyId, correlationId: request.id }));
  }
}

function apiKeyUuid(id: string): string {
  const uuid = decodeId('apiKey', id);
  if (uuid === undefined) throw new DomainError('api_key.not_found');
  return uuid;
}
