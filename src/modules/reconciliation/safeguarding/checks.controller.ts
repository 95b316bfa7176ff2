import { Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import { AdminApi, CurrentAdmin } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import { groupBy } from '../../../kernel/collections/group-by.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery } from '../../../kernel/http/csv-pages.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { pageOf, uuidOf } from '../list-parts.js';
import { checkAnswer, checksAnswer } from './check.answers.js';
import { CHECK_CSV } from './checks.csv.js';
import { shownCheck } from './check.views.js';
import { coverageOf, findCheck, listChecks, type Check } from './checks.store.js';
import { askForCheck } from './open-check.js';

class ChecksQuery extends CsvPageQuery {
  @IsOptional()
  @IsIn(['waiting', 'judged', 'failed'])
  status?: string;
}

/** Whether what gateways and banks hold covers what merchants and customers are owed. For operators. */
@Controller('admin/v1/reconciliation/safeguarding_checks')
@AdminApi('reconciliation')
export class SafeguardingChecksController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('reconciliation');
  }

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @Answers({ 202: { description: 'It waits for the answers', schema: checkAnswer } })
  @Described(
    'Asks the ledger what is owed and every gateway what it holds, and judges the two once all have answered, within half an hour. While a check waits, that one is the answer.',
  )
  async ask(@CurrentAdmin() admin: AdminPrincipal): Promise<unknown> {
    return shownCheck(await askForCheck(this.database, admin.id), []);
  }

  @Get()
  @AlsoCsv('safeguarding_checks', CHECK_CSV)
  @Answers({ 200: { description: 'A page of them', schema: checksAnswer } })
  @Described(
    'Safeguarding checks, the newest first: per currency what is owed and what others say that they hold of it, account by account. `unproved`: our books alone say that it is there. `short`: it is not.',
  )
  async list(@ValidQuery(ChecksQuery) query: ChecksQuery): Promise<Page<ReturnType<typeof shownCheck>>> {
    const checks = await listChecks(this.database, {
      state: query.status ?? null,
      limit: query.limit + 1,
      before: uuidOf('safeguardingCheck', 'starting_after', query.starting_after),
      after: uuidOf('safeguardingCheck', 'ending_before', query.ending_before),
    });
    const coverage = groupBy(
      await coverageOf(
        this.database,
        checks.map(({ id }) => id),
      ),
      ({ checkId }) => checkId,
    );
    const isBackwards = query.starting_after === undefined && query.ending_before !== undefined;
    return pageOf(isBackwards ? checks.toReversed() : checks, query, (check: Check) =>
      shownCheck(check, coverage.get(check.id) ?? []),
    );
  }

  @Get(':id')
  @Answers({ 200: { description: 'As it stands', schema: checkAnswer } })
  @Described('One safeguarding check.')
  async one(@Param('id') id: string): Promise<unknown> {
    const uuid = decodeId('safeguardingCheck', id);
    const check = uuid === undefined ? undefined : await findCheck(this.database, uuid);
    if (check === undefined) throw new DomainError('reconciliation.check_not_found');
    return shownCheck(check, await coverageOf(this.database, [check.id]));
  }
}
