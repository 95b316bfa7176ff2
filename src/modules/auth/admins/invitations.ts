import { Inject, Injectable } from '@nestjs/common';
import type { Env } from '../../../config/env.js';
import { adminInvited, invitationLinkPlace } from '../../../contracts/auth.events.js';
import { isWithin, type Permissions } from '../../../kernel/access/permissions.js';
import { hashSessionToken, newSessionToken } from '../../../kernel/access/session-token.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { ENV } from '../../../kernel/kernel.tokens.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent } from '../../../kernel/outbox/event.js';
import { Vault } from '../../../kernel/secrets/vault.js';
import { AdminsStore, type AdminRow } from './admins.store.js';
import { acceptUrl } from './admins.views.js';
import { InvitationsStore, type InvitationRow } from './invitations.store.js';
import { hashPassword, mustBeGoodPassword } from './password.js';
import { RolesStore } from './roles.store.js';
import { Sessions, type Cause } from './sessions.js';
import { LIMITS, Throttle } from './throttle.js';

/** Over a weekend. */
const LASTS_SECONDS = 3 * 86_400;

export interface InviteCommand {
  readonly email: string;
  readonly name: string;
  readonly role: string;
  /** Who invites: null is the command line, which may everything. */
  readonly by: { readonly id: string; readonly permissions?: Permissions } | null;
}

export interface Invited {
  readonly invitation: InvitationRow;
  /** Of the link; kept nowhere. */
  readonly token: string;
  readonly link: string;
}

/** People come by invitation: a link that works once and for three days, and lets its holder choose a password. */
@Injectable()
export class Invitations {
  constructor(
    private readonly store: InvitationsStore,
    private readonly admins: AdminsStore,
    private readonly roles: RolesStore,
    private readonly sessions: Sessions,
    private readonly throttle: Throttle,
    private readonly vault: Vault,
    @Inject(ENV) private readonly env: Pick<Env, 'publicUrl'>,
  ) {}

  /**
   * An earlier invitation to the same address works no more.
   * @returns the link with its token, kept nowhere in clear: whoever sends it by mail gets it sealed, with the event
   * @throws {DomainError} role.not_found, admin.beyond_your_role, admin.email_taken
   */
  async invite(command: InviteCommand, cause: Cause): Promise<Invited> {
    return this.store.database.transaction((tx) => this.inviteIn(tx, command, cause));
  }

  /** The same in a transaction that does more. */
  async inviteIn(tx: Tx, command: InviteCommand, cause: Cause): Promise<Invited> {
    const { name, role, by } = command;
    const email = command.email.toLowerCase();
    const { permissions } = await this.roles.get(tx, role);
    if (by !== null && !isWithin(permissions, by.permissions)) throw new DomainError('admin.beyond_your_role');
    if ((await this.admins.findByEmail(tx, email)) !== undefined) throw new DomainError('admin.email_taken');
    const id = newUuid();
    const token = newSessionToken();
    const link = acceptUrl(this.env.publicUrl, token);
    const sealedLink = await this.vault.seal(link, invitationLinkPlace(id));
    const row = await this.store.insert(tx, {
      id,
      email,
      name,
      role,
      invitedBy: by?.id ?? null,
      tokenHash: hashSessionToken(token),
      lastsSeconds: LASTS_SECONDS,
    });
    const payload = {
      invitation_id: row.id,
      email,
      name,
      role,
      invited_by: row.invitedBy,
      expires_at: row.expiresAt.toISOString(),
      sealed_link: sealedLink,
    };
    const { correlationId } = cause;
    const context = { aggregateId: row.id, merchantId: null, cause: { correlationId } };
    await appendEvents(tx, [newEvent(adminInvited, context, payload)]);
    return { invitation: row, token, link };
  }

  /**
   * Makes the person. They sign in then, as ever, and set up the second factor.
   * @throws {DomainError} invitation.not_found, request.invalid where the password is none, auth.too_many_attempts
   */
  async accept(
    { token, password }: { readonly token: string; readonly password: string },
    origin: { readonly address: string },
    cause: Cause,
  ): Promise<AdminRow> {
    await this.throttle.count(LIMITS.invitation, origin.address);
    const tokenHash = hashSessionToken(token);
    const known = await this.store.database.transaction((tx) => this.store.lockByToken(tx, tokenHash));
    if (known === undefined) throw new DomainError('invitation.not_found');
    mustBeGoodPassword(password, known.email);
    // Not while a row is locked: it takes a while.
    const passwordHash = await hashPassword(password);
    return this.store.database.transaction(async (tx) => {
      const invitation = await this.store.lockByToken(tx, tokenHash);
      if (invitation === undefined) throw new DomainError('invitation.not_found');
      const { email, name, role } = invitation;
      const admin = await this.admins.insert(tx, { id: newUuid(), email, name, role, passwordHash });
      await this.store.accept(tx, invitation.id, admin.id);
      await this.sessions.announce(tx, [admin], cause);
      return admin;
    });
  }

  /** @throws {DomainError} invitation.not_found */
  async withdraw(id: string): Promise<InvitationRow> {
    const withdrawn = await this.store.withdraw(id);
    if (withdrawn === undefined) throw new DomainError('invitation.not_found');
    return withdrawn;
  }
}
