/** What /docs, and the back-office's client, are told that cases, and asking about them, look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';
import { DECISIONS } from '../attempt.js';

/** What something is an attempt at: one of the three. */
const subject = {
  payment_id: z.string().exactOptional(),
  refund_id: z.string().exactOptional(),
  payout_id: z.string().exactOptional(),
};
const time = z.iso.datetime().nullable();

export const casesAnswer = listOf(
  z
    .object({
      object: z.literal('routing_case'),
      id: z.string(),
      livemode: z.boolean(),
      kind: z.enum(['payment', 'refund', 'payout']),
      ...subject,
      merchant_id: z.string(),
      gateway: z.string(),
      gateway_account: z.string(),
      reference: z.string(),
      status: z.enum(['unknown', 'quarantined', 'pending', 'declined', 'not_sent']),
      outcome_code: z.string().nullable(),
      blame: z.string().nullable(),
      amount: z.int().describe('What was asked.'),
      currency: z.string(),
      method: z
        .object({ type: z.string(), network: z.string().exactOptional(), bank: z.string().exactOptional() })
        .nullable()
        .describe('Null for a refund.'),
      payment_state: z.string(),
      captured_amount: z.int().nullable().describe('What the gateway says it took.'),
      captured_currency: z.string().nullable(),
      handles: z.record(z.string(), z.string()).describe('What the gateway calls it.'),
      acknowledged: z.boolean(),
      late: z.boolean(),
      times_sent_again: z.int(),
      not_found_count: z.int(),
      reason: z.unknown(),
      checks: z.int(),
      decidable_as: z
        .array(z.enum(DECISIONS))
        .describe('How two people may decide it now; empty: not yet, or not at all.'),
      sent_at: time,
      next_check_at: time,
      opened_at: time,
      created_at: z.iso.datetime(),
    })
    .meta({ id: 'RoutingCase' }),
);

export const attemptCheckAnswer = z
  .object({
    object: z.literal('attempt_check'),
    attempt_id: z.string(),
    ...subject,
    gateway: z.string(),
    reference: z.string(),
    answer: z.object({
      outcome: z.string(),
      code: z.string(),
      amount_minor: z.string().exactOptional().describe('As text: it may be beyond any number that JSON carries.'),
      currency: z.string().exactOptional(),
      reference: z.string().exactOptional(),
    }),
    status_before: z.string(),
    status: z.string(),
    checked_at: z.iso.datetime(),
  })
  .meta({ id: 'AttemptCheck' });

/** Who decided how an attempt ended whose gateway never told. */
export const decisionAnswer = z.object({
  outcome: z.enum(DECISIONS),
  gateway_reference: z.string(),
  remark: z.string(),
  asked_by: z.string(),
  decided_by: z.string(),
  approval: z.string(),
  decided_at: z.iso.datetime(),
});
