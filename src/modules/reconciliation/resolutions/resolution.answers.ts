/** What /docs, and the back-office's client, are told that resolutions look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';
import { ADJUSTMENT_ACCOUNTS, RESOLUTION_ACTIONS, RESOLUTION_STATES } from './resolution.js';

export const resolutionAnswer = z
  .object({
    object: z.literal('reconciliation_resolution'),
    id: z.string(),
    break: z.string(),
    gateway_account: z.string(),
    livemode: z.boolean(),
    action: z.enum(RESOLUTION_ACTIONS),
    status: z.enum(RESOLUTION_STATES),
    automatic: z.boolean().describe('By the program, as it was certain.'),
    remark: z.string(),
    booking: z
      .object({
        side: z.enum(['debit', 'credit']).describe("On the gateway's clearing account; debit: it owes us more."),
        account: z.enum(ADJUSTMENT_ACCOUNTS),
        amount: z.int(),
        currency: z.string(),
        transfer: z.string().nullable().describe('In the ledger, once it is booked.'),
      })
      .nullable()
      .describe('Null: no money moves.'),
    requested_by: z.string().nullable().describe('The person, or the key; null: the program.'),
    decided_by: z.string().nullable(),
    decision_remark: z.string().nullable(),
    expires_at: z.iso.datetime().nullable().describe('Until when it waits for another person; null: it does not.'),
    created_at: z.iso.datetime(),
    decided_at: z.iso.datetime().nullable(),
    booked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ReconciliationResolution' });

export const resolutionsAnswer = listOf(resolutionAnswer);
/** As many as were asked for: there is no next page. */
export const resolvedAnswer = z.object({ object: z.literal('list'), data: z.array(resolutionAnswer) });
