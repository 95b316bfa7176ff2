/** What /docs, and the back-office's client, are told that messages look like. */
import { z } from 'zod';
import { LANGUAGES } from '../../../config/message-settings.js';
import { CHANNELS, KIND_NAMES } from './message-kinds.js';
import type { MessageView, MessageWithLogView } from './messages.views.js';

/** `failed`: refused for good; `abandoned`: too old, or nobody knows whether it was taken and it must not come twice. */
export const MESSAGE_STATES = ['queued', 'sending', 'sent', 'failed', 'abandoned'] as const;

const message = z.object({
  object: z.literal('message'),
  id: z.string(),
  kind: z.enum(KIND_NAMES),
  channel: z.enum(CHANNELS),
  language: z.enum(LANGUAGES),
  audience: z.string(),
  addressee: z.string().describe('Masked.'),
  merchant_id: z.string().nullable(),
  livemode: z.boolean().nullable(),
  count: z.int().describe('Of alerts: how many things it tells of.'),
  state: z.enum(MESSAGE_STATES),
  attempts: z.int(),
  next_attempt_at: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime(),
  last_error: z.string().nullable(),
  provider_id: z.string().nullable(),
  resend_of: z.string().nullable(),
  created_at: z.iso.datetime(),
  sent_at: z.iso.datetime().nullable(),
});

export const messageAnswer = message.meta({ id: 'Message' }) satisfies z.ZodType<MessageView>;

export const messageWithLogAnswer = message
  .extend({
    log: z.array(
      z.object({
        attempt: z.int(),
        started_at: z.iso.datetime(),
        duration_ms: z.int(),
        outcome: z.string(),
        error: z.string().nullable(),
        provider_id: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'MessageWithLog' }) satisfies z.ZodType<MessageWithLogView>;
