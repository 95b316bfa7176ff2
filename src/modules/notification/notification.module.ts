import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { notifyMerchants } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { EndpointsStore } from './endpoints.store.js';
import { EventsController } from './events.controller.js';
import { EventsStore } from './events.store.js';
import { ManageEndpoints } from './manage-endpoints.js';
import { NotificationMetrics } from './notification.metrics.js';
import { NotifyMerchants } from './notify-merchants.js';
import { RedeliverEvent } from './redeliver-event.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookSender } from './webhook-sender.js';

/** Webhooks to merchants. */
@Module({
  controllers: [WebhookEndpointsController, EventsController, WebhookDeliveriesController],
  providers: [
    EndpointsStore,
    EventsStore,
    ManageEndpoints,
    NotificationMetrics,
    NotifyMerchants,
    RedeliverEvent,
    WebhookSender,
  ],
})
export class NotificationModule implements OnModuleInit {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly databases: Databases,
    private readonly consumers: ConsumerRegistry,
    private readonly tasks: BackgroundTasks,
    private readonly logger: Logger,
    private readonly handler: NotifyMerchants,
    private readonly sender: WebhookSender,
  ) {}

  onModuleInit(): void {
    this.consumers.register(notifyMerchants, this.databases.of('notification'), this.handler);
    this.tasks.register(this.sender);
    if (this.env.webhookAllowPrivate) {
      this.logger.warn(
        {},
        'webhooks may go to loopback and private addresses, without TLS (WEBHOOK_ALLOW_PRIVATE): for development only',
      );
    }
  }
}
