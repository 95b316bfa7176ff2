import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AdminApi,
  CurrentAdmin,
  CurrentSession,
  EVERY_AREA,
  Needs,
  PeopleOnly,
} from '../../../kernel/access/access.js';
import { ADMIN_AREAS, isPermitted, type AdminArea } from '../../../kernel/access/permissions.js';
import type { AdminPrincipal, SessionPrincipal } from '../../../kernel/access/principal.js';
import type { ShownOnce } from '../../../kernel/approvals/approval-action.js';
import {
  APPROVAL_STATES,
  viewApproval,
  type ApprovalState,
  type ApprovalView,
} from '../../../kernel/approvals/approval-view.js';
import { approvalAnswer, approvalsAnswer, approvedAnswer } from '../../../kernel/approvals/approval.answers.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Answers } from '../../../kernel/http/answers.js';
import { Described } from '../../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery, type CsvColumns } from '../../../kernel/http/csv-pages.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { originOf } from '../admins/session.controller.js';
import { cursorOf, listed } from '../lists.js';
import { ApprovalsStore } from './approvals.store.js';
import { DecideApproval } from './decide-approval.js';

/** As in the table: the longest subject is an e-mail address. */
const MAX_TEXT = 254;
const MAX_REMARK = 1_000;

export class ApprovalsQuery extends CsvPageQuery {
  @IsOptional()
  @IsIn(APPROVAL_STATES)
  state?: ApprovalState;

  @IsOptional()
  @IsIn(ADMIN_AREAS)
  area?: AdminArea;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  kind?: string;

  /** What it is about: the id of a payment or person, the version of a rule set. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  subject?: string;

  /** The person who asked. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  asked_by?: string;
}

export class DecideApprovalBody {
  @IsOptional()
  @IsString()
  @Length(1, MAX_REMARK)
  remark?: string;
}

const CSV: CsvColumns<ApprovalView> = {
  id: (approval) => approval.id,
  asked_at_utc: (approval) => approval.asked_at,
  kind: (approval) => approval.kind,
  area: (approval) => approval.area,
  subject: (approval) => approval.subject,
  state: (approval) => approval.state,
  asked_by: (approval) => approval.asked_by,
  reason: (approval) => approval.reason,
  expires_at_utc: (approval) => approval.expires_at,
  decided_by: (approval) => approval.decided_by,
  decided_at_utc: (approval) => approval.decided_at,
  remark: (approval) => approval.remark,
  carried_out_at_utc: (approval) => approval.carried_out_at,
  failure: (approval) => approval.failure?.code,
  payload: (approval) => JSON.stringify(approval.payload),
  payload_sha256: (approval) => approval.payload_sha256,
};

/** What one person asked for and another approves. Each is of a part of the admin API: who may read there sees it, who authorises there decides. */
@AdminApi(EVERY_AREA)
@Controller('admin/v1/approvals')
export class ApprovalsController {
  constructor(
    private readonly store: ApprovalsStore,
    private readonly decide: DecideApproval,
  ) {}

  @Get()
  @Answers({ 200: { description: 'A page of them; or CSV', schema: approvalsAnswer } })
  @AlsoCsv('approvals', CSV)
  @Described('what waits for another person, and what was decided, the newest first', 'Of the parts that you may read.')
  async list(
    @CurrentAdmin() admin: AdminPrincipal,
    @ValidQuery(ApprovalsQuery) query: ApprovalsQuery,
  ): Promise<Page<ApprovalView>> {
    const wanted = query.area === undefined ? ADMIN_AREAS : [query.area];
    const rows = await this.store.list({
      areas: wanted.filter((area) => isPermitted(admin.permissions, area, 'read')),
      state: query.state,
      kind: query.kind,
      subject: query.subject,
      askedBy: query.asked_by === undefined ? undefined : makerOf(query.asked_by),
      cursor: cursorOf(query, 'approval'),
    });
    return listed(query, rows, viewApproval);
  }

  @Get(':id')
  @Answers({ 200: { description: 'As it stands', schema: approvalAnswer } })
  @Described('one of them')
  async read(@CurrentAdmin() admin: AdminPrincipal, @Param('id') id: string): Promise<ApprovalView> {
    const row = await this.store.find(this.store.database, uuidOf(id));
    if (row === undefined || !isPermitted(admin.permissions, row.area as AdminArea, 'read'))
      throw new DomainError('approval.not_found');
    return viewApproval(row);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @PeopleOnly()
  @Needs('authorise')
  @Answers({ 200: { description: 'It is approved', schema: approvedAnswer } })
  @Described(
    'approve it',
    'Not by whoever asked. It is carried out then, once: `state` becomes `done`, or `failed` where it cannot be done any more. `shown_once` is in no other answer.',
  )
  async approve(
    @CurrentSession() person: SessionPrincipal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
    @ValidBody(DecideApprovalBody) { remark }: DecideApprovalBody,
  ): Promise<ApprovalView & { readonly shown_once?: ShownOnce }> {
    const decided = await this.decide.approve(person, uuidOf(id), textOf(remark), originOf(request));
    void reply.header('cache-control', 'no-store');
    return {
      ...viewApproval(decided.approval),
      ...(decided.shownOnce === undefined ? {} : { shown_once: decided.shownOnce }),
    };
  }

  @Post(':id/reject')
  @HttpCode(200)
  @PeopleOnly()
  @Needs('authorise')
  @Answers({ 200: { description: 'It is rejected', schema: approvalAnswer } })
  @Described('reject it', 'Not by whoever asked. Nothing is done.')
  async reject(
    @CurrentSession() person: SessionPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @ValidBody(DecideApprovalBody) { remark }: DecideApprovalBody,
  ): Promise<ApprovalView> {
    return viewApproval(await this.decide.reject(person, uuidOf(id), textOf(remark), originOf(request)));
  }

  @Post(':id/withdraw')
  @HttpCode(200)
  @PeopleOnly()
  @Answers({ 200: { description: 'It is taken back', schema: approvalAnswer } })
  @Described('take back what you asked for')
  async withdraw(
    @CurrentSession() person: SessionPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @ValidBody(DecideApprovalBody) { remark }: DecideApprovalBody,
  ): Promise<ApprovalView> {
    return viewApproval(await this.decide.withdraw(person, uuidOf(id), textOf(remark), originOf(request)));
  }
}

function uuidOf(id: string): string {
  const uuid = decodeId('approval', id);
  if (uuid === undefined) throw new DomainError('approval.not_found');
  return uuid;
}

function makerOf(id: string): string {
  const uuid = decodeId('admin', id);
  if (uuid === undefined)
    throw new DomainError('request.invalid_parameter', { errors: [{ pointer: 'asked_by', code: 'invalid_id' }] });
  return uuid;
}

function textOf(remark: string | undefined): string | null {
  const text = remark?.trim() ?? '';
  return text === '' ? null : text;
}
