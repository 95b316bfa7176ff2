import { Injectable } from '@nestjs/common';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { TellDisabled } from '../results.store.js';
import { addressOf } from './addressee.js';
import type { MemberNotice } from './members/member-notices.js';
import { TellMembers } from './members/tell-members.js';
import { MessageSettingsStore } from './message-settings.store.js';
import { Messages, type Draft } from './messages.js';

/** An endpoint that is sent nothing any more: operations hear of it, and the merchant's members, and whom the merchant has named itself. Without events: it is our own. */
@Injectable()
export class TellDisabledEndpoints {
  constructor(
    private readonly messages: Messages,
    private readonly settings: MessageSettingsStore,
    private readonly members: TellMembers,
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
    await this.members.tell(tx, disabled.map(noticeOf));
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

function noticeOf({ endpoint, eventId }: Parameters<TellDisabled>[1][number]): MemberNotice {
  const { id, merchantId, livemode, reason } = endpoint;
  const data = { livemode, endpoint: encodeId('webhookEndpoint', id), reason: reason ?? 'failing' };
  const said = { kind: 'member_endpoint_disabled', data } as const;
  return { said, subject: 'technical', merchantId, livemode, sourceEventId: eventId };
}
