import { Controller, Get, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsRFC3339, IsString, Matches, MaxLength } from 'class-validator';
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
import { settlementsAnswer } from './settlement.answers.js';
import { SETTLEMENT_COLUMNS, settlementCells } from './settlements.csv.js';
import { shownSettlement } from './settlement.views.js';
import { listSettlements, SETTLEMENT_STATUSES, type SettlementRow } from './settlements.store.js';

const MAX_ID = 64;

export class SettlementsQuery extends CsvListQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  ending_before?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account?: string;

  @IsOptional()
  @IsIn(SETTLEMENT_STATUSES)
  status?: string;

  @IsOptional()
  @Matches(/^[A-Z]{3}$/)
  currency?: string;

  /** Inclusive. */
  @IsOptional()
  @IsRFC3339()
  settled_after?: string;

  /** Exclusive. */
  @IsOptional()
  @IsRFC3339()
  settled_before?: string;

  /** Whether it has come in at the bank. */
  @IsOptional()
  @IsIn(['true', 'false'])
  received?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

/** What gateways have paid to the bank, or will. For operators. */
@Controller('admin/v1/reconciliation')
@AdminApi('reconciliation')
export class SettlementsController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get('settlements')
  @Answers({ 200: { description: 'A page of them; or CSV', schema: settlementsAnswer } })
  @Described(
    'What gateways say that they have paid to the bank in one sum, or will: gross, what they kept, and what arrives; and as which entry of a statement it came in. The newest first, as we heard of them.',
    'As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page.',
  )
  async settlements(
    @ValidQuery(SettlementsQuery) query: SettlementsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = {
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      status: query.status ?? null,
      currency: query.currency ?? null,
      settledAfter: query.settled_after === undefined ? null : new Date(query.settled_after),
      settledBefore: query.settled_before === undefined ? null : new Date(query.settled_before),
      isReceived: query.received === undefined ? null : query.received === 'true',
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      before: uuidOf('settlement', 'starting_after', query.starting_after),
      after: uuidOf('settlement', 'ending_before', query.ending_before),
    };
    const list = {
      name: 'settlements',
      kind: 'settlement',
      columns: SETTLEMENT_COLUMNS,
      lines: (row: SettlementRow) => [settlementCells(row)],
      shown: shownSettlement,
      read: (limit: number) => listSettlements(this.database, { ...filter, limit }),
    } as const;
    await sendList(list, query, request, reply);
  }
}
