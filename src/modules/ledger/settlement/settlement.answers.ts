/** What /docs, and the back-office's client, are told that policies and releases look like. */
import { z } from 'zod';
import { dataVersion } from '../../../kernel/http/data-versions.answers.js';
import type { ReleaseView, SettlementView } from './releases.views.js';

export const policyAnswer = z
  .object({
    object: z.literal('settlement_policy'),
    id: z.string(),
    currency: z.string().nullable().describe('Null: all for which there is no other.'),
    ...dataVersion,
  })
  .meta({ id: 'SettlementPolicy' });

export const releaseAnswer = z
  .object({
    object: z.literal('release'),
    id: z.string(),
    livemode: z.boolean(),
    currency: z.string(),
    from: z.enum(['pending', 'rolling_reserve']),
    amount: z.int().describe('What became available.'),
    matured: z.int().describe('What became due.'),
    payments: z.int(),
    settled_from: z.iso.datetime(),
    settled_until: z.iso.datetime(),
    transfer_id: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Release' }) satisfies z.ZodType<ReleaseView>;

export const settlementAnswer = z
  .object({
    object: z.literal('settlement'),
    id: z.string(),
    payment_id: z.string(),
    kind: z.string(),
    amount: z.int(),
    given_back: z.int(),
    due_at: z.iso.datetime().nullable(),
    proved_at: z.iso.datetime().nullable(),
    policy_id: z.string().nullable(),
  })
  .meta({ id: 'ReleasedCapture' }) satisfies z.ZodType<SettlementView>;
