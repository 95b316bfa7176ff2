/** What /docs, and the back-office's client, are told that the ledger's own soundness looks like. */
import { z } from 'zod';
import type { DriftView, HeadView } from './proof.views.js';

export const headAnswer = z
  .object({
    object: z.literal('ledger_head'),
    head: z
      .object({
        height: z.int(),
        block_hash: z.string(),
        entries: z.int(),
        signed_at: z.string(),
        key_id: z.string(),
        signature: z.string(),
      })
      .nullable()
      .describe('Null before anything was chained.'),
    public_keys: z.record(z.string(), z.string()),
  })
  .meta({ id: 'LedgerHead' }) satisfies z.ZodType<HeadView>;

export const driftAnswer = z
  .object({
    object: z.literal('ledger_account_drift'),
    id: z.string(),
    account_id: z.string(),
    totals: z
      .array(z.object({ column: z.string(), stands: z.string(), adds_up_to: z.string() }))
      .describe('What stands there, and what it adds up to.'),
    frozen: z.boolean().describe('Whether the account was frozen when this was found.'),
    found_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'LedgerDrift' }) satisfies z.ZodType<DriftView>;
