import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional, IsString, ValidateBy } from 'class-validator';
import { CurrentMerchant, MerchantApi } from '../../kernel/access/access.js';
import type { MerchantPrincipal } from '../../kernel/access/principal.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { PageQuery, type Page } from '../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { decodeId } from '../../kernel/ids/ids.js';
import { EventsStore } from './events.store.js';
import { listed, windowOf } from './list-cursor.js';
import { MERCHANT_EVENT_TYPES } from './merchant-event.js';
import {
  viewDelivery,
  viewDeliveryWithLog,
  viewEvent,
  type DeliveryView,
  type EventView,
} from './notification.views.js';
import { RedeliverEvent } from './redeliver-event.js';

/** RFC 3339 with seconds and an offset; and a day that exists, which the pattern alone does not promise. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

const IsTimestamp = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTimestamp',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value)),
      defaultMessage: () => 'must be an RFC 3339 timestamp such as 2026-01-31T12:00:00Z',
    },
  });

export class EventsQuery extends PageQuery {
  @IsOptional()
  @IsIn(MERCHANT_EVENT_TYPES)
  type?: string;

  /** RFC 3339; events created later than this. */
  @IsOptional()
  @IsTimestamp()
  created_after?: string;
}

export class RedeliverBody {
  /** Only to this endpoint; without it, to every enabled one that wants the event. */
  @IsOptional()
  @IsString()
  endpoint_id?: string | null;
}

/** A new delivery, and whether its endpoint has had the event already. */
export type RedeliveryView = DeliveryView & { readonly delivered_before: boolean };

/** What merchants were told, and telling them again. */
@MerchantApi('webhooks')
@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly store: EventsStore,
    private readonly redeliverEvent: RedeliverEvent,
  ) {}

  @Get()
  async list(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @ValidQuery(EventsQuery) query: EventsQuery,
  ): Promise<Page<EventView>> {
    const createdAfter = query.created_after === undefined ? undefined : new Date(query.created_after);
    return listed(
      query,
      await this.store.list(merchant, { type: query.type, createdAfter }, windowOf(query, 'event')),
      viewEvent,
    );
  }

  @Get(':id')
  async read(@CurrentMerchant() merchant: MerchantPrincipal, @Param('id') id: string): Promise<EventView> {
    const event = await this.store.find(merchant, eventUuid(id));
    if (event === undefined) throw new DomainError('event.not_found');
    const deliveries = await this.store.deliveriesOf(merchant, event.id);
    return { ...viewEvent(event), deliveries: deliveries.map(viewDeliveryWithLog) };
  }

  @Post(':id/redeliver')
  @HttpCode(202)
  async redeliver(
    @CurrentMerchant() merchant: MerchantPrincipal,
    @Param('id') id: string,
    @ValidBody(RedeliverBody) body: RedeliverBody,
  ): Promise<{ object: 'list'; data: RedeliveryView[] }> {
    const { deliveries, deliveredBefore } = await this.redeliverEvent.execute(
      merchant,
      eventUuid(id),
      endpointOf(body),
    );
    return {
      object: 'list',
      data: deliveries.map((row) => ({ ...viewDelivery(row), delivered_before: deliveredBefore.has(row.endpointId) })),
    };
  }
}

function eventUuid(id: string): string {
  const uuid = decodeId('event', id);
  if (uuid === undefined) throw new DomainError('event.not_found');
  return uuid;
}

function endpointOf(body: RedeliverBody): string | undefined {
  if (body.endpoint_id === undefined || body.endpoint_id === null) return undefined;
  const uuid = decodeId('webhookEndpoint', body.endpoint_id);
  if (uuid === undefined) throw new DomainError('webhook_endpoint.not_found');
  return uuid;
}
