/** What /docs, and the back-office's client, are told that settlements look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';
import { SETTLEMENT_STATUSES } from './settlements.store.js';

export const settlementAnswer = z
  .object({
    object: z.literal('settlement'),
    id: z.string(),
    gateway: z.string(),
    gateway_account: z.string(),
    livemode: z.boolean(),
    gateway_id: z.string(),
    status: z.enum(SETTLEMENT_STATUSES),
    currency: z.string(),
    gross: z.int(),
    fees: z.int(),
    net: z.int(),
    settled_at: z.iso.datetime().nullable(),
    bank_reference: z.string().nullable(),
    received: z
      .object({
        bank_line: z.string(),
        by: z.string().nullable().describe('How the entry was found: by name, by amount, or as a sum.'),
        because: z.string().nullable(),
        at: z.iso.datetime().nullable(),
      })
      .nullable()
      .describe('As which entry of a statement it came in; null: it has not.'),
    told_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Settlement' });

export const settlementsAnswer = listOf(settlementAnswer);
