import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AdminApi, CurrentAdmin, NeedsApproval } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { ApprovalView } from '../../../kernel/approvals/approval-view.js';
import { approvalAnswer } from '../../../kernel/approvals/approval.answers.js';
import { Approvals } from '../../../kernel/approvals/approvals.js';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { PAYMENT_STATUSES } from '../payment.js';
import { findAttempts, findPaymentRow, type PaymentRow } from '../payments.store.js';
import { RefundBody } from '../refunds/create-refund.dto.js';
import { OPERATOR_REFUND, OperatorRefund } from '../refunds/operator-refund.js';
import { findRefundRowsOf } from '../refunds/refunds.store.js';
import { found } from '../resources.js';
import { sendList } from './admin-list.js';
import {
  adminPayment,
  adminRefund,
  PAYMENT_COLUMNS,
  paymentCsv,
  searched,
  viewPayment,
  viewRefund,
} from './admin-views.js';
import { SearchQuery } from './search.js';

/** As in the table of approvals. */
const MAX_REASON = 200;

export class AdminPaymentsQuery extends SearchQuery {
  @IsOptional()
  @IsIn(PAYMENT_STATUSES)
  status?: string;
}

export class OperatorRefundBody extends RefundBody {
  /** Shown to whoever approves it, and kept with the refund. */
  @IsString()
  @Length(1, MAX_REASON)
  reason!: string;
}

type View = Readonly<Record<string, unknown>>;

/** Payments of all merchants, for operators. */
@AdminApi('payments')
@Controller('admin/v1/payments')
export class AdminPaymentsController {
  private readonly database: Database;

  constructor(
    private readonly approvals: Approvals,
    private readonly refund: OperatorRefund,
    databases: Databases,
  ) {
    this.database = databases.of('payments');
  }

  @Get()
  @Answers(searched(adminPayment))
  @Described(
    'find payments',
    'By whatever names one (`q`), and by their members. As CSV with `format=csv` or `Accept: text/csv`; a `Link` leads to the next page.',
  )
  async list(
    @ValidQuery(AdminPaymentsQuery) query: AdminPaymentsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = (row: PaymentRow): View => viewPayment(row);
    const list = { table: 'payment', view, columns: PAYMENT_COLUMNS, csv: paymentCsv } as const;
    await sendList(this.database, list, query, request, reply);
  }

  @Get(':id')
  @Answers(found(adminPayment.extend({ refunds: adminRefund.array() })))
  @Described('a payment, with its attempts and refunds')
  async read(@Param('id') id: string): Promise<View> {
    const row = await this.find(id);
    const refunds = await findRefundRowsOf(this.database, row.id);
    const attempts = await findAttempts(this.database, [row.id, ...refunds.map((refund) => refund.id)]);
    return {
      ...viewPayment(row, attempts.get(row.id) ?? []),
      refunds: refunds.map((refund) => viewRefund(refund, attempts.get(refund.id) ?? [])),
    };
  }

  @Post(':id/refunds')
  @NeedsApproval()
  @Answers({ 202: { description: 'What waits for another person', schema: approvalAnswer } })
  @Described(
    'ask that a payment is refunded, or a part of it',
    'Without `amount`, all that is left. Another person approves it; the refund has its id already, in `payload`.',
  )
  async askRefund(
    @CurrentAdmin() admin: AdminPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @ValidBody(OperatorRefundBody) { amount, reason }: OperatorRefundBody,
  ): Promise<ApprovalView> {
    const { id: paymentId } = await this.find(id);
    const payload = await this.refund.prepare(paymentId, { amount, reason }, admin.id);
    return this.approvals.ask(this.database, OPERATOR_REFUND, {
      payload,
      subject: encodeId('payment', paymentId),
      reason,
      by: admin,
      correlationId: request.id,
    });
  }

  private async find(id: string): Promise<PaymentRow> {
    const uuid = decodeId('payment', id);
    const row = uuid === undefined ? undefined : await findPaymentRow(this.database, uuid);
    if (row === undefined) throw new DomainError('payment.not_found');
    return row;
  }
}
