/** What /docs, and the back-office's client, are told that events look like to operators. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';
import { deliveryAnswer } from './deliveries.answers.js';
import type { ToldView } from './notification.views.js';

const failedAttempt = z.object({
  attempt: z.int(),
  started_at: z.iso.datetime(),
  duration_ms: z.int(),
  http_status: z.int().nullable(),
  error: z.string(),
  response: z.string().nullable(),
});

const told = z
  .object({
    object: z.literal('event'),
    id: z.string(),
    type: z.string(),
    about: z.string().nullable(),
    merchant: z.string(),
    livemode: z.boolean(),
    created_at: z.iso.datetime(),
    deliveries: z.array(deliveryAnswer.extend({ failed_attempts: z.array(failedAttempt) })),
  })
  .meta({ id: 'ToldEvent' }) satisfies z.ZodType<ToldView>;

export const toldAnswer = listOf(told);
