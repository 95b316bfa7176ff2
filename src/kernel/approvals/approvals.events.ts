/** What two people decide together, as it is asked for and carried out. Modules ask, auth keeps and decides, and the module that asked carries it out. */
import { z } from 'zod';
import { defineEvent } from '../outbox/event.js';

/** Longer ones are no payload somebody could read before they approve it. */
export const MAX_PAYLOAD_LENGTH = 16_384;

const request = z.object({
  approval_id: z.uuid(),
  /** `<module>.<what it does>`: see docs of /admin/v1/approvals. */
  kind: z.string(),
  /** Canonical JSON: what is hashed, shown to whoever approves, and carried out. */
  payload: z.string().max(MAX_PAYLOAD_LENGTH),
  /** Hex SHA-256 of kind, a line feed, and payload. */
  payload_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The person who asked. */
  asked_by: z.uuid(),
});

export const approvalAsked = defineEvent(
  'access.approval_asked.v1',
  'approval',
  'A person asks for something that another has to approve. Nothing is done before.',
  request.extend({
    area: z.string(),
    /** What it is about: the id of a payment, a person, the version of a rule set. */
    subject: z.string(),
    reason: z.string().nullable(),
    /** The session it was asked in. */
    asked_in: z.uuid(),
    asked_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  }),
);

export const approvalCarriedOut = defineEvent(
  'access.approval_carried_out.v1',
  'approval',
  'What was approved has been done; or could not be any more, and `code` says why.',
  z.object({ approval_id: z.uuid(), kind: z.string(), code: z.string().nullable(), detail: z.string().nullable() }),
);

/** What auth tells once another person has approved it. Stands here since the kernel reads it for the modules. */
export const grantedApproval = request.extend({ granted_by: z.uuid(), granted_at: z.iso.datetime() });
export type GrantedApproval = z.infer<typeof grantedApproval>;

export const approvalEvents = [approvalAsked, approvalCarriedOut] as const;
