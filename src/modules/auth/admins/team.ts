import { Injectable } from '@nestjs/common';
import { roleChanged } from '../../../contracts/auth.events.js';
import { isPermitted, isWithin, type Permissions } from '../../../kernel/access/permissions.js';
import type { AdminPrincipal } from '../../../kernel/access/principal.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type NewEvent } from '../../../kernel/outbox/event.js';
import { tellAccountSecured } from './account-notices.js';
import { AdminsStore, type AdminRow } from './admins.store.js';
import type { Role } from './roles.js';
import { RolesStore } from './roles.store.js';
import { SecondFactorStore } from './second-factor.store.js';
import { Sessions, type Cause } from './sessions.js';

/** Null is the command line, which may everything. */
export type Actor = Pick<AdminPrincipal, 'id' | 'permissions'> | null;

type RoleContent = Pick<Role, 'name' | 'description' | 'permissions'>;

/**
 * What admins do about each other. Nobody gives more than they have, touches somebody who has more, or does any of it to themselves; and somebody who
 * can authorise for the team is always left.
 */
@Injectable()
export class Team {
  constructor(
    private readonly admins: AdminsStore,
    private readonly roles: RolesStore,
    private readonly factors: SecondFactorStore,
    private readonly sessions: Sessions,
  ) {}

  /** @throws {DomainError} admin.not_found, admin.yourself, admin.beyond_your_role, admin.last_owner, role.not_found */
  async giveRole(actor: Actor, adminId: string, roleName: string, cause: Cause): Promise<AdminRow> {
    return this.admins.database.transaction((tx) => this.giveRoleIn(tx, actor, adminId, roleName, cause));
  }

  /** The same in a transaction that does more. */
  async giveRoleIn(tx: Tx, actor: Actor, adminId: string, roleName: string, cause: Cause): Promise<AdminRow> {
    const admin = await this.lockAnother(tx, actor, adminId);
    const role = await this.roles.get(tx, roleName);
    mustReach(actor, role.permissions);
    if (admin.role === roleName) return admin;
    if (!runsTeam(role)) await this.mustLeaveSomebody(tx, admin);
    const changed = await this.admins.setRole(tx, adminId, roleName);
    await this.sessions.announce(tx, [changed], cause);
    return changed;
  }

  /** Ends their sessions. @throws {DomainError} admin.not_found, admin.yourself, admin.beyond_your_role, admin.last_owner */
  async disable(actor: Actor, adminId: string, cause: Cause): Promise<AdminRow> {
    return this.change(actor, adminId, async (tx, admin) => {
      if (admin.disabledAt !== null) return admin;
      await this.mustLeaveSomebody(tx, admin);
      const changed = await this.admins.setDisabled(tx, adminId, true);
      await this.sessions.announce(tx, [changed], cause);
      await this.sessions.end(tx, { adminId, reason: 'disabled' }, cause);
      await tellAccountSecured(tx, admin, 'disabled', cause);
      return changed;
    });
  }

  /** @throws {DomainError} admin.not_found, admin.yourself, admin.beyond_your_role */
  async enable(actor: Actor, adminId: string, cause: Cause): Promise<AdminRow> {
    return this.change(actor, adminId, async (tx, admin) => {
      if (admin.disabledAt === null) return admin;
      const changed = await this.admins.setDisabled(tx, adminId, false);
      await this.sessions.announce(tx, [changed], cause);
      return changed;
    });
  }

  /** For a device that is lost: they set up another when they sign in next. Ends their sessions. */
  async takeSecondFactor(actor: Actor, adminId: string, cause: Cause): Promise<AdminRow> {
    return this.change(actor, adminId, async (tx, admin) => {
      await this.factors.remove(tx, adminId);
      await this.sessions.end(tx, { adminId, reason: 'second_factor_changed' }, cause);
      await tellAccountSecured(tx, admin, 'second_factor_removed', cause);
      return { ...admin, totpConfirmedAt: null };
    });
  }

  /** Ends all their sessions. */
  async endSessions(actor: Actor, adminId: string, cause: Cause): Promise<number> {
    return this.change(actor, adminId, (tx) => this.sessions.end(tx, { adminId, reason: 'ended_by_admin' }, cause));
  }

  /** Nobody has it yet: whom it is given to is asked for then. @throws {DomainError} admin.beyond_your_role, role.name_taken */
  async makeRole(actor: Actor, role: RoleContent, cause: Cause): Promise<Role> {
    mustReach(actor, role.permissions);
    return this.roles.database.transaction(async (tx) => {
      const made = await this.roles.insert(tx, role);
      await appendEvents(tx, [roleEvent(made, cause)]);
      return made;
    });
  }

  /**
   * Holds at once for everybody who has it.
   * @throws {DomainError} role.not_found, role.built_in, admin.beyond_your_role, admin.last_owner
   */
  async changeRoleIn(tx: Tx, actor: Actor, role: RoleContent, cause: Cause): Promise<Role> {
    await this.admins.lockTeam(tx);
    const before = await this.roles.get(tx, role.name);
    if (before.builtIn) throw new DomainError('role.built_in');
    mustReach(actor, before.permissions);
    mustReach(actor, role.permissions);
    const changed = await this.roles.update(tx, role);
    await appendEvents(tx, [roleEvent(changed, cause)]);
    const people = await this.admins.renewVersions(tx, role.name);
    if (runsTeam(before) && people.length > 0) await this.mustHaveSomebody(tx);
    await this.sessions.announce(tx, people, cause);
    return changed;
  }

  private change<Result>(
    actor: Actor,
    adminId: string,
    work: (tx: Tx, admin: AdminRow) => Promise<Result>,
  ): Promise<Result> {
    return this.admins.database.transaction(async (tx) => work(tx, await this.lockAnother(tx, actor, adminId)));
  }

  private async lockAnother(tx: Tx, actor: Actor, adminId: string): Promise<AdminRow> {
    if (actor?.id === adminId) throw new DomainError('admin.yourself');
    await this.admins.lockTeam(tx);
    const admin = await this.admins.lock(tx, adminId);
    mustReach(actor, (await this.roles.get(tx, admin.role)).permissions);
    return admin;
  }

  /** Besides one who runs the team there must be another: somebody who can let in whoever needs it. */
  private async mustLeaveSomebody(tx: Tx, admin: AdminRow): Promise<void> {
    const roles = await this.rolesThatRunTeam(tx);
    if (roles.includes(admin.role)) await this.mustHaveSomebody(tx, roles, admin.id);
  }

  private async mustHaveSomebody(tx: Tx, roles?: readonly string[], but: string | null = null): Promise<void> {
    const there = await this.admins.count(tx, roles ?? (await this.rolesThatRunTeam(tx)), but);
    if (there === 0) throw new DomainError('admin.last_owner');
  }

  private async rolesThatRunTeam(tx: Tx): Promise<readonly string[]> {
    return (await this.roles.listIn(tx)).filter(runsTeam).map(({ name }) => name);
  }
}

function roleEvent({ name, description, permissions }: RoleContent, { correlationId }: Cause): NewEvent {
  const context = { aggregateId: name, merchantId: null, cause: { correlationId } };
  return newEvent(roleChanged, context, { name, description, permissions: { ...permissions } });
}

function runsTeam({ permissions }: Pick<Role, 'permissions'>): boolean {
  return isPermitted(permissions, 'team', 'authorise');
}

function mustReach(actor: Actor, permissions: Permissions): void {
  if (actor !== null && !isWithin(permissions, actor.permissions)) throw new DomainError('admin.beyond_your_role');
}
