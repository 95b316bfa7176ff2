import { Controller, Get, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi } from '../../../kernel/access/access.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { CsvListQuery } from '../../../kernel/http/csv-lists.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { uuidOf } from '../list-parts.js';
import { sendList } from '../send-list.js';
import { reportsAnswer } from './report.answers.js';
import { REPORT_COLUMNS, reportRows, shownReport } from './report.views.js';
import { listReports } from './reports.store.js';

class ReportsQuery extends CsvListQuery {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  gateway_account?: string;

  /** In UTC. */
  @IsOptional()
  @Matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
  day?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  ending_before?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

/** What days came to. For operators and their accountants. */
@Controller('admin/v1/reconciliation/reports')
@AdminApi('reconciliation')
export class ReportsController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get()
  @Answers({ 200: { description: 'A page of them; or CSV', schema: reportsAnswer } })
  @Described(
    'What each day came to at each gateway account, by kind and currency: what we say that moved, how much of it was matched, what the gateway says. The newest first. As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page.',
  )
  async list(
    @ValidQuery(ReportsQuery) query: ReportsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = {
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      day: query.day ?? null,
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      before: uuidOf('reconciliationReport', 'starting_after', query.starting_after),
      after: uuidOf('reconciliationReport', 'ending_before', query.ending_before),
    };
    const list = {
      name: `reconciliation-${query.day ?? 'reports'}`,
      kind: 'reconciliationReport',
      columns: REPORT_COLUMNS,
      lines: reportRows,
      shown: shownReport,
      read: (limit: number) => listReports(this.database, { ...filter, limit }),
    } as const;
    await sendList(list, query, request, reply);
  }
}
