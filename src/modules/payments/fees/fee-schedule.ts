/** What we take of payments, as data. Pure. */
import { z } from 'zod';
import { feeModel, feeOf, ROUNDINGS } from '../../../kernel/money/fee-model.js';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import type { PaymentMethod } from '../../../contracts/shared.js';
import { METHOD_TYPES } from '../method-rules.js';

/** Methods, networks, currencies and gateways of one merchant; more than anybody agrees upon. */
const MAX_FEES = 100;

const fee = z
  .strictObject({
    currency: z.enum(CURRENCIES),
    /** Undefined: every method, every network of it, every gateway. */
    method: z.enum(METHOD_TYPES).optional(),
    network: z.string().min(1).max(32).optional(),
    /** The gateway that captured it: known only then. Until then, and in what is shown until then, the fee is one that names none. */
    gateway: z
      .string()
      .regex(/^[a-z0-9_]{1,32}$/)
      .optional(),
    fee: feeModel,
  })
  .refine(({ method, network }) => network === undefined || method === 'mobile_money', {
    message: 'networks are of mobile_money',
    path: ['network'],
  });

export const scheduleContent = z.strictObject({
  /** The first that fits is used; where none does, the basis points of the merchant. */
  fees: z.array(fee).min(1).max(MAX_FEES),
  /** How each part of a fee that is no whole minor unit is rounded. */
  rounding: z.enum(ROUNDINGS).default('down'),
  /** What becomes of our fee when a payment is refunded: its share is given back with the refund, or it is kept. */
  refunds: z.enum(['give_back', 'keep']).default('give_back'),
});
export type ScheduleContent = z.infer<typeof scheduleContent>;

export interface FeeQuestion {
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly method: PaymentMethod;
  /** Undefined until it is known. */
  readonly gateway: string | undefined;
}

/** What is taken, never more than the amount; undefined where the schedule does not say. */
export function feeBy({ fees, rounding }: ScheduleContent, question: FeeQuestion): bigint | undefined {
  const { amountMinor, currency, method, gateway } = question;
  const network = method.type === 'mobile_money' ? method.network : undefined;
  const found = fees.find(
    (each) =>
      each.currency === currency &&
      (each.method === undefined || each.method === method.type) &&
      (each.network === undefined || each.network === network) &&
      (each.gateway === undefined || each.gateway === gateway),
  );
  if (found === undefined) return undefined;
  const taken = feeOf(found.fee, amountMinor, rounding);
  return taken < amountMinor ? taken : amountMinor;
}

/** Whether the gateway makes any difference. */
export function asksForGateway({ fees }: ScheduleContent): boolean {
  return fees.some(({ gateway }) => gateway !== undefined);
}
