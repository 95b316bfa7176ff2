import { Controller, Delete, Get, HttpCode, Param, Post, Put, Req } from '@nestjs/common';
import { IsEmail, IsNotEmpty, IsObject, IsString, Length, Matches, MaxLength } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { AdminApi, CurrentAdmin, Needs, NeedsApproval, PublicApi } from '../../../kernel/access/access.js';
import {
  ADMIN_AREAS,
  LEVELS,
  permissions as readPermissions,
  type Permissions,
} from '../../../kernel/access/permissions.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { ApprovalView } from '../../../kernel/approvals/approval-view.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { Described } from '../../../kernel/http/described.js';
import { AlsoCsv, CsvPageQuery, WholeListQuery } from '../../../kernel/http/csv-pages.js';
import type { Page } from '../../../kernel/http/pagination.js';
import { ValidBody, ValidQuery } from '../../../kernel/http/validated.js';
import { decodeId } from '../../../kernel/ids/ids.js';
import { cursorOf, listed } from '../lists.js';
import { AdminsStore } from './admins.store.js';
import {
  viewAdmin,
  viewInvitation,
  viewRole,
  viewSession,
  type AdminView,
  type InvitationView,
  type RoleView,
  type SessionView,
} from './admins.views.js';
import { Invitations } from './invitations.js';
import { InvitationsStore } from './invitations.store.js';
import { MAX_PASSWORD } from './password.js';
import { RolesStore } from './roles.store.js';
import { originOf } from './session.controller.js';
import { SessionsStore } from './sessions.store.js';
import { TeamRequests } from './team-requests.js';
import { ADMIN_CSV, INVITATION_CSV, ROLE_CSV } from './team.csv.js';
import { Team } from './team.js';
import { approvalAnswer } from '../../../kernel/approvals/approval.answers.js';
import { Answers } from '../../../kernel/http/answers.js';
import {
  adminAnswer,
  adminsAnswer,
  invitationAnswer,
  invitationsAnswer,
  roleAnswer,
  rolesAnswer,
  sessionsAnswer,
} from './admins.answers.js';

const MAX_EMAIL = 254;
const MAX_NAME = 200;
const MAX_DESCRIPTION = 200;
/** A name that shows: not empty, no blanks around it, no line breaks. */
const NAME = /^\S(?:[^\r\n]*\S)?$/;
const ROLE_NAME = /^[a-z][a-z0-9_]{1,39}$/;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** More than wait for an answer at a time. */
const SHOWN_INVITATIONS = 100;
const SHOWN_SESSIONS = 50;

export class InviteBody {
  @IsEmail()
  @MaxLength(MAX_EMAIL)
  email!: string;

  @IsString()
  @Length(1, MAX_NAME)
  @Matches(NAME)
  name!: string;

  @IsString()
  @Matches(ROLE_NAME)
  role!: string;
}

export class AcceptBody {
  /** What follows the # of the link. */
  @IsString()
  @Matches(TOKEN)
  token!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_PASSWORD)
  password!: string;
}

export class GiveRoleBody {
  @IsString()
  @Matches(ROLE_NAME)
  role!: string;
}

export class ChangeRoleBody {
  @IsString()
  @Length(1, MAX_DESCRIPTION)
  @Matches(NAME)
  description!: string;

  /** A level (none, read, manage, authorise) by area; an area that is left out is none. */
  @IsObject()
  permissions!: Record<string, unknown>;
}

export class MakeRoleBody extends ChangeRoleBody {
  @IsString()
  @Matches(ROLE_NAME)
  name!: string;
}

/** Who works here and what they may do, for those who manage the team. */
@AdminApi('team')
@Controller('admin/v1')
export class TeamController {
  constructor(
    private readonly team: Team,
    private readonly invitations: Invitations,
    private readonly admins: AdminsStore,
    private readonly roles: RolesStore,
    private readonly sessions: SessionsStore,
    private readonly openInvitations: InvitationsStore,
    private readonly requests: TeamRequests,
  ) {}

  @Get('admins')
  @Answers({ 200: { description: 'People; or CSV', schema: adminsAnswer } })
  @AlsoCsv('team', ADMIN_CSV)
  async list(@ValidQuery(CsvPageQuery) query: CsvPageQuery): Promise<Page<AdminView>> {
    return listed(query, await this.admins.list(cursorOf(query, 'admin')), viewAdmin);
  }

  @Get('admins/:id')
  @Answers({ 200: { description: 'The person', schema: adminAnswer } })
  async read(@Param('id') id: string): Promise<AdminView> {
    const admin = await this.admins.find(this.admins.database, adminUuid(id));
    if (admin === undefined) throw new DomainError('admin.not_found');
    return viewAdmin(admin);
  }

  @Put('admins/:id/role')
  @NeedsApproval()
  @Answers({ 202: { description: 'What waits for another person', schema: approvalAnswer } })
  @Described(
    'ask that somebody is given a role',
    'Another person approves it. It holds at once then, also in sessions that are open.',
  )
  async giveRole(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @ValidBody(GiveRoleBody) { role }: GiveRoleBody,
  ): Promise<ApprovalView> {
    return this.requests.giveRole(actor, { adminId: adminUuid(id), role }, originOf(request));
  }

  @Post('admins/:id/disable')
  @HttpCode(200)
  @Described('let somebody in no more', 'Ends their sessions.')
  @Answers({ 200: { description: 'The person', schema: adminAnswer } })
  async disable(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
  ): Promise<AdminView> {
    return viewAdmin(await this.team.disable(actor, adminUuid(id), originOf(request)));
  }

  @Post('admins/:id/enable')
  @HttpCode(200)
  @Needs('authorise')
  @Described('let somebody in again')
  @Answers({ 200: { description: 'The person', schema: adminAnswer } })
  async enable(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
  ): Promise<AdminView> {
    return viewAdmin(await this.team.enable(actor, adminUuid(id), originOf(request)));
  }

