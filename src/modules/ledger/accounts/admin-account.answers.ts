/** What /docs, and the back-office's client, are told that accounts and their statements look like to operators. */
import { z } from 'zod';
import type { StatementView } from '../statements/statement.views.js';
import { about } from './about.js';
import type { AdminAccountView } from './admin-account.views.js';

export const adminAccountAnswer = z
  .object({
    object: z.literal('ledger_account'),
    id: z.string(),
    livemode: z.boolean(),
    kind: z.string(),
    currency: z.string(),
    normal_side: z.string(),
    debits: z.int(),
    credits: z.int(),
    balance: z.int().describe('Positive on the normal side.'),
    pending_debits: z.int(),
    pending_credits: z.int(),
    limit_mode: z.string(),
    state: z.enum(['open', 'frozen', 'closed']),
    state_change: z.object({ reason: z.string(), by: z.string(), at: z.iso.datetime() }).nullable(),
    code: z.string().nullable(),
    name: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    created_at: z.iso.datetime(),
    merchant_id: z.string().nullable().describe('Null: the account is the platform’s.'),
    gateway_account: z.string().nullable().describe('Whose clearing account it is.'),
  })
  .meta({ id: 'LedgerAccount' }) satisfies z.ZodType<AdminAccountView>;

const entry = z
  .object({
    object: z.literal('ledger_entry'),
    id: z.string(),
    account_id: z.string(),
    version: z.int(),
    transfer_id: z.string(),
    kind: z.string(),
    direction: z.enum(['debit', 'credit']),
    amount: z.int(),
    balance: z.int().describe('The account’s after this entry.'),
    ...about,
    effective_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'LedgerEntry' });

export const statementAnswer = z
  .object({
    object: z.literal('ledger_statement'),
    account_id: z.string(),
    livemode: z.boolean(),
    currency: z.string(),
    normal_side: z.string(),
    from: z.string().nullable(),
    to: z.iso.datetime().describe('Ask for the next page with this one, and it is of the same statement.'),
    opening_balance: z.int(),
    closing_balance: z.int(),
    entries: z.int().describe('Of the whole period.'),
    page: z.object({ opening_balance: z.int(), debits: z.int(), credits: z.int(), closing_balance: z.int() }),
    data: z.array(entry).describe('The oldest first.'),
    has_more: z.boolean(),
  })
  .meta({ id: 'LedgerStatement' }) satisfies z.ZodType<StatementView>;

export const verdictAnswer = z
  .object({
    object: z.literal('ledger_statement_verdict'),
    holds: z.boolean(),
    faults: z.array(z.string()),
    entries: z.int().describe('That were proved.'),
    opening_balance: z.int(),
    closing_balance: z.int(),
    from: z.string().nullable(),
    to: z.string(),
    has_more: z.boolean(),
    last_entry: z.string().nullable().describe('What `starting_after` is to be for what follows.'),
    key_ids: z.array(z.string()).describe('Of the keys whose signatures were taken for good.'),
  })
  .meta({ id: 'LedgerStatementVerdict' });
