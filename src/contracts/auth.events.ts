/** Everything the auth module announces. The kernel's access projection is built from these. */
import { z } from 'zod';
import { grantedApproval } from '../kernel/approvals/approvals.events.js';
import { permissions } from '../kernel/access/permissions.js';
import { defineEvent } from '../kernel/outbox/event.js';
import { sealed } from '../kernel/secrets/vault.js';
import { timestamp, uuid } from './shared.js';

/** Hex SHA-256 of the whole key. Keys hold 192 random bits, so a plain hash cannot be searched. */
const keyHash = z.string().regex(/^[0-9a-f]{64}$/);

export const merchantCreated = defineEvent(
  'auth.merchant_created.v1',
  'merchant',
  'A merchant may now have keys. `platform_fee_bps` is our fee in basis points of each captured amount.',
  z.object({ merchant_id: uuid, name: z.string(), platform_fee_bps: z.number().int().min(0).max(10_000) }),
);

const merchantLimits = z.object({
  rate_per_second: z.number().int().positive().nullable(),
  burst: z.number().int().positive().nullable(),
  max_in_flight: z.number().int().positive().nullable(),
});

export const merchantLimitsChanged = defineEvent(
  'auth.merchant_limits_changed.v1',
  'merchant',
  'What a merchant may send from now on, in each mode and process. Null: what the settings say for all. Versions count up: an earlier one that arrives later means nothing.',
  z.object({
    merchant_id: uuid,
    version: z.number().int().positive(),
    limits: merchantLimits,
    before: merchantLimits,
  }),
);

export const apiKeyCreated = defineEvent(
  'auth.api_key_created.v1',
  'api_key',
  'An API key of a merchant works from now on: for everything, or where there are `scopes` for those alone.',
  z.object({
    key_id: uuid,
    merchant_id: uuid,
    livemode: z.boolean(),
    key_hash: keyHash,
    platform_fee_bps: z.number().int().min(0).max(10_000),
    scopes: z.array(z.string()).min(1).optional(),
    /** The key in whose place it was made. */
    replaces: uuid.optional(),
  }),
);

export const apiKeyRolled = defineEvent(
  'auth.api_key_rolled.v1',
  'api_key',
  'Another key takes the place of an API key, which must not work any more from `expires_at` on.',
  z.object({ key_id: uuid, replaced_by: uuid, expires_at: timestamp }),
);

export const apiKeyRevoked = defineEvent(
  'auth.api_key_revoked.v1',
  'api_key',
  'An API key must not work any more.',
  z.object({ key_id: uuid }),
);

export const merchantMemberChanged = defineEvent(
  'auth.merchant_member_changed.v1',
  'merchant_member',
  'Somebody is told what concerns a merchant, or is told otherwise than before. Who it is stands in it sealed under the master keys, for who writes to them. Versions count up: an earlier one that arrives later means nothing.',
  z.object({
    member_id: uuid,
    merchant_id: uuid,
    version: z.number().int().positive(),
    what: z.enum(['added', 'changed']),
    language: z.enum(['en', 'fr']),
    subjects: z.array(z.enum(['technical', 'finance', 'owner'])).min(1),
    /** A {@link MemberContact} as JSON, sealed for {@link memberContactPlace} of this member. */
    sealed_contact: sealed,
  }),
);

export const merchantMemberRemoved = defineEvent(
  'auth.merchant_member_removed.v1',
  'merchant_member',
  'Somebody is told nothing more of a merchant. What is known of them is to be forgotten.',
  z.object({ member_id: uuid, merchant_id: uuid, version: z.number().int().positive() }),
);

/** What a member's sealed contact holds. */
export const memberContact = z.object({ email: z.string(), name: z.string().nullable(), phone: z.string().nullable() });
export type MemberContact = z.infer<typeof memberContact>;

/** What the contact of a member is sealed for: it opens as nothing else. */
export function memberContactPlace(memberId: string): string {
  return `auth.merchant_member/${memberId}/contact`;
}

export const adminKeyCreated = defineEvent(
  'auth.admin_key_created.v1',
  'admin_key',
  'A key for /admin/v1 works from now on: for everything, or where there are `permissions` for those alone.',
  z.object({ key_id: uuid, key_hash: keyHash, permissions: permissions.optional() }),
);

