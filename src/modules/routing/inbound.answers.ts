/** What /docs, and the back-office's client, are told that webhooks of gateways look like. */
import { z } from 'zod';
import { listOf } from '../../kernel/http/answers.js';

const webhook = z.object({
  object: z.literal('gateway_webhook'),
  id: z.string(),
  gateway: z.string(),
  gateway_account: z.string(),
  event_type: z.string(),
  reference: z.string().nullable(),
  grade: z.string(),
  outcome: z.string().nullable().describe('Null: it is being acted upon.'),
  attempt_id: z.string().nullable(),
  payment_id: z.string().exactOptional(),
  refund_id: z.string().exactOptional(),
  payout_id: z.string().exactOptional(),
  deliveries: z.int(),
  received_at: z.iso.datetime(),
  processed_at: z.iso.datetime().nullable(),
});

export const gatewayWebhookListed = webhook.meta({ id: 'GatewayWebhookListed' });
export const gatewayWebhooksAnswer = listOf(gatewayWebhookListed);

export const gatewayWebhookAnswer = webhook
  .extend({
    handles: z.record(z.string(), z.string()),
    headers: z.record(z.string(), z.string()),
    body: z.unknown().describe('Persons and secrets are withheld. Null: it was no JSON.'),
    body_bytes: z.int(),
  })
  .meta({ id: 'GatewayWebhook' });
