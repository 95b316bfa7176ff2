/** What payments, refunds and payouts look like to whoever asks for them, for the OpenAPI document: every member, and no other. */
import { z } from 'zod';
import {
  amount,
  attemptStatus,
  blame,
  currency,
  customer,
  nextAction,
  payoutDestination,
  timestamp,
} from '../../contracts/shared.js';
import type { Answer } from '../../kernel/http/answers.js';
import { DISBURSEMENT_STATUSES } from './disbursement.js';
import { PAYMENT_STATUSES } from './payment.js';
import { REFUND_SOURCES } from './refunds/refund.js';

const text = z.string();
const metadata = z.record(z.string(), z.string());

const attempt = z.strictObject({
  object: z.literal('attempt'),
  id: text,
  gateway: text,
  reference: text,
  status: z.enum(['started', ...attemptStatus.exclude(['planned', 'sending']).options]),
  outcome: text.nullable(),
  blame: blame.nullable(),
  started_at: timestamp,
  concluded_at: timestamp.nullable(),
});
/** Only where `expand[]=attempts` asks for them. */
const attempts = z.array(attempt).optional();

export const paymentResource = z.strictObject({
  object: z.literal('payment'),
  id: text,
  livemode: z.boolean(),
  status: z.enum(PAYMENT_STATUSES),
  amount,
  currency,
  reference: text,
  method: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('mobile_money'), network: text, phone: text }),
    z.strictObject({ type: z.literal('card'), saved: z.boolean() }),
    z.strictObject({ type: z.literal('bank_transfer') }),
    z.strictObject({ type: z.literal('ussd'), bank: text }),
  ]),
  customer,
  description: text.nullable(),
  return_url: text.nullable(),
  metadata,
  next_action: nextAction.nullable(),
  failure_code: text.nullable(),
  gateway: text.nullable(),
  fees: z.strictObject({ platform: amount, schedule: text.nullable(), gateway: amount.nullable() }),
  refunded: amount,
  refunding: amount,
  created_at: timestamp,
  concluded_at: timestamp.nullable(),
  attempts,
});

const common = {
  livemode: z.boolean(),
  status: z.enum(DISBURSEMENT_STATUSES),
  amount,
  currency,
  metadata,
  failure_code: text.nullable(),
  gateway: text.nullable(),
  fees: z.strictObject({ gateway: amount.nullable() }),
  created_at: timestamp,
  concluded_at: timestamp.nullable(),
  returned_at: timestamp.nullable(),
  attempts,
};

export const refundResource = z.strictObject({
  object: z.literal('refund'),
  id: text,
  payment: text,
  source: z.enum(REFUND_SOURCES),
  reason: text.nullable(),
  platform_fee: amount,
  ...common,
});

export const payoutResource = z.strictObject({
  object: z.literal('payout'),
  id: text,
  reference: text,
  batch: text.nullable(),
  destination: payoutDestination,
  narration: text.nullable(),
  ...common,
});

/** What making one answers. */
export const made = (schema: z.ZodType): Readonly<Record<number, Answer>> => ({
  201: { description: 'It has come to an end, or to where somebody has to do something, while you waited.', schema },
  202: {
    description: 'It was taken, and is under way: a webhook tells what becomes of it, and so does reading it.',
    schema,
  },
});

export const found = (schema: z.ZodType): Readonly<Record<number, Answer>> => ({
  200: { description: 'As it stands.', schema },
});

export const listed = (schema: z.ZodType): Readonly<Record<number, Answer>> => ({
  200: {
    description: 'A page of them.',
    schema: z.strictObject({ object: z.literal('list'), data: z.array(schema), has_more: z.boolean() }),
  },
});
