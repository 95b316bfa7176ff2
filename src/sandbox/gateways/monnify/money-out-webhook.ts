import type { Movement } from '../../movements.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import { disbursementBody } from './disbursements.js';
import { refundBody } from './refunds.js';
import { event } from './webhook.js';

/** A refund or transfer that ended, and a transfer that came back; what is on its way is told by nobody. */
export function movementWebhook(movement: Movement): OutgoingWebhook | undefined {
  const { kind, status, account } = movement;
  if (status !== 'succeeded' && status !== 'failed' && status !== 'returned') return undefined;
  const outcome = { succeeded: 'SUCCESSFUL', failed: 'FAILED', returned: 'REVERSED' }[status];
  return kind === 'refund'
    ? event(account, `${outcome}_REFUND`, refundBody(movement))
    : event(account, `${outcome}_DISBURSEMENT`, disbursementBody(movement));
}
