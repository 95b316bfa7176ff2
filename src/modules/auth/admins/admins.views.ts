import type { Permissions } from '../../../kernel/access/permissions.js';
import type { SessionPrincipal } from '../../../kernel/access/principal.js';
import { IDLE_SECONDS } from '../../../kernel/access/session-cache.js';
import { csrfTokenOf } from '../../../kernel/access/session-token.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import type { AdminRow } from './admins.store.js';
import type { InvitationRow } from './invitations.store.js';
import type { Role } from './roles.js';
import type { SessionRow } from './sessions.store.js';

/** A person who may sign in. */
export interface AdminView {
  readonly object: 'admin';
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: string;
  readonly second_factor: boolean;
  readonly created_at: string;
  readonly disabled_at: string | null;
}

export function viewAdmin(row: AdminRow): AdminView {
  return {
    object: 'admin',
    id: encodeId('admin', row.id),
    email: row.email,
    name: row.name,
    role: row.role,
    second_factor: row.totpConfirmedAt !== null,
    created_at: row.createdAt.toISOString(),
    disabled_at: row.disabledAt?.toISOString() ?? null,
  };
}

/** The caller's own session. */
export interface OwnSessionView {
  readonly object: 'session';
  readonly id: string;
  readonly admin: AdminView;
  /** By area; without a second factor there are none yet. */
  readonly permissions: Permissions;
  /** Sent as X-CSRF-Token with whatever changes something. */
  readonly csrf_token: string;
  /** When the second factor was last shown; null: there is none yet. */
  readonly proved_at: string | null;
  /** It need not be shown again to authorise something. */
  readonly proved_lately: boolean;
  readonly recovery_codes_left: number;
  readonly expires_at: string;
  /** After so long without a request it is over. */
  readonly idle_seconds: number;
}

export function viewOwnSession(
  { session, permissions }: SessionPrincipal,
  admin: AdminRow,
  recoveryCodesLeft: number,
): OwnSessionView {
  return {
    object: 'session',
    id: encodeId('session', session.id),
    admin: viewAdmin(admin),
    permissions,
    csrf_token: csrfTokenOf(session.token),
    proved_at: session.provedAt?.toISOString() ?? null,
    proved_lately: session.provedLately,
    recovery_codes_left: recoveryCodesLeft,
    expires_at: session.expiresAt.toISOString(),
    idle_seconds: IDLE_SECONDS,
  };
}

/** A session as its person, and who manages the team, sees it. */
export interface SessionView {
  readonly object: 'session';
  readonly id: string;
  readonly admin_id: string;
  readonly started_at: string;
  readonly expires_at: string;
  readonly ended_at: string | null;
  readonly ended_reason: string | null;
  readonly address: string;
  readonly user_agent: string;
}

export function viewSession(row: SessionRow): SessionView {
  return {
    object: 'session',
    id: encodeId('session', row.id),
    admin_id: encodeId('admin', row.adminId),
    started_at: row.startedAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    ended_at: row.endedAt?.toISOString() ?? null,
    ended_reason: row.endedReason,
    address: row.address,
    user_agent: row.userAgent,
  };
}

export interface InvitationView {
  readonly object: 'invitation';
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly invited_by: string | null;
  readonly created_at: string;
  readonly expires_at: string;
}

export function viewInvitation(row: InvitationRow): InvitationView {
  return {
    object: 'invitation',
    id: encodeId('invitation', row.id),
    email: row.email,
    name: row.name,
    role: row.role,
    invited_by: row.invitedBy === null ? null : encodeId('admin', row.invitedBy),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
  };
}

/** Where an invitation is accepted. After the #, so that it is in no server's log and no Referer. */
export function acceptUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/backoffice/invitation#${token}`;
}

export interface RoleView {
  readonly object: 'role';
  readonly name: string;
  readonly description: string;
  readonly permissions: Permissions;
  readonly built_in: boolean;
}

export function viewRole({ name, description, permissions, builtIn }: Role): RoleView {
  return { object: 'role', name, description, permissions, built_in: builtIn };
}
