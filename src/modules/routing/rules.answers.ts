/** What /docs, and the back-office's client, are told that rule sets look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';
import { decisionAnswer } from './cases/cases.answers.js';

const ruleSet = z.object({
  object: z.literal('rule_set'),
  id: z.string(),
  version: z.int(),
  note: z.string(),
  active: z.boolean(),
  activated_at: z.iso.datetime().nullable(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
});

export const ruleSetsAnswer = listOf(ruleSet.meta({ id: 'RuleSetListed' }));

export const ruleSetAnswer = ruleSet
  .extend({
    content: z.record(z.string(), z.unknown()),
    activations: z.array(
      z.object({
        replaced_version: z.int().nullable(),
        activated_by: z.string(),
        asked_by: z.string().nullable(),
        approval: z.string().nullable(),
        activated_at: z.iso.datetime(),
      }),
    ),
    warnings: z
      .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string().exactOptional() }))
      .exactOptional()
      .describe('Of what was stored, and is likely not meant so.'),
  })
  .meta({ id: 'RuleSet' });

/** They tell more than a schema could say usefully, and are read by people. */
export const explainedAnswer = z.record(z.string(), z.unknown());

/** A payment or payout on its way, with the attempts that routing made for it. */
export const routedAnswer = z
  .object({
    object: z.string(),
    id: z.string(),
    livemode: z.boolean(),
    merchant_id: z.string(),
    amount: z.int(),
    currency: z.string(),
    metadata: z.record(z.string(), z.string()),
    state: z.string(),
    created_at: z.iso.datetime(),
    attempts: z.array(
      z.object({
        object: z.literal('attempt'),
        id: z.string(),
        sequence: z.int(),
        gateway_account: z.string(),
        gateway: z.string().nullable(),
        name: z.string().nullable(),
        reference: z.string(),
        status: z.string(),
        outcome_code: z.string().nullable(),
        blame: z.string().nullable(),
        gateway_fee: z.int().nullable(),
        reason: z.unknown().describe('Why it went where it went; of before there were rules, of another kind.'),
        late: z.boolean(),
        resend_count: z.int(),
        checks: z.unknown(),
        sent_at: z.iso.datetime().nullable(),
        concluded_at: z.iso.datetime().nullable(),
        created_at: z.iso.datetime(),
        decision: decisionAnswer.nullable().describe('Of two people, where the gateway never told.'),
      }),
    ),
  })
  .meta({ id: 'Routed' });
