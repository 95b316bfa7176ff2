/** The team, its roles and invitations as CSV. */
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import type { AdminView, InvitationView, RoleView } from './admins.views.js';

export const ADMIN_CSV: CsvColumns<AdminView> = {
  id: (admin) => admin.id,
  created_at_utc: (admin) => admin.created_at,
  email: (admin) => admin.email,
  name: (admin) => admin.name,
  role: (admin) => admin.role,
  second_factor: (admin) => admin.second_factor,
  disabled_at_utc: (admin) => admin.disabled_at,
};

export const ROLE_CSV: CsvColumns<RoleView> = {
  name: (role) => role.name,
  description: (role) => role.description,
  built_in: (role) => role.built_in,
  permissions: ({ permissions }) =>
    Object.entries(permissions)
      .map(([area, level]) => `${area}:${level}`)
      .join(' '),
};

export const INVITATION_CSV: CsvColumns<InvitationView> = {
  id: (invitation) => invitation.id,
  created_at_utc: (invitation) => invitation.created_at,
  email: (invitation) => invitation.email,
  name: (invitation) => invitation.name,
  role: (invitation) => invitation.role,
  invited_by: (invitation) => invitation.invited_by,
  expires_at_utc: (invitation) => invitation.expires_at,
};
