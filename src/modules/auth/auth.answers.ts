/** What /docs, and the back-office's client, are told that merchants and keys look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';
import type { ApiKeyView, MerchantView } from './auth.views.js';

export const merchantAnswer = z
  .object({
    object: z.literal('merchant'),
    id: z.string(),
    name: z.string(),
    platform_fee_bps: z.int().describe('Basis points of each captured amount.'),
    status: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Merchant' }) satisfies z.ZodType<MerchantView>;

const apiKey = z.object({
  object: z.literal('api_key'),
  id: z.string(),
  merchant_id: z.string(),
  livemode: z.boolean(),
  name: z.string().nullable(),
  last4: z.string(),
  scopes: z.array(z.string()).nullable().describe('What it is limited to; null: everything.'),
  replaces: z.string().nullable().describe('The key in whose place it was made.'),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable().describe('When it ends by itself, since it was rolled.'),
  revoked_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable().describe('To the minute; null: not yet.'),
});

export const apiKeyAnswer = apiKey.meta({ id: 'ApiKey' }) satisfies z.ZodType<ApiKeyView>;
/** Only the answer that makes a key holds it. */
export const newApiKeyAnswer = apiKey.extend({ secret: z.string() }).meta({ id: 'NewApiKey' });

export const merchantsAnswer = listOf(merchantAnswer);
export const apiKeysAnswer = listOf(apiKeyAnswer);
