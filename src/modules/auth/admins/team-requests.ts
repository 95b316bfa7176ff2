import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Env } from '../../../config/env.js';
import { permissions, type Permissions } from '../../../kernel/access/permissions.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import {
  approvedWork,
  type ApprovalAction,
  type ApprovedWork,
  type Grant,
  type ShownOnce,
} from '../../../kernel/approvals/approval-action.js';
import type { ApprovalView } from '../../../kernel/approvals/approval-view.js';
import { Approvals } from '../../../kernel/approvals/approvals.js';
import type { Queryable, Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { AdminsStore } from './admins.store.js';
import { acceptUrl } from './admins.views.js';
import { Invitations } from './invitations.js';
import { RolesStore } from './roles.store.js';
import type { Cause } from './sessions.js';
import { Team, type Actor } from './team.js';

/** Each holds what the role may do as it was when it was asked for: whoever approves has seen that, and nothing else is given. */
const giveRole = {
  kind: 'auth.give_role',
  area: 'team',
  payload: z.object({ admin_id: z.uuid(), email: z.string(), from_role: z.string(), role: z.string(), permissions }),
} satisfies ApprovalAction<unknown>;

const changeRole = {
  kind: 'auth.change_role',
  area: 'team',
  payload: z.object({ name: z.string(), description: z.string(), permissions, before: permissions }),
} satisfies ApprovalAction<unknown>;

const invite = {
  kind: 'auth.invite_admin',
  area: 'team',
  payload: z.object({ email: z.string(), name: z.string(), role: z.string(), permissions }),
} satisfies ApprovalAction<unknown>;

type GiveRole = z.infer<typeof giveRole.payload>;
type ChangeRole = z.infer<typeof changeRole.payload>;
type Invite = z.infer<typeof invite.payload>;

/** What two people decide about who may what: a third who is let in, or is given more, is one who could approve for either. */
@Injectable()
export class TeamRequests {
  constructor(
    private readonly team: Team,
    private readonly invitations: Invitations,
    private readonly admins: AdminsStore,
    private readonly roles: RolesStore,
    private readonly approvals: Approvals,
    @Inject(ENV) private readonly env: Env,
  ) {}

  /** @throws {DomainError} whatever {@link Team.giveRole} and {@link Approvals.ask} throw */
  async giveRole(
    by: AdminPrincipal,
    { adminId, role }: { readonly adminId: string; readonly role: string },
    cause: Cause,
  ): Promise<ApprovalView> {
    const database = this.admins.database;
    await database.rehearse(async (tx) => void (await this.team.giveRoleIn(tx, by, adminId, role, cause)));
    const admin = await this.admins.find(database, adminId);
    if (admin === undefined) throw new DomainError('admin.not_found');
    const payload = {
      admin_id: adminId,
      email: admin.email,
      from_role: admin.role,
      role,
      permissions: { ...(await this.permissionsOf(database, role)) },
    };
    return this.ask(giveRole, payload, encodeId('admin', adminId), by, cause);
  }

  /** @throws {DomainError} whatever {@link Team.changeRoleIn} and {@link Approvals.ask} throw */
  async changeRole(
    by: AdminPrincipal,
    role: { readonly name: string; readonly description: string; readonly permissions: Permissions },
    cause: Cause,
  ): Promise<ApprovalView> {
    const database = this.roles.database;
    const before = { ...(await this.permissionsOf(database, role.name)) };
    await database.rehearse(async (tx) => void (await this.team.changeRoleIn(tx, by, role, cause)));
    return this.ask(changeRole, { ...role, permissions: { ...role.permissions }, before }, role.name, by, cause);
  }

  /** @throws {DomainError} whatever {@link Invitations.invite} and {@link Approvals.ask} throw */
  async invite(
    by: AdminPrincipal,
    asked: { readonly email: string; readonly name: string; readonly role: string },
    cause: Cause,
  ): Promise<ApprovalView> {
    const database = this.admins.database;
    await database.rehearse(async (tx) => void (await this.invitations.inviteIn(tx, { ...asked, by }, cause)));
    const email = asked.email.toLowerCase();
    const payload = { ...asked, email, permissions: { ...(await this.permissionsOf(database, asked.role)) } };
    return this.ask(invite, payload, email, by, cause);
  }

  /** How each is done once it is approved. The one who approves gives it, and may not give more than they have either. */
  readonly works: readonly ApprovedWork[] = [
    approvedWork(giveRole, (tx, payload, grant) => this.carryOutGiveRole(tx, payload, grant)),
    approvedWork(changeRole, (tx, payload, grant) => this.carryOutChangeRole(tx, payload, grant)),
    approvedWork(invite, (tx, payload, grant) => this.carryOutInvite(tx, payload, grant)),
  ];

  private async carryOutGiveRole(tx: Tx, payload: GiveRole, grant: Grant): Promise<undefined> {
    await this.mustBeAsShown(tx, payload.role, payload.permissions);
    const admin = await this.admins.lock(tx, payload.admin_id);
    if (admin.role !== payload.from_role) throw new DomainError('approval.changed_meanwhile');
    await this.team.giveRoleIn(tx, await this.checkerOf(tx, grant), payload.admin_id, payload.role, grant);
    return undefined;
  }

  private async carryOutChangeRole(tx: Tx, payload: ChangeRole, grant: Grant): Promise<undefined> {
    const { before, ...role } = payload;
    await this.mustBeAsShown(tx, role.name, before);
    await this.team.changeRoleIn(tx, await this.checkerOf(tx, grant), role, grant);
    return undefined;
  }

  private async carryOutInvite(tx: Tx, payload: Invite, grant: Grant): Promise<ShownOnce> {
    const { email, name, role } = payload;
    await this.mustBeAsShown(tx, role, payload.permissions);
    const by = await this.checkerOf(tx, grant);
    const { token } = await this.invitations.inviteIn(tx, { email, name, role, by }, grant);
    return { accept_url: acceptUrl(this.env.publicUrl, token) };
  }

  private async checkerOf(tx: Tx, { grantedBy }: Grant): Promise<NonNullable<Actor>> {
    const checker = await this.admins.find(tx, grantedBy);
    if (checker === undefined) throw new DomainError('admin.not_found');
    return { id: grantedBy, permissions: await this.permissionsOf(tx, checker.role) };
  }

  private async mustBeAsShown(tx: Tx, role: string, shown: Permissions): Promise<void> {
    if (!isDeepStrictEqual({ ...(await this.permissionsOf(tx, role)) }, { ...shown }))
      throw new DomainError('approval.changed_meanwhile');
  }

  private async permissionsOf(queryable: Queryable, role: string): Promise<Permissions> {
    return (await this.roles.get(queryable, role)).permissions;
  }

  private ask<Payload>(
    action: ApprovalAction<Payload>,
    payload: Payload,
    subject: string,
    by: AdminPrincipal,
    { correlationId }: Cause,
  ): Promise<ApprovalView> {
    return this.approvals.ask(this.admins.database, action, { payload, subject, by, correlationId });
  }
}
