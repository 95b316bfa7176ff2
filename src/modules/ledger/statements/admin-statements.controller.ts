import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi } from '../../../kernel/access/access.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { AccountsStore } from '../accounts/accounts.store.js';
import { statementAnswer } from '../accounts/admin-account.answers.js';
import { sendStatement, StatementQuery } from './send-statement.js';
import { StatementsStore } from './statements.store.js';

/** The statement of any account, for operators. */
@AdminApi('ledger')
@Controller('admin/v1/ledger/accounts')
export class AdminStatementsController {
  constructor(
    private readonly accounts: AccountsStore,
    private readonly store: StatementsStore,
  ) {}

  @Get(':id/statement')
  @Answers({ 200: { description: 'A page of it; or CSV', schema: statementAnswer } })
  @Described(
    'the statement of any account',
    'As for merchants: opening balance, entries with the balance that each left, the oldest first, and closing balance. As CSV with `format=csv` or `Accept: text/csv`.',
  )
  async statement(
    @Param('id') id: string,
    @ValidQuery(StatementQuery) query: StatementQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendStatement(this.store, null, await this.accounts.get(null, id), query, request, reply);
  }
}
