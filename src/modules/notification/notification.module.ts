import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { messageAdmins, notifyMerchants, raiseAlerts, tellMembers } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { assertMasterKeys } from '../../kernel/secrets/master-keys.js';
import { Vault } from '../../kernel/secrets/vault.js';
import { AdminEventsController } from './admin-events.controller.js';
import { EndpointSecrets } from './endpoint-secrets.js';
import { EndpointsStore } from './endpoints.store.js';
import { EventsController } from './events.controller.js';
import { EventsStore } from './events.store.js';
import { ManageEndpoints } from './manage-endpoints.js';
import { ChannelSenders } from './messages/channel-senders.js';
import { ForgetMessages } from './messages/forget-messages.js';
import { TellMembers } from './messages/members/tell-members.js';
import { MessageAdmins } from './messages/message-admins.js';
import { MessageListsStore } from './messages/message-lists.store.js';
import { MessageMetrics } from './messages/message.metrics.js';
import { MessageSettingsStore } from './messages/message-settings.store.js';
import { MessagesController } from './messages/messages.controller.js';
import { Messages } from './messages/messages.js';
import { NotificationSettingsController } from './messages/notification-settings.controller.js';
import { QueueReceipts } from './messages/queue-receipts.js';
import { RaiseAlerts } from './messages/raise-alerts.js';
import { ResendMessage } from './messages/resend-message.js';
import { TellDisabledEndpoints } from './messages/tell-disabled-endpoints.js';
import { NotificationMetrics } from './notification.metrics.js';
import { NotifyMerchants } from './notify-merchants.js';
import { RedeliverEvent } from './redeliver-event.js';
import { WatchSecrets } from './watch-secrets.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookSender } from './webhook-sender.js';

/** Webhooks to merchants; e-mail and SMS to people. */
@Module({
  controllers: [
    WebhookEndpointsController,
    EventsController,
    AdminEventsController,
    WebhookDeliveriesController,
    MessagesController,
    NotificationSettingsController,
  ],
  providers: [
    EndpointSecrets,
    EndpointsStore,
    EventsStore,
    ManageEndpoints,
    NotificationMetrics,
    NotifyMerchants,
    RedeliverEvent,
    WebhookSender,
    Messages,
    ChannelSenders,
    MessageAdmins,
    MessageListsStore,
    MessageMetrics,
    MessageSettingsStore,
    QueueReceipts,
    RaiseAlerts,
    ResendMessage,
    TellDisabledEndpoints,
    TellMembers,
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
    private readonly admins: MessageAdmins,
    private readonly members: TellMembers,
    private readonly alerts: RaiseAlerts,
    private readonly channels: ChannelSenders,
    private readonly vault: Vault,
    private readonly metrics: NotificationMetrics,
  ) {}

  onModuleInit(): void {
    assertMasterKeys(this.env);
    this.consumers.register(notifyMerchants, this.databases.of('notification'), this.handler);
    const database = this.databases.of('notification');
    this.consumers.register(messageAdmins, database, this.admins);
    this.consumers.register(tellMembers, database, this.members);
    this.consumers.register(raiseAlerts, database, this.alerts);
    this.tasks.register(this.sender);
    this.tasks.register(this.channels);
    const { vault, logger, metrics } = this;
    this.tasks.register(new WatchSecrets({ database, vault, logger, metrics }));
    const { keepDays } = this.env.messages;
    this.tasks.register(new ForgetMessages({ database, logger, keepDays }));
    if (this.env.webhookAllowPrivate) {
      this.logger.warn(
        {},
        'webhooks may go to loopback and private addresses, without TLS (WEBHOOK_ALLOW_PRIVATE): for development only',
      );
    }
  }
}
