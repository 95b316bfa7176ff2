import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsOptional, IsString, Length, MaxLength, ValidateBy } from 'class-validator';
import { CurrentMerchant, MerchantApi } from '../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { PageQuery, type Page } from '../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { decodeId } from '../../kernel/ids/ids.js';
import { EndpointsStore, type EndpointRow } from './endpoints.store.js';
import { listed, windowOf } from './list-cursor.js';
import { ManageEndpoints, type EndpointWithSecret } from './manage-endpoints.js';
import { MERCHANT_EVENT_TYPES } from './merchant-event.js';
import { viewEndpoint, type EndpointView } from './notification.views.js';
import { MAX_URL_LENGTH } from './ssrf-guard.js';

/** As in the table: a line of text. */
const MAX_DESCRIPTION = 255;

const eventTypes = new Set<unknown>(MERCHANT_EVENT_TYPES);

/** A list of known event names. One check for the whole list, since the compiled validation knows no checks of elements. */
const IsEventList = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEventList',
    validator: {
      validate: (value: unknown) =>
        Array.isArray(value) &&
        value.length <= MERCHANT_EVENT_TYPES.length &&
        value.every((each) => eventTypes.has(each)),
      defaultMessage: () => `events must be a list of: ${MERCHANT_EVENT_TYPES.join(', ')}`,
    },
  });

/** PostgreSQL stores no NUL in text. */
const HasNoNul = (): PropertyDecorator =>
  ValidateBy({
    name: 'hasNoNul',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && !value.includes('\u0000'),
      defaultMessage: () => 'must not hold a NUL character',
    },
  });

export class CreateWebhookEndpoint {
  @IsString()
  @Length(1, MAX_URL_LENGTH)
  url!: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  @HasNoNul()
  description?: string | null;

  /** Names of the events to be sent; none means all. */
  @IsOptional()
  @IsEventList()
  events?: string[] | null;
}

export type EndpointSecretView = EndpointView & { readonly secret: string };

/** Where merchants want their webhooks. The secret is in the answers of creating and rolling, and nowhere else. */
@MerchantApi('webhooks')
@Controller('v1/webhook_endpoints')
export class WebhookEndpointsController {
  constructor(
    private readonly manage: ManageEndpoints,
    private readonly store: EndpointsStore,
  ) {}

  @Post()
  async create(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidBody(CreateWebhookEndpoint) body: CreateWebhookEndpoint,
  ): Promise<EndpointSecretView> {
    return withSecret(
      await this.manage.create(merchant, {
        url: body.url,
        description: body.description ?? null,
        events: body.events ?? [],
      }),
    );
  }

  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(PageQuery) query: PageQuery,
  ): Promise<Page<EndpointView>> {
    return listed(query, await this.store.list(merchant, windowOf(query, 'webhookEndpoint')), viewEndpoint);
  }

  @Get(':id')
  async read(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<EndpointView> {
    const endpoint: EndpointRow | undefined = await this.store.find(merchant, endpointUuid(id));
    if (endpoint === undefined) throw new DomainError('webhook_endpoint.not_found');
    return viewEndpoint(endpoint);
  }

  @Delete(':id')
  async remove(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
  ): Promise<{ object: 'webhook_endpoint'; id: string; deleted: true }> {
    await this.manage.remove(merchant, endpointUuid(id));
    return { object: 'webhook_endpoint', id, deleted: true };
  }

  /** The previous secret stays valid for 24 hours; until then every webhook carries a signature of each. */
  @Post(':id/roll_secret')
  @HttpCode(200)
  async rollSecret(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
  ): Promise<EndpointSecretView> {
    return withSecret(await this.manage.rollSecret(merchant, endpointUuid(id)));
  }

  @Post(':id/enable')
  @HttpCode(200)
  async enable(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<EndpointView> {
    return viewEndpoint(await this.manage.enable(merchant, endpointUuid(id)));
  }
}

function endpointUuid(id: string): string {
  const uuid = decodeId('webhookEndpoint', id);
  if (uuid === undefined) throw new DomainError('webhook_endpoint.not_found');
  return uuid;
}

function withSecret({ endpoint, secret }: EndpointWithSecret): EndpointSecretView {
  return { ...viewEndpoint(endpoint), secret };
}
