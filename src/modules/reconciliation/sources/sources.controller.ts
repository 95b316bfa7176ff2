import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi } from '../../../kernel/access/access.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { CsvListQuery } from '../../../kernel/http/csv-lists.js';
import { Described } from '../../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery } from '../../../kernel/http/csv-pages.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, type IdKind } from '../../../kernel/ids/ids.js';
import { CURRENCIES } from '../../../kernel/money/money.js';
import { accountOf, MAX_ACCOUNT_LENGTH } from '../bank/bank-line.js';
import { bankLinesAnswer } from '../bank/bank-line.answers.js';
import { shownBankLine } from '../bank/bank-line.views.js';
import { BANK_LINE_COLUMNS, bankLineCells } from '../bank/bank-lines.csv.js';
import { listBankLines, type BankLineRow } from '../bank/bank.store.js';
import { pageOf, uuidOf } from '../list-parts.js';
import { sendList } from '../send-list.js';
import { linesAnswer, sourceAnswer, sourcesAnswer } from './source.answers.js';
import { shownLine, shownSource, shownSourceInFull, type ShownSource } from './source.views.js';
import { LINE_CSV, SOURCE_CSV, type SourceLine } from './sources.csv.js';
import {
  linesOfSource,
  listSources,
  runsOfSource,
  SOURCE_KINDS,
  SOURCE_STATES,
  type Source,
  type SourceState,
} from './sources.store.js';
import { mustFindSource } from './uploads.js';

const MAX_ID = 64;
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

class SourcesQuery extends CsvPageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account?: string;

  @IsOptional()
  @IsIn(SOURCE_KINDS)
  kind?: Source['kind'];

  @IsOptional()
  @IsIn(SOURCE_STATES)
  status?: SourceState;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

export class BankLinesQuery extends CsvListQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  ending_before?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_ACCOUNT_LENGTH)
  account?: string;

  @IsOptional()
  @IsIn(CURRENCIES)
  currency?: string;

  /** Minor units, below zero for what went out. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  amount?: number;

  /** Booked on this day or later. */
  @IsOptional()
  @Matches(DAY)
  from?: string;

  /** Booked on this day or earlier. */
  @IsOptional()
  @Matches(DAY)
  to?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

/** Where lines came from, and the lines themselves. For operators. */
@Controller('admin/v1/reconciliation')
@AdminApi('reconciliation')
export class SourcesController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get('sources')
  @AlsoCsv('reconciliation_sources', SOURCE_CSV)
  @Answers({ 200: { description: 'A page of them', schema: sourcesAnswer } })
  @Described('Sources of lines: listings, files and bank statements, the newest first.')
  async sources(@ValidQuery(SourcesQuery) query: SourcesQuery): Promise<Page<ShownSource>> {
    const rows = await listSources(this.database, {
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      kind: query.kind ?? null,
      state: query.status ?? null,
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      limit: query.limit + 1,
      before: uuidOf('reconciliationSource', 'starting_after', query.starting_after),
      after: uuidOf('reconciliationSource', 'ending_before', query.ending_before),
    });
    return pageOf(rows, query, shownSource);
  }

  @Get('sources/:id')
  @Answers({ 200: { description: 'As it stands', schema: sourceAnswer } })
  @Described('One source: what was read, what is wrong with it, and the runs that it began.')
  async source(@Param('id') id: string): Promise<Record<string, unknown>> {
    const source = await this.find(id);
    return shownSourceInFull(source, await runsOfSource(this.database, source.id));
  }

  @Get('sources/:id/lines')
  @AlsoCsv('source_lines', LINE_CSV)
  @Answers({ 200: { description: 'A page of them', schema: linesAnswer } })
  @Described(
    'The lines of a source in its order, as far as no later source has told them again.',
    'Of a bank statement its entries, as far as no earlier one had them.',
  )
  async lines(@Param('id') id: string, @ValidQuery(CsvPageQuery) query: CsvPageQuery): Promise<Page<SourceLine>> {
    const source = await this.find(id);
    const kind: IdKind = source.kind === 'bank' ? 'bankLine' : 'reconciliationLine';
    const place = {
      sourceId: source.id,
      limit: query.limit + 1,
      after: uuidOf(kind, 'starting_after', query.starting_after),
      before: uuidOf(kind, 'ending_before', query.ending_before),
    };
    return source.kind === 'bank'
      ? pageOf(await listBankLines(this.database, { ...ANY_BANK_LINE, ...place }), query, shownBankLine)
      : pageOf(await linesOfSource(this.database, place), query, shownLine);
  }

  @Get('bank_lines')
  @Answers({ 200: { description: 'A page of them; or CSV', schema: bankLinesAnswer } })
  @Described(
    'What banks have booked, the newest day first. Each entry is listed once, in however many statements it stands.',
    'As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page.',
  )
  async bankLines(
    @ValidQuery(BankLinesQuery) query: BankLinesQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = {
      sourceId: null,
      account: query.account === undefined ? null : accountOf(query.account),
      currency: query.currency ?? null,
      amountMinor: query.amount === undefined ? null : BigInt(query.amount),
      from: query.from ?? null,
      to: query.to ?? null,
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      after: uuidOf('bankLine', 'starting_after', query.starting_after),
      before: uuidOf('bankLine', 'ending_before', query.ending_before),
    };
    const list = {
      name: 'bank-lines',
      kind: 'bankLine',
      columns: BANK_LINE_COLUMNS,
      lines: (row: BankLineRow) => [bankLineCells(row)],
      shown: shownBankLine,
      read: (limit: number) => listBankLines(this.database, { ...filter, limit }),
    } as const;
    await sendList(list, query, request, reply);
  }

  private async find(id: string): Promise<Source> {
    const uuid = decodeId('reconciliationSource', id);
    if (uuid === undefined) throw new DomainError('reconciliation.source_not_found');
    return mustFindSource(this.database, uuid);
  }
}

const ANY_BANK_LINE = {
  account: null,
  currency: null,
  amountMinor: null,
  from: null,
  to: null,
  livemode: null,
} as const;
