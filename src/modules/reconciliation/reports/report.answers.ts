/** What /docs, and the back-office's client, are told that day reports look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';
import { BREAK_KINDS, BREAK_SIDES } from '../matching/break.js';

const sum = z.object({ count: z.int(), amount: z.int() });
const sumAndFee = sum.extend({ fee: z.int() });

export const reportAnswer = z
  .object({
    object: z.literal('reconciliation_report'),
    id: z.string(),
    day: z.iso.date().describe('In UTC.'),
    gateway: z.string(),
    gateway_account: z.string(),
    livemode: z.boolean(),
    run: z.string(),
    figures: z.array(
      z.object({
        kind: z.enum(['payment', 'refund', 'payout']),
        currency: z.string(),
        ours: sumAndFee,
        matched: sum,
        theirs: sumAndFee,
      }),
    ),
    breaks: z.array(z.object({ side: z.enum(BREAK_SIDES), kind: z.enum(BREAK_KINDS), open: z.int(), closed: z.int() })),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'ReconciliationReport' });

export const reportsAnswer = listOf(reportAnswer);
