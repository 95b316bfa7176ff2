/** What /docs, and the back-office's client, are told that rule sets look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';

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
