/** Everything the notification module announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { uuid } from './shared.js';

export const endpointDisabled = defineEvent(
  'notification.endpoint_disabled.v1',
  'webhook_endpoint',
  'A webhook endpoint is sent nothing any more: it answered 410, or failed for five days.',
  z.object({ endpoint_id: uuid, livemode: z.boolean(), reason: z.enum(['gone', 'failing']) }),
);

export const notificationEvents = [endpointDisabled] as const;
