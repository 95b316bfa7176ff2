/** Pieces that several events share. Amounts are integer minor units, inside the range in which JSON numbers are exact. */
import { z } from 'zod';
import { CURRENCIES } from '../kernel/money/money.js';

export const uuid = z.uuid();
export const amount = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const currency = z.enum(CURRENCIES);
export const timestamp = z.iso.datetime();

/** How the customer pays; the shape of `method` in POST /v1/payments. */
export const paymentMethod = z.discriminatedUnion('type', [
  z.object({ type: z.literal('mobile_money'), network: z.string(), phone: z.string() }),
  z.object({ type: z.literal('card'), token: z.string().optional() }),
  z.object({ type: z.literal('bank_transfer') }),
  z.object({ type: z.literal('ussd'), bank: z.string() }),
]);
export type PaymentMethod = z.infer<typeof paymentMethod>;

export const customer = z.object({
  email: z.string().optional(),
  phone: z.string().optional(),
  name: z.string().optional(),
});

/** What the customer has to do next, when the gateway wants more than a push on the handset. */
export const nextAction = z.discriminatedUnion('type', [
  z.object({ type: z.literal('redirect'), url: z.string() }),
  z.object({
    type: z.literal('show_account'),
    account_number: z.string(),
    bank_name: z.string(),
    account_name: z.string().optional(),
    expires_at: z.string().optional(),
  }),
  z.object({ type: z.literal('dial'), code: z.string() }),
  z.object({ type: z.literal('enter_otp'), message: z.string() }),
  z.object({ type: z.literal('enter_pin'), message: z.string() }),
  z.object({ type: z.literal('enter_phone'), message: z.string() }),
  z.object({ type: z.literal('enter_birthday'), message: z.string() }),
]);
export type NextAction = z.infer<typeof nextAction>;

/** Where a payout goes; the shape of `destination` in POST /v1/payouts. */
export const payoutDestination = z.discriminatedUnion('type', [
  z.object({ type: z.literal('mobile_money'), network: z.string(), phone: z.string(), name: z.string() }),
  z.object({
    type: z.literal('bank_account'),
    /** As the country's clearing writes it: three or six digits in Nigeria. */
    bank_code: z.string(),
    account_number: z.string(),
    name: z.string(),
  }),
]);
export type PayoutDestination = z.infer<typeof payoutDestination>;

/** What takes money out through a gateway. */
export const disbursementKind = z.enum(['refund', 'payout']);
export type DisbursementKind = z.infer<typeof disbursementKind>;

/** Who caused a failure. `ambiguous`: it cannot be told. */
export const blame = z.enum(['gateway', 'network', 'customer', 'merchant', 'ambiguous']);
export type Blame = z.infer<typeof blame>;

/**
 * States of one try at one gateway. Live (they block every other attempt of the payment): planned, sending, pending, unknown, quarantined.
 * `succeeded` is the one winning capture; `surplus` is a success that came when another attempt had already won;
 * `quarantined` is a success whose amount, currency or reference contradicts what we asked for. Of refunds and payouts alone:
 * `returned`, which succeeded and came back afterwards.
 */
export const attemptStatus = z.enum([
  'planned',
  'sending',
  'pending',
  'unknown',
  'succeeded',
  'declined',
  'not_sent',
  'surplus',
  'quarantined',
  'returned',
]);
export type AttemptStatus = z.infer<typeof attemptStatus>;

/** One attempt as others may see it. `version` grows with every change, so that late copies can be told. */
export const attemptSnapshot = z.object({
  attempt_id: uuid,
  version: z.number().int(),
  gateway: z.string(),
  gateway_account_id: uuid,
  /** The reference the gateway was given. */
  reference: z.string(),
  status: attemptStatus,
  /** The gateway's own code for the outcome, and who was to blame, once there is one. */
  outcome_code: z.string().nullable(),
  blame: blame.nullable(),
  started_at: timestamp,
  concluded_at: timestamp.nullable(),
  /** What it was to move; what did move, the event says that tells of it. */
  amount: amount.optional(),
  currency: currency.optional(),
  /** What the gateway calls it, by name (`id`, `flw_ref`): those that its own books may show, never what gives access to anything. */
  handles: z.record(z.string(), z.string()).optional(),
});
export type AttemptSnapshot = z.infer<typeof attemptSnapshot>;
