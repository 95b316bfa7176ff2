/** What /docs, and the back-office's client, are told that mappings look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';

const mapping = z.object({
  object: z.literal('reconciliation_mapping'),
  id: z.string(),
  gateway: z.string().nullable().describe("Null: a bank's."),
  produces: z.enum(['gateway_lines', 'bank_lines']),
  name: z.string(),
  description: z.string().nullable(),
  shipped: z.boolean(),
  version: z.int().nullable().describe('Null: it is shipped, and changes with the program.'),
  created_at: z.iso.datetime().nullable(),
});
export const mappingListedAnswer = mapping.meta({ id: 'ReconciliationMappingListed' });
export const mappingsAnswer = listOf(mappingListedAnswer);

export const mappingAnswer = mapping
  .extend({ mapping: z.record(z.string(), z.unknown()).describe('To be copied, changed, and saved as an own one.') })
  .meta({ id: 'ReconciliationMapping' });
