/** What /docs, and the back-office's client, are told of what operators write as data. */
import { z } from 'zod';

export const dataVersion = {
  merchant: z.string().nullable().describe('Null: of all that have none of their own.'),
  version: z.int().describe('Counted for whom it is.'),
  content: z.unknown(),
  valid_from: z.iso.datetime(),
  note: z.string(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
};
