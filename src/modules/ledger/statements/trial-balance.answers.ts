/** What /docs, and the back-office's client, are told that the trial balance looks like. */
import { z } from 'zod';
import type { TrialBalanceView } from './trial-balance.views.js';

const accountTotals = z
  .object({
    id: z.string(),
    kind: z.string(),
    qualifier: z.string(),
    merchant_id: z.string().nullable(),
    debits: z.int(),
    credits: z.int(),
    balance: z.int(),
    pending_debits: z.int(),
    pending_credits: z.int(),
  })
  .meta({ id: 'AccountTotals' });

const currencyTotals = z
  .object({
    currency: z.string(),
    livemode: z.boolean(),
    debits: z.int(),
    credits: z.int(),
    difference: z.int().describe('Debits less credits over all accounts: 0, or there is a fault.'),
    pending_debits: z.int(),
    pending_credits: z.int(),
    accounts: z.array(accountTotals),
  })
  .meta({ id: 'CurrencyTotals' });

export const trialBalanceAnswer = z
  .object({
    object: z.literal('trial_balance'),
    livemode: z.boolean().nullable(),
    as_of: z.iso.datetime(),
    entries_agree: z.boolean().exactOptional(),
    holds_agree: z.boolean().exactOptional(),
    data: z.array(currencyTotals),
  })
  .meta({ id: 'TrialBalance' }) satisfies z.ZodType<TrialBalanceView>;
