/** What /docs, and the back-office's client, are told that breaks look like. */
import { z } from 'zod';
import { attemptStatus } from '../../../contracts/shared.js';
import { listOf } from '../../../kernel/http/answers.js';
import { bankLineAnswer } from '../bank/bank-line.answers.js';
import { BREAK_KINDS, BREAK_OWNERS, BREAK_SIDES, BREAK_SUBJECTS, DIFFERING_FIELDS } from '../matching/break.js';
import { resolutionAnswer } from '../resolutions/resolution.answers.js';
import { RESOLUTION_ACTIONS, RESOLUTION_STATES } from '../resolutions/resolution.js';
import { settlementAnswer } from '../settlements/settlement.answers.js';
import { lineAnswer } from '../sources/source.answers.js';

const found = z.object({
  object: z.literal('reconciliation_break'),
  id: z.string(),
  kind: z.enum(BREAK_KINDS),
  side: z
    .enum(BREAK_SIDES)
    .describe('Whom our record differs from; at the bank, what the gateway says that it has settled.'),
  subject: z.enum(BREAK_SUBJECTS),
  status: z.enum(['open', 'closed']),
  gateway: z.string(),
  gateway_account: z.string(),
  livemode: z.boolean(),
  merchant: z.string().nullable(),
  attempt: z.string().nullable(),
  reference: z.string().nullable(),
  gateway_id: z.string().nullable(),
  bank_line: z.string().nullable(),
  amount: z.int().nullable().describe('What is at stake, in minor units.'),
  currency: z.string().nullable(),
  differences: z
    .array(z.object({ field: z.enum(DIFFERING_FIELDS), ours: z.string().nullable(), theirs: z.string().nullable() }))
    .describe('Amounts and fees in minor units, as text.'),
  owner: z.enum(BREAK_OWNERS).describe('Who is to look at it first.'),
  asked: z.boolean().describe('The run that found it had the gateway asked again: it may close by itself.'),
  resolution: z
    .object({
      id: z.string(),
      action: z.enum(RESOLUTION_ACTIONS),
      status: z.enum(RESOLUTION_STATES),
      automatic: z.boolean(),
    })
    .nullable()
    .describe('What was decided about it last.'),
  age_seconds: z.int(),
  occurred_at: z.iso.datetime(),
  opened_at: z.iso.datetime(),
  opened_by: z.string().nullable().describe('The run; null: the look at the bank.'),
  closed_at: z.iso.datetime().nullable(),
  closed_why: z.string().nullable(),
});

export const breakListedAnswer = found.meta({ id: 'ReconciliationBreakListed' });
export const breaksAnswer = listOf(breakListedAnswer);

const ours = z.object({
  kind: z.enum(['payment', 'refund', 'payout']),
  subject: z.string().describe('The payment, refund or payout.'),
  attempt: z.string(),
  reference: z.string().describe('As the gateway was given it.'),
  handles: z.array(z.string()).describe('What else it is known by there.'),
  status: attemptStatus,
  amount: z.int().nullable().describe('What it was to move.'),
  currency: z.string().nullable(),
  moved_amount: z.int().nullable().describe('What we were told that it moved.'),
  moved_currency: z.string().nullable(),
  fee: z.int().nullable(),
  started_at: z.iso.datetime(),
  concluded_at: z.iso.datetime().nullable(),
});

const movement = z.object({
  transfer: z.string(),
  kind: z.string(),
  side: z.enum(['debit', 'credit']).describe('Of the clearing account; debit: the gateway owes us more.'),
  amount: z.int(),
  currency: z.string(),
  effective_at: z.iso.datetime(),
});

export const breakAnswer = found
  .extend({
    closed_by: z.string().nullable().describe('The run that found it no more.'),
    ours: ours.nullable().describe('What we believe of the attempt.'),
    theirs: lineAnswer.nullable().describe("The gateway's line."),
    movements: z.array(movement).describe('What the ledger has booked for the attempt at the clearing account.'),
    settlement: settlementAnswer.nullable(),
    entry: bankLineAnswer.nullable().describe("The bank's entry."),
    resolutions: z.array(resolutionAnswer).describe('All that were made, the newest first.'),
  })
  .meta({ id: 'ReconciliationBreak' });
