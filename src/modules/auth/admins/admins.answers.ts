/** What /docs, and the back-office's client, are told that people, roles, sessions and invitations look like. */
import { z } from 'zod';
import { ADMIN_AREAS, LEVELS, type AdminArea } from '../../../kernel/access/permissions.js';
import { listOf } from '../../../kernel/http/answers.js';
import type { AdminView, InvitationView, OwnSessionView, RoleView, SessionView } from './admins.views.js';

const level = z.enum(LEVELS).meta({ id: 'Level' });
type Levels = Record<AdminArea, z.ZodExactOptional<typeof level>>;

const permissions = z
  .object(Object.fromEntries(ADMIN_AREAS.map((area) => [area, level.exactOptional()])) as Levels)
  .describe('A level by area; an area that is left out is none.')
  .meta({ id: 'Permissions' });

export const adminAnswer = z
  .object({
    object: z.literal('admin'),
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.string(),
    second_factor: z.boolean(),
    created_at: z.iso.datetime(),
    disabled_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Admin' }) satisfies z.ZodType<AdminView>;
export const adminsAnswer = listOf(adminAnswer);

export const ownSessionAnswer = z
  .object({
    object: z.literal('session'),
    id: z.string(),
    admin: adminAnswer,
    permissions,
    csrf_token: z.string().describe('Sent as X-CSRF-Token with whatever changes something.'),
    proved_at: z.iso.datetime().nullable().describe('When the second factor was last shown; null: there is none yet.'),
    proved_lately: z.boolean(),
    recovery_codes_left: z.int(),
    expires_at: z.iso.datetime(),
    idle_seconds: z.int(),
  })
  .meta({ id: 'OwnSession' }) satisfies z.ZodType<OwnSessionView>;

export const sessionAnswer = z
  .object({
    object: z.literal('session'),
    id: z.string(),
    admin_id: z.string(),
    started_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    ended_reason: z.string().nullable(),
    address: z.string(),
    user_agent: z.string(),
  })
  .meta({ id: 'Session' }) satisfies z.ZodType<SessionView>;
export const sessionsAnswer = listOf(sessionAnswer);

export const secondFactorAnswer = z
  .object({ object: z.literal('second_factor'), secret: z.string(), uri: z.string() })
  .meta({ id: 'NewSecondFactor' });

export const recoveryCodesAnswer = z
  .object({ object: z.literal('recovery_codes'), codes: z.array(z.string()) })
  .meta({ id: 'RecoveryCodes' });

export const roleAnswer = z
  .object({
    object: z.literal('role'),
    name: z.string(),
    description: z.string(),
    permissions,
    built_in: z.boolean(),
  })
  .meta({ id: 'Role' }) satisfies z.ZodType<RoleView>;
export const rolesAnswer = listOf(roleAnswer);

export const invitationAnswer = z
  .object({
    object: z.literal('invitation'),
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.string(),
    invited_by: z.string().nullable(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'Invitation' }) satisfies z.ZodType<InvitationView>;
export const invitationsAnswer = listOf(invitationAnswer);
