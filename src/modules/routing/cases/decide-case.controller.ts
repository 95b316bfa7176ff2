import { Controller, Param, Post, Req } from '@nestjs/common';
import { IsIn, IsString, Length } from 'class-validator';
import { AdminApi, CurrentAdmin, NeedsApproval } from '../../../kernel/access/access.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { ApprovalView } from '../../../kernel/approvals/approval-view.js';
import { approvalAnswer } from '../../../kernel/approvals/approval.answers.js';
import { Approvals } from '../../../kernel/approvals/approvals.js';
import { Databases } from '../../../kernel/database/databases.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { ValidBody } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { DECISIONS, type Decision } from '../attempt.js';
import { Routing } from '../routing.js';
import { DECIDE_ATTEMPT } from './decide-case.js';

/** As in the table. */
const MAX_REFERENCE = 200;
/** As in the table of approvals. */
const MAX_REMARK = 1_000;

export class DecideCaseBody {
  /** What the gateway's own dashboard shows: `succeeded` means that exactly the amount that was asked has moved, `failed` that nothing has and nothing will. */
  @IsIn(DECISIONS)
  outcome!: Decision;

  /** What the gateway itself calls the transaction, or where it says that there is none: whoever approves looks there. */
  @IsString()
  @Length(1, MAX_REFERENCE)
  gateway_reference!: string;

  /** Who looked where, and what stood there. */
  @IsString()
  @Length(1, MAX_REMARK)
  remark!: string;
}

interface RequestWithId {
  readonly id: string;
}

/** Attempts whose gateways never told how they ended, for operators. */
@Controller('admin/v1/routing/attempts')
@AdminApi('routing')
export class DecideCaseController {
  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
    private readonly approvals: Approvals,
  ) {}

  @NeedsApproval()
  @Answers({ 202: { description: 'What waits for another person', schema: approvalAnswer } })
  @Post(':id/decide')
  @Described(
    'ask that the end of an attempt is recorded as its gateway shows it',
    'For cases: attempts whose end is unknown after three days of asking. Another person looks it up as well, and approves. It is recorded as an answer of the gateway would be; after a failure nothing is tried at another gateway. Refused, also after it was approved, when the gateway has told meanwhile.',
  )
  async decide(
    @CurrentAdmin() admin: AdminPrincipal,
    @Req() request: RequestWithId,
    @Param('id') id: string,
    @ValidBody(DecideCaseBody) { outcome, gateway_reference: gatewayReference, remark }: DecideCaseBody,
  ): Promise<ApprovalView> {
    const uuid = decodeId('attempt', id);
    if (uuid === undefined) throw new DomainError('attempt.not_found');
    const payload = await this.routing.cases.prepare(uuid, { outcome, gatewayReference, remark });
    return this.approvals.ask(this.databases.of('routing'), DECIDE_ATTEMPT, {
      payload,
      subject: payload.subject,
      reason: remark,
      by: admin,
      correlationId: request.id,
    });
  }
}
