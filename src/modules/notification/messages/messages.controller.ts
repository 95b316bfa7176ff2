import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import { AdminApi } from '../../../kernel/access/access.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { listed, windowOf } from '../list-cursor.js';
import { CHANNELS, KIND_NAMES } from './message-kinds.js';
import { MessageListsStore, type MessageAttemptRow, type MessageRow } from './message-lists.store.js';
import { ResendMessage } from './resend-message.js';

const STATES = ['queued', 'sending', 'sent', 'failed', 'abandoned'] as const;

export class MessagesQuery extends PageQuery {
  @IsOptional()
  @IsIn(STATES)
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

export interface MessageView {
  readonly object: 'message';
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly language: string;
  readonly audience: string;
  /** Masked: `a***@example.com`. */
  readonly addressee: string;
  readonly merchant_id: string | null;
  readonly livemode: boolean | null;
  /** Of alerts: how many things it tells of. */
  readonly count: number;
  /** `failed`: refused for good; `abandoned`: too old, or nobody knows whether it was taken and it must not come twice. */
  readonly state: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly expires_at: string;
  readonly last_error: string | null;
  /** The provider's name for it. */
  readonly provider_id: string | null;
  readonly resend_of: string | null;
  readonly created_at: string;
  readonly sent_at: string | null;
}

export interface MessageAttemptView {
  readonly attempt: number;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly error: string | null;
  readonly provider_id: string | null;
}

export type MessageWithLogView = MessageView & { readonly log: readonly MessageAttemptView[] };

/** E-mails and SMS, for operators: whether they were sent, and why not. Nobody reads here what they say or to whom. */
@AdminApi('webhooks')
@Controller('admin/v1/messages')
export class MessagesController {
  constructor(
    private readonly store: MessageListsStore,
    private readonly resendMessage: ResendMessage,
  ) {}

  @Get()
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
  @Described('a message with its attempts')
  async read(@Param('id') id: string): Promise<MessageWithLogView> {
    const found = await this.store.find(messageUuid(id));
    if (found === undefined) throw new DomainError('message.not_found');
    return { ...viewMessage(found), log: found.log.map(viewAttempt) };
  }

  @Post(':id/resend')
  @HttpCode(202)
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

function viewMessage(row: MessageRow): MessageView {
  return {
    object: 'message',
    id: encodeId('message', row.id),
    kind: row.kind,
    channel: row.channel,
    language: row.language,
    audience: row.audience,
    addressee: row.addressee,
    merchant_id: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    livemode: row.livemode,
    count: row.count,
    state: row.state,
    attempts: row.attempts,
    next_attempt_at: row.nextAttemptAt?.toISOString() ?? null,
    expires_at: row.expiresAt.toISOString(),
    last_error: row.lastError,
    provider_id: row.providerId,
    resend_of: row.resendOf === null ? null : encodeId('message', row.resendOf),
    created_at: row.createdAt.toISOString(),
    sent_at: row.sentAt?.toISOString() ?? null,
  };
}

function viewAttempt(row: MessageAttemptRow): MessageAttemptView {
  return {
    attempt: row.attempt,
    started_at: row.startedAt.toISOString(),
    duration_ms: row.durationMs,
    outcome: row.outcome,
    error: row.error,
    provider_id: row.providerId,
  };
}