  @Delete('admins/:id/second_factor')
  @Needs('authorise')
  @Described(
    'take the second factor of somebody who lost it',
    'Ends their sessions. They set up another when they sign in.',
  )
  @Answers({ 200: { description: 'The person', schema: adminAnswer } })
  async takeSecondFactor(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
  ): Promise<AdminView> {
    return viewAdmin(await this.team.takeSecondFactor(actor, adminUuid(id), originOf(request)));
  }

  @Get('admins/:id/sessions')
  @Answers({ 200: { description: 'Sessions', schema: sessionsAnswer } })
  async listSessions(@Param('id') id: string): Promise<Listed<SessionView>> {
    return all((await this.sessions.list(adminUuid(id), SHOWN_SESSIONS)).map(viewSession));
  }

  @Delete('admins/:id/sessions')
  @HttpCode(204)
  @Described('end all sessions of somebody')
  @Answers({ 204: { description: 'They are over' } })
  async endSessions(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @Param('id') id: string,
  ): Promise<void> {
    await this.team.endSessions(actor, adminUuid(id), originOf(request));
  }

  @Get('roles')
  @Answers({ 200: { description: 'Roles; or CSV', schema: rolesAnswer } })
  @AlsoCsv('roles', ROLE_CSV, { isWhole: true })
  async listRoles(@ValidQuery(WholeListQuery) _: WholeListQuery): Promise<Listed<RoleView>> {
    return all((await this.roles.list()).map(viewRole));
  }

  @Post('roles')
  @Needs('authorise')
  @Described('make a role')
  @Answers({ 201: { description: 'The role', schema: roleAnswer } })
  async makeRole(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @ValidBody(MakeRoleBody) { name, description, permissions }: MakeRoleBody,
  ): Promise<RoleView> {
    const role = { name, description, permissions: permissionsOf(permissions) };
    return viewRole(await this.team.makeRole(actor, role, originOf(request)));
  }

  @Put('roles/:name')
  @NeedsApproval()
  @Answers({ 202: { description: 'What waits for another person', schema: approvalAnswer } })
  @Described(
    'ask that a role may do something else',
    'Another person approves it. It holds at once then for everybody who has it. Built-in roles stay as they are.',
  )
  async changeRole(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @Param('name') name: string,
    @ValidBody(ChangeRoleBody) { description, permissions }: ChangeRoleBody,
  ): Promise<ApprovalView> {
    const role = { name, description, permissions: permissionsOf(permissions) };
    return this.requests.changeRole(actor, role, originOf(request));
  }

  @Get('invitations')
  @Described('invitations that wait for an answer')
  @Answers({ 200: { description: 'Invitations; or CSV', schema: invitationsAnswer } })
  @AlsoCsv('invitations', INVITATION_CSV, { isWhole: true })
  async listInvitations(@ValidQuery(WholeListQuery) _: WholeListQuery): Promise<Listed<InvitationView>> {
    return all((await this.openInvitations.listOpen(SHOWN_INVITATIONS)).map(viewInvitation));
  }

  @Post('invitations')
  @NeedsApproval()
  @Answers({ 202: { description: 'What waits for another person', schema: approvalAnswer } })
  @Described(
    'ask that somebody is invited',
    'Another person approves it, and is shown the link then, this once; where e-mail is set up it is sent as well. An earlier one to the same address works no more.',
  )
  async invite(
    @CurrentAdmin() actor: AdminPrincipal,
    @Req() request: FastifyRequest,
    @ValidBody(InviteBody) { email, name, role }: InviteBody,
  ): Promise<ApprovalView> {
    return this.requests.invite(actor, { email, name, role }, originOf(request));
  }

  @Post('invitations/accept')
  @HttpCode(200)
  @PublicApi()
  @Described('choose a password', 'For whoever holds the link of an invitation. They sign in then.')
  @Answers({ 200: { description: 'The person', schema: adminAnswer } })
  async accept(@Req() request: FastifyRequest, @ValidBody(AcceptBody) body: AcceptBody): Promise<AdminView> {
    const origin = originOf(request);
    return viewAdmin(await this.invitations.accept(body, origin, origin));
  }

  @Delete('invitations/:id')
  @Described('withdraw an invitation')
  @Answers({ 200: { description: 'The invitation', schema: invitationAnswer } })
  async withdraw(@Param('id') id: string): Promise<InvitationView> {
    const uuid = decodeId('invitation', id);
    if (uuid === undefined) throw new DomainError('invitation.not_found');
    return viewInvitation(await this.invitations.withdraw(uuid));
  }
}

interface Listed<View> {
  readonly object: 'list';
  readonly data: readonly View[];
  readonly has_more: false;
}

const all = <View>(data: readonly View[]): Listed<View> => ({ object: 'list', data, has_more: false });

function adminUuid(id: string): string {
  const uuid = decodeId('admin', id);
  if (uuid === undefined) throw new DomainError('admin.not_found');
  return uuid;
}

/** @throws {DomainError} request.invalid */
function permissionsOf(body: Readonly<Record<string, unknown>>): Permissions {
  const read = readPermissions.safeParse(body);
  if (read.success) return read.data;
  const errors = Object.entries(body).flatMap(([area, level]) =>
    !ADMIN_AREAS.some((known) => known === area)
      ? [{ pointer: `/permissions/${area}`, code: 'unknown_field' }]
      : !LEVELS.some((known) => known === level)
        ? [{ pointer: `/permissions/${area}`, code: 'is_in', detail: LEVELS.join(', ') }]
        : [],
  );
  throw new DomainError('request.invalid', { errors });
}
