import { Controller, Get, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { AdminApi } from '../../../kernel/access/access.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { announceCsv, CsvListQuery, listFormatOf } from '../../../kernel/http/csv-lists.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { writeCsv } from '../files/index.js';
import { pageOf, uuidOf } from '../list-parts.js';
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
    'What each day came to at each gateway account, by kind and currency: what we say that moved, how much of it was matched, what the gateway says. The newest first. As CSV with `format=csv` or `Accept: text/csv`.',
  )
  async list(
    @ValidQuery(ReportsQuery) query: ReportsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { isCsv, limit } = listFormatOf(query, request.headers.accept);
    const rows = await listReports(this.database, {
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      day: query.day ?? null,
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      limit: limit + 1,
      before: uuidOf('reconciliationReport', 'starting_after', query.starting_after),
      after: uuidOf('reconciliationReport', 'ending_before', query.ending_before),
    });
    if (!isCsv)
      return void (await reply.send(
        pageOf(rows, { limit, starting_after: query.starting_after, ending_before: query.ending_before }, shownReport),
      ));
    announceCsv(reply, `reconciliation-${query.day ?? 'reports'}`);
    await reply.send(Readable.from(writeCsv(REPORT_COLUMNS, rows.slice(0, limit).flatMap(reportRows))));
  }
}
