/** What admins do, as the kernel sees it at the door. The audit log of auth is kept from these; nobody else is told what a body held. */
import { z } from 'zod';
import { defineEvent } from '../outbox/event.js';

/** One request of a person or a key. */
const act = z.object({
  act_id: z.uuid(),
  at: z.iso.datetime(),
  /** The person or key. */
  actor_id: z.uuid(),
  /** Of a person. */
  session_id: z.uuid().nullable(),
  address: z.string(),
  request_id: z.string(),
  method: z.string(),
  /** As a template: `/admin/v1/api_keys/:id`. */
  route: z.string(),
  /** What stands in its places. */
  parameters: z.record(z.string(), z.string()),
  /** SHA-256 of the body in hex: it can be compared with what somebody says it was. Null: there was none, it was a file, or
   *  it could be guessed from its hash (passwords, card numbers). */
  body_sha256: z.string().nullable(),
});
export type Act = z.infer<typeof act>;

const outcome = z.object({ status: z.number().int(), code: z.string().nullable() });
export type ActOutcome = z.infer<typeof outcome>;

export const adminAsked = defineEvent(
  'access.admin_asked.v1',
  'admin',
  'An admin is about to change something: it is noted before, so that nothing happens that is not in the audit log.',
  act,
);

export const adminAnswered = defineEvent(
  'access.admin_answered.v1',
  'admin',
  'What an admin asked for was done, or was not: the answer they got. `code` names the problem.',
  act.extend(outcome.shape),
);

export const adminRefused = defineEvent(
  'access.admin_refused.v1',
  'admin',
  'An admin was not let in: the permission, the second factor or the CSRF token was missing. Told once in ten seconds for each.',
  act.extend(outcome.shape),
);

export const accessEvents = [adminAsked, adminAnswered, adminRefused] as const;
