import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { AdminApi, CurrentAdmin } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers, listOf } from '../../../kernel/http/answers.js';
import { AlsoCsv } from '../../../kernel/http/csv-pages.js';
import { Described } from '../../../kernel/http/described.js';
import {
  DataVersionBody,
  dataVersionOf,
  DATA_VERSION_CSV,
  DataVersionsQuery,
  mustBeAhead,
  viewDataVersion,
  whoseVersions,
} from '../../../kernel/http/data-versions.js';
import { page, type Page } from '../../../kernel/http/pagination.js';
import { readData } from '../../../kernel/http/read-data.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { idParameter } from '../../../kernel/http/id-parameter.js';
import { scheduleContent } from './fee-schedule.js';
import { feeScheduleAnswer } from './fee-schedule.answers.js';
import { FeeSchedules } from './fee-schedules.js';
import { findSchedule, insertSchedule, listSchedules, type ScheduleRow } from './fee-schedules.store.js';

type FeeScheduleView = z.infer<typeof feeScheduleAnswer>;

/** What we take of merchants' payments, for operators. */
@AdminApi('payments')
@Controller('admin/v1/payments/fee_schedules')
export class FeeSchedulesController {
  private readonly database: Database;

  constructor(
    databases: Databases,
    private readonly schedules: FeeSchedules,
  ) {
    this.database = databases.of('payments');
  }

  @Described(
    'make a fee schedule',
    'The next version of its merchant, in force here at once and everywhere within some seconds. Payments keep the one under which they were made.',
  )
  @Answers({ 201: { description: 'The schedule', schema: feeScheduleAnswer } })
  @Post()
  async create(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(DataVersionBody) body: DataVersionBody,
  ): Promise<FeeScheduleView> {
    const row = await insertSchedule(this.database, {
      ...dataVersionOf(body, admin.id),
      content: readData(scheduleContent, body.content, '/content'),
    });
    const made = mustBeAhead(row);
    await this.schedules.refresh();
    return viewSchedule(made);
  }

  @Described('list fee schedules, newest first')
  @Answers({ 200: { description: 'Schedules; or CSV', schema: listOf(feeScheduleAnswer) } })
  @AlsoCsv<FeeScheduleView>('fee_schedules', DATA_VERSION_CSV)
  @Get()
  async list(@ValidQuery(DataVersionsQuery) query: DataVersionsQuery): Promise<Page<FeeScheduleView>> {
    const after = idParameter('feeSchedule', 'starting_after', query.starting_after);
    const before = idParameter('feeSchedule', 'ending_before', query.ending_before);
    const merchantId = whoseVersions(query);
    const rows = await listSchedules(this.database, { merchantId, after, before, take: query.limit + 1 });
    const found = page(rows, query.limit, viewSchedule);
    return after === undefined && before !== undefined ? { ...found, data: found.data.toReversed() } : found;
  }

  @Described('read a fee schedule')
  @Answers({ 200: { description: 'The schedule', schema: feeScheduleAnswer } })
  @Get(':id')
  async read(@Param('id') id: string): Promise<FeeScheduleView> {
    const uuid = decodeId('feeSchedule', id);
    const row = uuid === undefined ? undefined : await findSchedule(this.database, uuid);
    if (row === undefined) throw new DomainError('fee_schedule.not_found');
    return viewSchedule(row);
  }
}

function viewSchedule(row: ScheduleRow): FeeScheduleView {
  return { object: 'fee_schedule', id: encodeId('feeSchedule', row.id), ...viewDataVersion(row) };
}
