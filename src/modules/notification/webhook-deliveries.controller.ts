import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import { AdminApi } from '../../kernel/access/access.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../../kernel/http/csv-pages.js';
import type { Page } from '../../kernel/http/pagination.js';
import { ValidQuery } from '../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../kernel/ids/ids.js';
import { deliveriesAnswer, deliveryAnswer } from './deliveries.answers.js';
import { EventsStore } from './events.store.js';
import { listed, windowOf } from './list-cursor.js';
import { viewDelivery, type DeliveryView } from './notification.views.js';
import { RedeliverEvent } from './redeliver-event.js';

const STATUSES = ['pending', 'delivered', 'failed', 'abandoned'] as const;

export class DeliveriesQuery extends CsvPageQuery {
  /** Without it, the dead letters: abandoned. */
  @IsOptional()
  @IsIn(STATUSES)
  status: string = 'abandoned';
}

export type AdminDeliveryView = DeliveryView & {
  readonly merchant_id: string | null;
  readonly livemode: boolean | null;
  readonly event_type: string | null;
};

const CSV: CsvColumns<AdminDeliveryView> = {
  id: (delivery) => delivery.id,
  created_at_utc: (delivery) => delivery.created_at,
  merchant: (delivery) => delivery.merchant_id,
  livemode: (delivery) => delivery.livemode,
  event: (delivery) => delivery.event_id,
  type: (delivery) => delivery.event_type,
  endpoint: (delivery) => delivery.endpoint_id,
  status: (delivery) => delivery.status,
  attempts: (delivery) => delivery.attempts,
  last_status: (delivery) => delivery.last_status,
  last_error: (delivery) => delivery.last_error,
  last_duration_ms: (delivery) => delivery.last_duration_ms,
  last_attempt_at_utc: (delivery) => delivery.last_attempt_at,
  next_attempt_at_utc: (delivery) => delivery.next_attempt_at,
};

/** Webhook deliveries of all merchants, for operators. */
@AdminApi('webhooks')
@Controller('admin/v1/webhook_deliveries')
export class WebhookDeliveriesController {
  constructor(
    private readonly store: EventsStore,
    private readonly redeliverEvent: RedeliverEvent,
  ) {}

  @Get()
  @Answers({ 200: { description: 'Deliveries; or CSV', schema: deliveriesAnswer } })
  @AlsoCsv('webhook_deliveries', CSV)
  async list(@ValidQuery(DeliveriesQuery) query: DeliveriesQuery): Promise<Page<AdminDeliveryView>> {
    const rows = await this.store.listDeliveries(query.status, windowOf(query, 'webhookDelivery'));
    return listed(query, rows, (row) => ({
      ...viewDelivery(row),
      merchant_id: row.event === undefined ? null : encodeId('merchant', row.event.merchantId),
      livemode: row.event?.livemode ?? null,
      event_type: row.event?.type ?? null,
    }));
  }

  /** A new delivery of the same event to the same endpoint; the old one stays as it ended. */
  @Post(':id/redeliver')
  @HttpCode(202)
  @Answers({ 202: { description: 'The new delivery', schema: deliveryAnswer } })
  async redeliver(@Param('id') id: string): Promise<DeliveryView> {
    const uuid = decodeId('webhookDelivery', id);
    const found = uuid === undefined ? undefined : await this.store.findDelivery(uuid);
    if (found === undefined) throw new DomainError('webhook_delivery.not_found');
    const { deliveries } = await this.redeliverEvent.execute(
      found.owner,
      found.delivery.eventId,
      found.delivery.endpointId,
    );
    const [delivery] = deliveries;
    if (delivery === undefined) throw new DomainError('webhook_delivery.not_found');
    return viewDelivery(delivery);
  }
}
