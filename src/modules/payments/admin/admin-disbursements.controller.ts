import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi } from '../../../kernel/access/access.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { DISBURSEMENT_STATUSES } from '../disbursement.js';
import { findAttempts } from '../payments.store.js';
import { findPayoutRow, type PayoutRow } from '../payouts/payouts.store.js';
import { findRefundRow, type RefundRow } from '../refunds/refunds.store.js';
import { found } from '../resources.js';
import { sendList } from './admin-list.js';
import {
  adminPayout,
  adminRefund,
  DISBURSEMENT_COLUMNS,
  disbursementCsv,
  searched,
  viewPayout,
  viewRefund,
} from './admin-views.js';
import { SearchQuery } from './search.js';

export class AdminDisbursementsQuery extends SearchQuery {
  @IsOptional()
  @IsIn(DISBURSEMENT_STATUSES)
  status?: string;
}

type View = Readonly<Record<string, unknown>>;

/** Refunds and payouts of all merchants, for operators. */
@AdminApi('payments')
@Controller('admin/v1')
export class AdminDisbursementsController {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('payments');
  }

  @Get('refunds')
  @Answers(searched(adminRefund))
  @Described(
    'find refunds',
    'By their id, that of their payment or an attempt, or the reference that a gateway was given.',
  )
  async listRefunds(
    @ValidQuery(AdminDisbursementsQuery) query: AdminDisbursementsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = (row: RefundRow): View => viewRefund(row);
    const csv = (row: RefundRow) => disbursementCsv('refund', row);
    await sendList(this.database, { table: 'refund', view, columns: DISBURSEMENT_COLUMNS, csv }, query, request, reply);
  }

  @Get('refunds/:id')
  @Answers(found(adminRefund))
  @Described('a refund, with its attempts')
  async readRefund(@Param('id') id: string): Promise<View> {
    const uuid = decodeId('refund', id);
    const row = uuid === undefined ? undefined : await findRefundRow(this.database, uuid);
    if (row === undefined) throw new DomainError('refund.not_found');
    return viewRefund(row, (await findAttempts(this.database, [row.id])).get(row.id) ?? []);
  }

  @Get('payouts')
  @Answers(searched(adminPayout))
  @Described('find payouts', 'By whatever names one (`q`), and by their members.')
  async listPayouts(
    @ValidQuery(AdminDisbursementsQuery) query: AdminDisbursementsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = (row: PayoutRow): View => viewPayout(row);
    const csv = (row: PayoutRow) => disbursementCsv('payout', row);
    await sendList(this.database, { table: 'payout', view, columns: DISBURSEMENT_COLUMNS, csv }, query, request, reply);
  }

  @Get('payouts/:id')
  @Answers(found(adminPayout))
  @Described('a payout, with its attempts')
  async readPayout(@Param('id') id: string): Promise<View> {
    const uuid = decodeId('payout', id);
    const row = uuid === undefined ? undefined : await findPayoutRow(this.database, uuid);
    if (row === undefined) throw new DomainError('payout.not_found');
    return viewPayout(row, (await findAttempts(this.database, [row.id])).get(row.id) ?? []);
  }
}
