import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { CannotOpen, Vault } from '../../../kernel/secrets/vault.js';
import { openContent, type MessageContent } from './message-content.js';
import { KINDS, type Said } from './message-kinds.js';
import { MessageListsStore, type MessageRow } from './message-lists.store.js';
import { Messages } from './messages.js';
import { lockForResend, type ResendRow } from './messages.store.js';

/**
 * Sends a message again because somebody asks for it: they know more of what has become of the first one than we do. What says the same lies there a
 * second time, sealed anew, so that its limits and its attempts are its own.
 */
@Injectable()
export class ResendMessage {
  constructor(
    private readonly messages: Messages,
    private readonly lists: MessageListsStore,
    private readonly vault: Vault,
  ) {}

  /** @throws {DomainError} message.not_found, message.under_way, message.content_gone, message.channel_off */
  async execute(id: string): Promise<MessageRow> {
    const made = await this.lists.database.transaction(async (tx) => {
      // Locked: whoever asks twice at once gets one.
      const row = await lockForResend(tx, id);
      if (row === undefined) throw new DomainError('message.not_found');
      if (row.underWay) throw new DomainError('message.under_way');
      if (!this.messages.isOn(row.channel)) throw new DomainError('message.channel_off');
      const content = await this.contentOf(row);
      const { kind, data, channel, language, subjectId, merchantId, livemode } = row;
      const [queued] = await this.messages.queue(tx, [
        {
          said: { kind, data } as Said,
          channel,
          language,
          content,
          sourceEventId: newUuid(),
          resendOf: id,
          ...(subjectId === null ? {} : { subjectId }),
          ...(merchantId === null ? {} : { merchantId }),
          ...(livemode === null ? {} : { livemode }),
          // A link is no younger for being sent twice.
          ...(KINDS[kind].secret ? { expiresAt: row.expiresAt } : {}),
        },
      ]);
      if (queued === undefined) throw new Error('A message with an id of its own was there already');
      return queued;
    });
    const found = await this.lists.find(made);
    if (found === undefined) throw new DomainError('message.not_found');
    return found;
  }

  private async contentOf(row: ResendRow): Promise<MessageContent> {
    const over = KINDS[row.kind].secret && row.expiresAt <= new Date();
    if (row.sealed === null || over) throw new DomainError('message.content_gone');
    try {
      return await openContent(this.vault, row.id, row.sealed);
    } catch (error) {
      if (error instanceof CannotOpen) throw new DomainError('message.content_gone');
      throw error;
    }
  }
}
