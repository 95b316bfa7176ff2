import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AdminApi } from '../access/access.js';
import { Databases } from '../database/databases.js';
import type { DatabaseHome } from '../database/homes.js';
import type { Queryable } from '../database/tx.js';
import { DomainError } from '../errors/domain-error.js';
import { Answers } from '../http/answers.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../http/csv-pages.js';
import { page, type Page } from '../http/pagination.js';
import { ValidBody, ValidQuery } from '../http/validated.js';
import { decodeId, encodeId } from '../ids/ids.js';
import { HOMES } from '../kernel.tokens.js';
import { deadLettersAnswer, replayAnswer } from './dead-letters.answers.js';
import { listDeadLetters, replayDeadLetters, type DeadLetter } from './dead-letters.js';

class DeadLetterQuery extends CsvPageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  consumer?: string;
}

class ReplayRequest {
  @IsString()
  @MaxLength(100)
  consumer!: string;
}

const shown = (letter: DeadLetter) => ({
  object: 'dead_letter' as const,
  id: `${encodeId('event', letter.eventId)}:${letter.consumer}`,
  consumer: letter.consumer,
  event_id: encodeId('event', letter.eventId),
  type: letter.type,
  aggregate_id: letter.aggregateId,
  attempts: letter.attempts,
  last_error: letter.lastError,
  abandoned_at: letter.abandonedAt.toISOString(),
});

type DeadLetterView = ReturnType<typeof shown>;

const CSV: CsvColumns<DeadLetterView> = {
  id: (letter) => letter.id,
  abandoned_at_utc: (letter) => letter.abandoned_at,
  consumer: (letter) => letter.consumer,
  event: (letter) => letter.event_id,
  type: (letter) => letter.type,
  aggregate: (letter) => letter.aggregate_id,
  attempts: (letter) => letter.attempts,
  last_error: (letter) => letter.last_error,
};

function eventUuid(id: string): string {
  const uuid = decodeId('event', id);
  if (uuid === undefined) throw new DomainError('dead_letter.not_found');
  return uuid;
}

/** `<event id>:<consumer>`, the id of a dead letter. */
function cursorOf(id: string | undefined): { eventId: string; consumer: string } | undefined {
  if (id === undefined) return undefined;
  const [eventId = '', consumer = ''] = id.split(':', 2);
  return { eventId: eventUuid(eventId), consumer };
}

/** Dead letters of the outbox, for operators. */
@Controller('admin/v1/dead_letters')
@AdminApi('queues')
export class DeadLettersController {
  constructor(
    private readonly databases: Databases,
    @Inject(HOMES) private readonly homes: readonly DatabaseHome[],
  ) {}

  @Get()
  @Answers({ 200: { description: 'Dead letters; or CSV', schema: deadLettersAnswer } })
  @AlsoCsv('dead_letters', CSV)
  async list(@ValidQuery(DeadLetterQuery) query: DeadLetterQuery): Promise<Page<DeadLetterView> & { total: number }> {
    const { letters, total } = await listDeadLetters(this.everywhere(), {
      consumer: query.consumer,
      limit: query.limit + 1,
      startingAfter: cursorOf(query.starting_after),
    });
    return { ...page(letters, query.limit, shown), total };
  }

  /** All dead letters of one consumer. */
  @Post('replay')
  @HttpCode(202)
  @Answers({ 202: { description: 'How many are tried again', schema: replayAnswer } })
  async replayAll(@ValidBody(ReplayRequest) body: ReplayRequest): Promise<{ object: 'replay'; replayed: number }> {
    return {
      object: 'replay',
      replayed: await replayDeadLetters(this.everywhere(), { consumer: body.consumer }),
    };
  }

  /** One event for one consumer. */
  @Post(':event_id/replay')
  @HttpCode(202)
  @Answers({ 202: { description: 'How many are tried again', schema: replayAnswer } })
  async replayOne(
    @Param('event_id') eventId: string,
    @ValidBody(ReplayRequest) body: ReplayRequest,
  ): Promise<{ object: 'replay'; replayed: number }> {
    return {
      object: 'replay',
      replayed: await replayDeadLetters(this.everywhere(), {
        consumer: body.consumer,
        eventId: eventUuid(eventId),
      }),
    };
  }

  private everywhere(): readonly Queryable[] {
    return this.homes.map((home) => this.databases.at(home));
  }
}
