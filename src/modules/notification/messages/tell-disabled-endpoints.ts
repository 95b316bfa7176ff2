import { Injectable } from '@nestjs/common';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { TellDisabled } from '../results.store.js';
import { addressOf } from './addressee.js';
import { MessageSettingsStore } from './message-settings.store.js';
import { Messages, type Draft } from './messages.js';

/** An endpoint that is sent nothing any more: operations hear of it, and the merchant where it has named somebody. Without events: it is our own. */
@Injectable()
export class TellDisabledEndpoints {
  constructor(
    private readonly messages: Messages,
    private readonly settings: MessageSettingsStore,
  ) {}

  readonly tell: TellDisabled = async (tx, disabled) => {
    const [first] = disabled;
    if (first === undefined) return;
    const items = disabled.map(({ endpoint }) => ({
      livemode: endpoint.livemode,
      endpoint: encodeId('webhookEndpoint', endpoint.id),
      merchant: encodeId('merchant', endpoint.merchantId),
      reason: endpoint.reason ?? 'failing',
    }));
    await this.messages.alert(tx, 'alert_endpoint_disabled', items, first.eventId);
    if (!this.messages.isOn('email')) return;
    const settings = await this.settings.of(
      tx,
      disabled.map(({ endpoint }) => endpoint),
    );
    const drafts = disabled.flatMap(({ endpoint, eventId }): Draft[] => {
      const chosen = settings(endpoint);
      const to = addressOf('email', chosen?.contactEmail);
      if (chosen === undefined || to === undefined) return [];
      const { livemode, merchantId, reason } = endpoint;
      const data = { livemode, endpoint: encodeId('webhookEndpoint', endpoint.id), reason: reason ?? 'failing' };
      return [
        {
          said: { kind: 'merchant_endpoint_disabled', data },
          channel: 'email',
          language: chosen.language,
          content: { to },
          sourceEventId: eventId,
          subjectId: endpoint.id,
          merchantId,
          livemode,
        },
      ];
    });
    await this.messages.queue(tx, drafts);
  };
}