export const adminKeyRevoked = defineEvent(
  'auth.admin_key_revoked.v1',
  'admin_key',
  'An admin key must not work any more.',
  z.object({ key_id: uuid }),
);

/** What the guard has to know of a person. The highest version is the one that holds. */
const admin = z.object({ admin_id: uuid, version: z.number().int().positive(), permissions, disabled: z.boolean() });

export const adminChanged = defineEvent(
  'auth.admin_changed.v1',
  'admin',
  'What a person may do on /admin/v1 from now on. Versions count up: an earlier one that arrives later means nothing.',
  admin,
);

export const adminInvited = defineEvent(
  'auth.admin_invited.v1',
  'invitation',
  'Somebody was invited to work here. `invited_by`: null is the command line. The link is in no event, except sealed under the master keys, for who sends it on.',
  z.object({
    invitation_id: uuid,
    email: z.string(),
    name: z.string(),
    role: z.string(),
    invited_by: uuid.nullable(),
    expires_at: timestamp,
    /** The whole link, sealed for {@link invitationLinkPlace} of this invitation. Events from before it was sent by mail have none. */
    sealed_link: sealed.optional(),
  }),
);

/** What the link of an invitation is sealed for: it opens as nothing else. */
export function invitationLinkPlace(invitationId: string): string {
  return `auth.admin_invitation/${invitationId}/link`;
}

export const roleChanged = defineEvent(
  'auth.role_changed.v1',
  'role',
  'A role was made, or what it may do was changed.',
  z.object({ name: z.string(), description: z.string(), permissions }),
);

export const sessionStarted = defineEvent(
  'auth.session_started.v1',
  'session',
  'A person has signed in. `token_hash` is the hex SHA-256 of what the browser shows; it holds 256 random bits. `proved_at`: when the second factor was shown; null: there is none yet.',
  z.object({
    session_id: uuid,
    token_hash: keyHash,
    started_at: timestamp,
    expires_at: timestamp,
    proved_at: timestamp.nullable(),
    admin,
  }),
);

export const signInRefused = defineEvent(
  'auth.sign_in_refused.v1',
  'admin',
  'Somebody tried to sign in as a person that there is, and was not let in.',
  z.object({
    admin_id: uuid,
    address: z.string(),
    user_agent: z.string(),
    reason: z.enum(['wrong_password', 'wrong_code', 'disabled']),
  }),
);

export const sessionProved = defineEvent(
  'auth.session_proved.v1',
  'session',
  'The second factor was shown in a session.',
  z.object({ session_id: uuid, proved_at: timestamp }),
);

export const sessionEnded = defineEvent(
  'auth.session_ended.v1',
  'session',
  'A session must not work any more.',
  z.object({ session_id: uuid }),
);

export const approvalGranted = defineEvent(
  'auth.approval_granted.v1',
  'approval',
  'Another person has approved what was asked for. The module that was asked carries it out.',
  grantedApproval,
);

export const approvalDeclined = defineEvent(
  'auth.approval_declined.v1',
  'approval',
  'What was asked for will not be done: somebody else rejected it, or whoever asked took it back.',
  z.object({
    approval_id: uuid,
    kind: z.string(),
    asked_by: uuid,
    outcome: z.enum(['rejected', 'withdrawn']),
    decided_by: uuid,
    remark: z.string().nullable(),
  }),
);

export const accountSecured = defineEvent(
  'auth.account_secured.v1',
  'admin',
  'Something was changed about how a person comes in, of which they should hear by another way: whoever did it may be somebody else.',
  z.object({
    admin_id: uuid,
    email: z.string(),
    name: z.string().nullable(),
    what: z.enum([
      'password_changed',
      'second_factor_set_up',
      'second_factor_removed',
      'recovery_code_used',
      'disabled',
    ]),
    happened_at: timestamp,
  }),
);

export const authEvents = [
  merchantCreated,
  merchantLimitsChanged,
  merchantMemberChanged,
  merchantMemberRemoved,
  apiKeyCreated,
  apiKeyRolled,
  apiKeyRevoked,
  adminKeyCreated,
  adminKeyRevoked,
  adminChanged,
  adminInvited,
  roleChanged,
  sessionStarted,
  signInRefused,
  sessionProved,
  sessionEnded,
  approvalGranted,
  approvalDeclined,
  accountSecured,
] as const;
