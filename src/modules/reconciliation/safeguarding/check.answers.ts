/** What /docs, and the back-office's client, are told that safeguarding checks look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';

const gatewayPart = z.object({
  gateway_account: z.string(),
  booked: z.int(),
  told: z.int().nullable().describe('What can be paid out, by its own word; null: it does not say.'),
  under_way: z.int(),
  settling: z.int(),
  unproved: z.int(),
  contradicted: z.int(),
});

const bankPart = z.object({
  account: z.string(),
  closing_balance: z.int(),
  closed_on: z.iso.date(),
  recent: z.boolean(),
});

const coverage = z.object({
  currency: z.string(),
  livemode: z.boolean(),
  status: z.enum(['covered', 'unproved', 'short']),
  owed: z.int(),
  on_its_way: z.int(),
  held: z.int(),
  unproved: z.int(),
  shortfall: z.int(),
  gateways: z.array(gatewayPart),
  banks: z.array(bankPart),
});

export const checkAnswer = z
  .object({
    object: z.literal('safeguarding_check'),
    id: z.string(),
    status: z.enum(['waiting', 'judged', 'failed']),
    job: z.string(),
    captured_since: z.iso.date(),
    coverage: z.array(coverage),
    problem: z.string().nullable(),
    requested_by: z.string().nullable().describe('Null: by the clock.'),
    created_at: z.iso.datetime(),
    closed_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'SafeguardingCheck' });

export const checksAnswer = listOf(checkAnswer);
