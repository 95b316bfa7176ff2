import { Controller, Get, Param, Post } from '@nestjs/common';
import { IsObject, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { AdminApi, CurrentAdmin } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { IsMoment } from '../../../kernel/http/fields.js';
import { page, PageQuery, type Page } from '../../../kernel/http/pagination.js';
import { readData } from '../../../kernel/http/read-data.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { idParameter } from '../list-query.js';
import { scheduleContent } from './fee-schedule.js';
import { FeeSchedules } from './fee-schedules.js';
import { findSchedule, insertSchedule, listSchedules, type ScheduleRow } from './fee-schedules.store.js';

/** As in the table. */
const MAX_NOTE = 500;

export class CreateFeeScheduleBody {
  /** `mer_...`: whose it is. Left out: of all that have none of their own. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  merchant?: string;

  /** What is taken: see the module's README. */
  @IsObject()
  content!: Record<string, unknown>;

  /** In force for payments that are made from then on; not in the past. Left out: from now on. */
  @IsOptional()
  @IsMoment()
  valid_from?: string;

  /** Why it was made. */
  @IsString()
  @Length(1, MAX_NOTE)
  note!: string;
}

class FeeSchedulesQuery extends PageQuery {
  /** `mer_...`; `none`: those of all merchants. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  merchant?: string;
}

interface FeeScheduleView {
  readonly object: 'fee_schedule';
  readonly id: string;
  readonly merchant: string | null;
  /** Counted per merchant. */
  readonly version: number;
  readonly content: unknown;
  readonly valid_from: string;
  readonly note: string;
  readonly created_by: string;
  readonly created_at: string;
}

/** What we take of merchants' payments, for operators. */
@AdminApi()
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
  @Post()
  async create(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidBody(CreateFeeScheduleBody) body: CreateFeeScheduleBody,
  ): Promise<FeeScheduleView> {
    const merchantId = body.merchant === undefined ? null : decodeId('merchant', body.merchant);
    if (merchantId === undefined)
      throw new DomainError('request.invalid', { errors: [{ pointer: '/merchant', code: 'invalid_id' }] });
    const row = await insertSchedule(this.database, {
      merchantId,
      content: readData(scheduleContent, body.content, '/content'),
      validFrom: body.valid_from === undefined ? undefined : new Date(body.valid_from),
      note: body.note,
      createdBy: admin.keyId,
    });
    if (row === undefined)
      throw new DomainError('request.invalid', { errors: [{ pointer: '/valid_from', code: 'in_the_past' }] });
    await this.schedules.refresh();
    return viewSchedule(row);
  }

  @Described('list fee schedules, newest first')
  @Get()
  async list(@ValidQuery(FeeSchedulesQuery) query: FeeSchedulesQuery): Promise<Page<FeeScheduleView>> {
    const { merchant } = query;
    const after = idParameter('feeSchedule', 'starting_after', query.starting_after);
    const before = idParameter('feeSchedule', 'ending_before', query.ending_before);
    const merchantId = merchant === 'none' ? null : idParameter('merchant', 'merchant', merchant);
    const rows = await listSchedules(this.database, { merchantId, after, before, take: query.limit + 1 });
    const found = page(rows, query.limit, viewSchedule);
    return after === undefined && before !== undefined ? { ...found, data: found.data.toReversed() } : found;
  }

  @Described('read a fee schedule')
  @Get(':id')
  async read(@Param('id') id: string): Promise<FeeScheduleView> {
    const uuid = decodeId('feeSchedule', id);
    const row = uuid === undefined ? undefined : await findSchedule(this.database, uuid);
    if (row === undefined) throw new DomainError('fee_schedule.not_found');
    return viewSchedule(row);
  }
}

function viewSchedule(row: ScheduleRow): FeeScheduleView {
  return {
    object: 'fee_schedule',
    id: encodeId('feeSchedule', row.id),
    merchant: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    version: row.version,
    content: row.content,
    valid_from: row.validFrom.toISOString(),
    note: row.note,
    created_by: encodeId('adminKey', row.createdBy),
    created_at: row.createdAt.toISOString(),
  };
}
