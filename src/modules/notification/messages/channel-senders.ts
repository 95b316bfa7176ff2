/** The channels that are on, each with a sender of its own: a mail server that hangs keeps no SMS waiting. */
import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../../config/env.js';
import { Databases } from '../../../kernel/database/databases.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { Logger } from '../../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../../kernel/queue/background-tasks.js';
import { Vault } from '../../../kernel/secrets/vault.js';
import { AfricasTalkingChannel } from './africas-talking-channel.js';
import { MessageMetrics } from './message.metrics.js';
import { MessageSender, type Transmit } from './message-sender.js';
import type { Channel } from './message-kinds.js';
import { Messages } from './messages.js';
import { renderMail, renderSms } from './render-message.js';
import { SmtpChannel } from './smtp-channel.js';

@Injectable()
export class ChannelSenders implements BackgroundTask {
  readonly name = 'notification.send_messages';
  private readonly senders: readonly MessageSender[];
  private readonly sms: AfricasTalkingChannel | undefined;
  private running = false;

  constructor(
    @Inject(ENV) env: Env,
    databases: Databases,
    vault: Vault,
    private readonly logger: Logger,
    metrics: MessageMetrics,
    private readonly messages: Messages,
  ) {
    const { smtp, sms } = env.messages;
    const common = { database: databases.of('notification'), vault, logger, metrics, pauseShare: env.retryPauseShare };
    this.sms = sms === undefined ? undefined : new AfricasTalkingChannel(sms);
    this.senders = [
      ...(smtp !== undefined && messages.isOn('email')
        ? [new MessageSender({ ...common, channel: 'email', transmit: mailBy(new SmtpChannel(smtp)) })]
        : []),
      ...(this.sms !== undefined && messages.isOn('sms')
        ? [new MessageSender({ ...common, channel: 'sms', transmit: smsBy(this.sms) })]
        : []),
    ];
    messages.onQueued((channel) => this.of(channel)?.poke());
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.sayWhatIsOff();
    for (const sender of this.senders) sender.start();
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    await Promise.all(this.senders.map((sender) => sender.stop()));
    await this.sms?.close();
  }

  private of(channel: Channel): MessageSender | undefined {
    return this.senders.find((sender) => sender.channel === channel);
  }

  /** Once, at the start: nobody should find out by a mail that did not come. */
  private sayWhatIsOff(): void {
    if (this.of('email') === undefined)
      this.logger.warn({}, 'e-mail is off (SMTP_URL is not set): invitations are only shown to whoever invites');
    if (this.of('sms') === undefined) this.logger.info({}, 'SMS is off (AFRICASTALKING_USERNAME is not set)');
    if (this.messages.operations.length === 0)
      this.logger.warn({}, 'alerts go to nobody (neither ALERTS_EMAIL nor ALERTS_PHONE is set)');
  }
}

function mailBy(channel: SmtpChannel): Transmit {
  return (message) => channel.send({ ...renderMail(message), id: message.id, to: message.to });
}

function smsBy(channel: AfricasTalkingChannel): Transmit {
  return async (message) => {
    const text = renderSms(message);
    return text === undefined ? { kind: 'refused', error: 'no_text' } : channel.send({ to: message.to, text });
  };
}
