/** What /docs, and the back-office's client, are told that entries of banks look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';

export const bankLineAnswer = z
  .object({
    object: z.literal('bank_line'),
    id: z.string(),
    source: z.string(),
    livemode: z.boolean(),
    line: z.int(),
    account: z.string(),
    statement_id: z.string().nullable(),
    bank_id: z.string().nullable(),
    booked_on: z.iso.date(),
    value_on: z.iso.date().nullable(),
    amount: z.int().describe('Below zero for what went out.'),
    currency: z.string(),
    is_reversal: z.boolean(),
    references: z.record(z.string(), z.string()),
    description: z.string().nullable(),
    parts: z.int().describe('How many transactions the bank booked as this one; 0 where it is but one.'),
  })
  .meta({ id: 'BankLine' });

export const bankLinesAnswer = listOf(bankLineAnswer);
