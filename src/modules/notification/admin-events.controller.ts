import { Controller, Get } from '@nestjs/common';
import { AdminApi } from '../../kernel/access/access.js';
import { Answers } from '../../kernel/http/answers.js';
import { Described } from '../../kernel/http/described.js';
import { OfQuery, sortedIds } from '../../kernel/http/of-query.js';
import type { Page } from '../../kernel/http/pagination.js';
import { ValidQuery } from '../../kernel/http/validated.js';
import { encodeId } from '../../kernel/ids/ids.js';
import { toldAnswer } from './events.answers.js';
import { EventsStore } from './events.store.js';
import { viewTold, type ToldView } from './notification.views.js';

const KINDS = ['payment', 'refund', 'payout'] as const;

/** What merchants were told about certain things, for operators. */
@AdminApi('webhooks')
@Controller('admin/v1/events')
export class AdminEventsController {
  constructor(private readonly store: EventsStore) {}

  @Get()
  @Described(
    'What merchants were told about payments, refunds and payouts, oldest first, with the deliveries and their failed attempts.',
    'An event without deliveries is one for which its merchant had no endpoint.',
  )
  @Answers({ 200: { description: 'Events', schema: toldAnswer } })
  async list(@ValidQuery(OfQuery) query: OfQuery): Promise<Page<ToldView>> {
    const ids = sortedIds(query, KINDS);
    const events = await this.store.about(KINDS.flatMap((kind) => ids[kind].map((id) => encodeId(kind, id))));
    return { object: 'list', data: events.map(viewTold), has_more: false };
  }
}
