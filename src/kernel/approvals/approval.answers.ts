/** What /docs, and the back-office's client, are told that approvals look like. */
import { z } from 'zod';
import { listOf } from '../http/answers.js';
import { APPROVAL_STATES, type ApprovalView } from './approval-view.js';

export const approvalAnswer = z
  .object({
    object: z.literal('approval'),
    id: z.string(),
    kind: z.string().describe('`<module>.<what it does>`.'),
    area: z.string().describe('Who authorises there may approve it.'),
    subject: z.string(),
    payload: z.unknown().describe('All that will be done.'),
    payload_sha256: z.string(),
    reason: z.string().nullable(),
    state: z.enum(APPROVAL_STATES),
    asked_by: z.string(),
    asked_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    decided_by: z.string().nullable(),
    decided_at: z.iso.datetime().nullable(),
    remark: z.string().nullable(),
    carried_out_at: z.iso.datetime().nullable(),
    failure: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'Approval' }) satisfies z.ZodType<ApprovalView>;

export const approvalsAnswer = listOf(approvalAnswer);

export const approvedAnswer = approvalAnswer
  .extend({
    shown_once: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe('What is kept nowhere: the link of an invitation, as `accept_url`.'),
  })
  .meta({ id: 'ApprovedApproval' });
