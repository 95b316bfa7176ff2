import { Controller, Get, Param, Post } from '@nestjs/common';
import { IsBoolean, IsIn, IsOptional, IsRFC3339, IsString, MaxLength } from 'class-validator';
import { AdminApi, CurrentAdmin } from '../../kernel/access/access.js';
import type { AdminPrincipal } from '../../kernel/access/principal.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { DomainError } from '../../kernel/errors/domain-error.js';
import { Answers } from '../../kernel/http/answers.js';
import { Described } from '../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery } from '../../kernel/http/csv-pages.js';
import type { Page } from '../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../kernel/http/validated.js';
import { decodeId } from '../../kernel/ids/ids.js';
import { pageOf, uuidOf } from './list-parts.js';
import { cancelRunAndListing } from './listings/open-run.js';
import { accountsAnswer, runAnswer, runsAnswer } from './reconciliation.answers.js';
import { shownAccount, shownRun, type ShownRun } from './reconciliation.views.js';
import { RUN_CSV } from './runs/runs.csv.js';
import { askForRun } from './runs/ask-for-run.js';
import { everyAccount, findRun, listRuns, RUN_STATES, type Run, type RunState } from './runs/runs.store.js';

const MAX_ID = 64;

class RunsQuery extends CsvPageQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account?: string;

  @IsOptional()
  @IsIn(RUN_STATES)
  status?: RunState;

  @IsOptional()
  @IsIn(['true', 'false'])
  livemode?: string;
}

export class AskForRunBody {
  /** `gwa_...` */
  @IsString()
  @MaxLength(MAX_ID)
  gateway_account!: string;

  /** Inclusive. */
  @IsRFC3339()
  from!: string;

  /** Exclusive. */
  @IsRFC3339()
  to!: string;

  /** Whether the gateway is asked for its own books first, where its API has them. Default true. */
  @IsOptional()
  @IsBoolean()
  listing?: boolean;
}

/** Runs, and how far they are. For operators. */
@Controller('admin/v1/reconciliation')
@AdminApi('reconciliation')
export class ReconciliationController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Get('gateway_accounts')
  @Answers({ 200: { description: 'All of them', schema: accountsAnswer } })
  @Described('Gateway accounts that there is something to compare of: at which an attempt was made.')
  async accounts(): Promise<Page<unknown>> {
    return { object: 'list', data: (await everyAccount(this.database)).map(shownAccount), has_more: false };
  }

  @Get('runs')
  @AlsoCsv('reconciliation_runs', RUN_CSV)
  @Answers({ 200: { description: 'A page of them', schema: runsAnswer } })
  @Described('Reconciliation runs, the newest first.')
  async runs(@ValidQuery(RunsQuery) query: RunsQuery): Promise<Page<ShownRun>> {
    const rows = await listRuns(this.database, {
      gatewayAccountId: uuidOf('gatewayAccount', 'gateway_account', query.gateway_account),
      state: query.status ?? null,
      livemode: query.livemode === undefined ? null : query.livemode === 'true',
      limit: query.limit + 1,
      before: uuidOf('reconciliationRun', 'starting_after', query.starting_after),
      after: uuidOf('reconciliationRun', 'ending_before', query.ending_before),
    });
    return pageOf(rows, query, shownRun);
  }

  @Post('runs')
  @Answers({ 201: { description: 'The run', schema: runAnswer } })
  @Described(
    'Compares a gateway account over a window, at most 31 days, with what the gateway lists of it: the run waits until its books are in. While one over the same window is still going on, that one is the answer.',
  )
  async ask(@CurrentAdmin() admin: AdminPrincipal, @ValidBody(AskForRunBody) body: AskForRunBody): Promise<ShownRun> {
    const gatewayAccountId = decodeId('gatewayAccount', body.gateway_account);
    if (gatewayAccountId === undefined)
      throw new DomainError('request.invalid', { errors: [{ pointer: '/gateway_account', code: 'invalid_id' }] });
    const run = await askForRun(this.database, {
      gatewayAccountId,
      from: new Date(body.from),
      to: new Date(body.to),
      requestedBy: admin.id,
      asksGateway: body.listing ?? true,
    });
    return shownRun(run);
  }

  @Get('runs/:id')
  @Answers({ 200: { description: 'As it stands', schema: runAnswer } })
  @Described('One run: its state, how far it is, and what it has found so far.')
  async run(@Param('id') id: string): Promise<ShownRun> {
    return shownRun(await this.find(id));
  }

  @Post('runs/:id/cancel')
  @Answers({ 201: { description: 'The run', schema: runAnswer } })
  @Described(
    'Ends a run after the chunk that it is working on, or at once while it waits for the gateway. What it has found stands.',
  )
  async cancel(@Param('id') id: string): Promise<ShownRun> {
    const run = await cancelRunAndListing(this.database, (await this.find(id)).id);
    if (run === undefined) throw new DomainError('reconciliation.run_over');
    return shownRun(run);
  }

  private async find(id: string): Promise<Run> {
    const uuid = decodeId('reconciliationRun', id);
    const run = uuid === undefined ? undefined : await findRun(this.database, uuid);
    if (run === undefined) throw new DomainError('reconciliation.run_not_found');
    return run;
  }
}
