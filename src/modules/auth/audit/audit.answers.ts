/** What /docs, and the back-office's client, are told that the audit log looks like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';

export const auditEntryAnswer = z
  .object({
    object: z.literal('audit_entry'),
    id: z.string(),
    seq: z.string().describe('Counts without gaps.'),
    at: z.iso.datetime(),
    type: z.string(),
    actor: z.string().nullable().describe('The person or key; null: the command line, or the program itself.'),
    request_id: z.string(),
    subject_id: z.string(),
    route: z.string().nullable(),
    status: z.int().nullable(),
    details: z.record(z.string(), z.unknown()),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });
export const auditEntriesAnswer = listOf(auditEntryAnswer);

export const auditVerdictAnswer = z
  .object({
    object: z.literal('audit_verdict'),
    holds: z.boolean(),
    entries: z.int(),
    head: z.string().nullable().describe('`<seq>:<hash>` of the last entry; null: there is none.'),
    problems: z.array(
      z.object({
        seq: z.string(),
        problem: z.enum(['missing', 'altered', 'columns_differ', 'not_the_head_that_was_kept']),
      }),
    ),
  })
  .meta({ id: 'AuditVerdict' });
