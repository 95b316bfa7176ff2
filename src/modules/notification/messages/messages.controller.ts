import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import { AdminApi } from '../../../kernel/access/access.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers, listOf } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { AlsoCsv, CsvPageQuery } from '../../../kernel/http/csv-pages.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { listed, windowOf } from '../list-cursor.js';
import { CHANNELS, KIND_NAMES } from './message-kinds.js';
import { MessageListsStore } from './message-lists.store.js';
import { MESSAGE_STATES, messageAnswer, messageWithLogAnswer } from './messages.answers.js';
import { MESSAGE_CSV, viewAttempt, viewMessage, type MessageView, type MessageWithLogView } from './messages.views.js';
import { ResendMessage } from './resend-message.js';

export class MessagesQuery extends CsvPageQuery {
  @IsOptional()
  @IsIn(MESSAGE_STATES)
  state?: string;

  @IsOptional()
  @IsIn(CHANNELS)
  channel?: string;

  @IsOptional()
  @IsIn(KIND_NAMES)
  kind?: string;

  @IsOptional()
  @IsMoment()
  created_after?: string;

  @IsOptional()
  @IsMoment()
  created_before?: string;
}

/** E-mails and SMS, for operators: whether they were sent, and why not. Nobody reads here what they say or to whom. */
@AdminApi('webhooks')
@Controller('admin/v1/messages')
export class MessagesController {
  constructor(
    private readonly store: MessageListsStore,
    private readonly resendMessage: ResendMessage,
  ) {}

  @Get()
  @Answers({ 200: { description: 'Messages; or CSV', schema: listOf(messageAnswer) } })
  @AlsoCsv('messages', MESSAGE_CSV)
  async list(@ValidQuery(MessagesQuery) query: MessagesQuery): Promise<Page<MessageView>> {
    const { state, channel, kind, created_after: after, created_before: before } = query;
    const filter = {
      state,
      channel,
      kind,
      createdAfter: after === undefined ? undefined : new Date(after),
      createdBefore: before === undefined ? undefined : new Date(before),
    };
    return listed(query, await this.store.list(filter, windowOf(query, 'message')), viewMessage);
  }

  @Get(':id')
  @Answers({ 200: { description: 'The message', schema: messageWithLogAnswer } })
  @Described('a message with its attempts')
  async read(@Param('id') id: string): Promise<MessageWithLogView> {
    const found = await this.store.find(messageUuid(id));
    if (found === undefined) throw new DomainError('message.not_found');
    return { ...viewMessage(found), log: found.log.map(viewAttempt) };
  }

  @Post(':id/resend')
  @HttpCode(202)
  @Answers({ 202: { description: 'The new message', schema: messageAnswer } })
  @Described(
    'send a message again',
    'A new message with the same content; the old one stays as it ended. Not while it is under way, and not where its content is gone: then invite anew.',
  )
  async resend(@Param('id') id: string): Promise<MessageView> {
    return viewMessage(await this.resendMessage.execute(messageUuid(id)));
  }
}

function messageUuid(id: string): string {
  const uuid = decodeId('message', id);
  if (uuid === undefined) throw new DomainError('message.not_found');
  return uuid;
}
