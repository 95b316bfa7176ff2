/** What /docs, and the back-office's client, are told that deliveries of webhooks look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';
import type { DeliveryView } from './notification.views.js';

const delivery = z.object({
  object: z.literal('webhook_delivery'),
  id: z.string(),
  event_id: z.string(),
  endpoint_id: z.string(),
  status: z.string(),
  attempts: z.int(),
  next_attempt_at: z.iso.datetime().nullable(),
  last_status: z.int().nullable(),
  last_error: z.string().nullable(),
  last_duration_ms: z.int().nullable(),
  first_attempt_at: z.iso.datetime().nullable(),
  last_attempt_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});

export const deliveryAnswer = delivery.meta({ id: 'WebhookDelivery' }) satisfies z.ZodType<DeliveryView>;

/** With whose it is, for operators. */
export const deliveriesAnswer = listOf(
  delivery
    .extend({
      merchant_id: z.string().nullable(),
      livemode: z.boolean().nullable(),
      event_type: z.string().nullable(),
    })
    .meta({ id: 'AdminWebhookDelivery' }),
);
