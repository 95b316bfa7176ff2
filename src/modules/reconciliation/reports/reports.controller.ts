import { Controller, Get, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { AdminApi } from '../../../kernel/access/access.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Described } from '../../../kernel/http/described.js';
import { PageQuery } from '../../../kernel/http/pagination.js';
import { prefersCsv } from '../../../kernel/http/prefers-csv.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { writeCsv } from '../files/index.js';
import { pageOf, uuidOf } from '../list-parts.js';
import { REPORT_COLUMNS, reportRows, shownReport } from './report.views.js';
import { listReports } from './reports.store.js';

class ReportsQuery extends PageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  gateway_account?: string;

  /** In UTC. */
  @IsOptional()
  @Matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
  day?: string;

  /** Or `Accept: text/csv`. */
  @IsOptional()
  @IsIn(['json', 'csv'])
  format?: string;
}

/** What days came to. For operators and their accountants. */
@Controller('admin/v1/reconciliation/reports')
@AdminApi()
export class ReportsController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get()
  @Described(
    'What each day came to at each gateway account, by kind and currency: what we say that moved, how much of it was matched, what the gateway says. The newest first. As CSV with `format=csv` or `Accept: text/csv`.',
  )
  async list(
    @ValidQuery(ReportsQuery) query: ReportsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const rows = await listReports(this.database, {
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      day: query.day ?? null,
      limit: query.limit + 1,
      before: uuidOf('reconciliationReport', 'starting_after', query.starting_after),
      after: uuidOf('reconciliationReport', 'ending_before', query.ending_before),
    });
    if (query.format !== 'csv' && (query.format !== undefined || !prefersCsv(request.headers.accept)))
      return void (await reply.send(pageOf(rows, query, shownReport)));
    reply
      .header('content-type', 'text/csv; charset=utf-8; header=present')
      .header('content-disposition', `attachment; filename="reconciliation-${query.day ?? 'reports'}.csv"`);
    await reply.send(Readable.from(writeCsv(REPORT_COLUMNS, rows.slice(0, query.limit).flatMap(reportRows))));
  }
}
