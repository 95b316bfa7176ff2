import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsRFC3339, IsString, MaxLength, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi } from '../../../kernel/access/access.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { CsvListQuery } from '../../../kernel/http/csv-lists.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { CURRENCIES } from '../../../kernel/money/money.js';
import { uuidOf } from '../list-parts.js';
import { sendList } from '../send-list.js';
import { findBankLine } from '../bank/bank.store.js';
import { BREAK_KINDS, BREAK_OWNERS, BREAK_SIDES } from '../matching/break.js';
import { listResolutions } from '../resolutions/resolutions.store.js';
import { findSettlement } from '../settlements/settlements.store.js';
import { findLine } from '../sources/sources.store.js';
import { breakAnswer, breaksAnswer } from './break.answers.js';
import { movementsOfBreak, recordOfBreak } from './break-sides.store.js';
import { shownBreak, shownBreakInFull, type ShownBreakInFull, type Sides } from './break.views.js';
import { BREAK_COLUMNS, breakCells } from './breaks.csv.js';
import { findBreak, listBreaks, type BreakInFull, type BreakRow } from './breaks.store.js';
import { findRun } from './runs.store.js';

const MAX_ID = 64;
/** Of one break: what was asked, taken back, and asked again. */
const MAX_RESOLUTIONS = 100;

const MinorUnits = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );

export class RunBreaksQuery extends CsvListQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  ending_before?: string;

  @IsOptional()
  @IsIn(BREAK_KINDS)
  kind?: string;

  @IsOptional()
  @IsIn(BREAK_SIDES)
  side?: string;

  @IsOptional()
  @IsIn(BREAK_OWNERS)
  owner?: string;

  @IsOptional()
  @IsIn(['open', 'closed'])
  status?: 'open' | 'closed';

  @IsOptional()
  @IsIn(CURRENCIES)
  currency?: string;

  /** What is at stake, in minor units: so much or more. */
  @IsOptional()
  @MinorUnits()
  @IsInt()
  @Min(0)
  amount_from?: number;

  /** So much or less. */
  @IsOptional()
  @MinorUnits()
  @IsInt()
  @Min(0)
  amount_to?: number;

  /** When what it is about happened. Inclusive. */
  @IsOptional()
  @IsRFC3339()
  occurred_from?: string;

  /** Exclusive: with a time that long ago, only what is older. */
  @IsOptional()
  @IsRFC3339()
  occurred_to?: string;
}

export class BreaksQuery extends RunBreaksQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account?: string;

  /** Those that this run found first. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  run?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

interface Scope {
  readonly account: string | null;
  readonly run: string | null;
  readonly livemode: boolean | null;
}

/** What runs have found, as lists and as files. For operators. */
@Controller('admin/v1/reconciliation')
@AdminApi('reconciliation')
export class BreaksController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get('breaks')
  @Answers({ 200: { description: 'A page of them; or CSV', schema: breaksAnswer } })
  @Described(
    'Where our attempts, the gateways and the ledger differ, the newest first, with the fields in which they do.',
    'As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page.',
  )
  async breaks(
    @ValidQuery(BreaksQuery) query: BreaksQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const scope = {
      account: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      run: uuidOf('reconciliationRun', 'run', query.run),
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
    };
    await this.answer(query, scope, request, reply, 'breaks');
  }

  @Get('breaks/:id')
  @Answers({ 200: { description: 'As it stands', schema: breakAnswer } })
  @Described('One break: what each side says, as far as there is one, and all that was decided about it.')
  async one(@Param('id') id: string): Promise<ShownBreakInFull> {
    const uuid = decodeId('break', id);
    const row = uuid === undefined ? undefined : await findBreak(this.database, uuid);
    if (row === undefined) throw new DomainError('reconciliation.break_not_found');
    const resolutions = await listResolutions(this.database, {
      breakId: row.id,
      gatewayAccountId: null,
      state: null,
      isAutomatic: null,
      livemode: null,
      limit: MAX_RESOLUTIONS,
      before: null,
      after: null,
    });
    return shownBreakInFull(row, await this.sidesOf(row), resolutions, new Date());
  }

  @Get('runs/:id/breaks')
  @Answers({ 200: { description: 'A page of them; or CSV', schema: breaksAnswer } })
  @Described(
    'The breaks that a run found first, the newest first.',
    'As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page.',
  )
  async breaksOfRun(
    @Param('id') id: string,
    @ValidQuery(RunBreaksQuery) query: RunBreaksQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const uuid = decodeId('reconciliationRun', id);
    if (uuid === undefined || (await findRun(this.database, uuid)) === undefined)
      throw new DomainError('reconciliation.run_not_found');
    await this.answer(query, { account: null, run: uuid, livemode: null }, request, reply, id);
  }

  private async answer(
    query: RunBreaksQuery,
    scope: Scope,
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
  ): Promise<void> {
    const now = new Date();
    const list = {
      name,
      kind: 'break',
      columns: BREAK_COLUMNS,
      lines: (row: BreakRow) => [breakCells(row, now)],
      shown: (row: BreakRow) => shownBreak(row, now),
      read: (limit: number) => this.read(query, scope, limit),
    } as const;
    await sendList(list, query, request, reply);
  }

  private async sidesOf(row: BreakInFull): Promise<Sides> {
    const { side, subject, subjectId, lineId } = row;
    return {
      ours: await recordOfBreak(this.database, row),
      theirs: side === 'bank' || lineId === null ? undefined : await findLine(this.database, lineId),
      movements: await movementsOfBreak(this.database, row),
      settlement: subject === 'settlement' ? await findSettlement(this.database, subjectId) : undefined,
      entry: side === 'bank' && lineId !== null ? await findBankLine(this.database, lineId) : undefined,
    };
  }

  private read(query: RunBreaksQuery, scope: Scope, limit: number): Promise<readonly BreakRow[]> {
    return listBreaks(this.database, {
      gatewayAccountId: scope.account,
      kind: query.kind ?? null,
      side: query.side ?? null,
      owner: query.owner ?? null,
      runId: scope.run,
      isOpen: query.status === undefined ? null : query.status === 'open',
      livemode: scope.livemode,
      currency: query.currency ?? null,
      amountFrom: query.amount_from === undefined ? null : BigInt(query.amount_from),
      amountTo: query.amount_to === undefined ? null : BigInt(query.amount_to),
      occurredFrom: query.occurred_from === undefined ? null : new Date(query.occurred_from),
      occurredTo: query.occurred_to === undefined ? null : new Date(query.occurred_to),
      limit,
      before: uuidOf('break', 'starting_after', query.starting_after),
      after: uuidOf('break', 'ending_before', query.ending_before),
    });
  }
}
