import { Controller, Get } from '@nestjs/common';
import { AdminApi } from '../../../kernel/access/access.js';
import { Databases } from '../../../kernel/database/databases.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { OfQuery, sortedIds } from '../../../kernel/http/of-query.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { reconciledAnswer, viewReconciled } from './reconciled.answers.js';
import { reconciledOf } from './reconciled.store.js';

/** What this module knows of attempts. For operators. */
@AdminApi('reconciliation')
@Controller('admin/v1/reconciliation/records')
export class RecordsController {
  constructor(private readonly databases: Databases) {}

  @Get()
  @Described(
    'What was found about attempts: the lines of the gateway that they agree with, the proof of it, and all breaks there ever were.',
  )
  @Answers({ 200: { description: 'Records, oldest first', schema: reconciledAnswer } })
  async list(@ValidQuery(OfQuery) query: OfQuery): Promise<ReturnType<typeof viewReconciled>> {
    const { attempt } = sortedIds(query, ['attempt']);
    return viewReconciled(await reconciledOf(this.databases.of('reconciliation'), attempt));
  }
}
