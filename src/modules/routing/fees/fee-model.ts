/** What a gateway keeps of a payment, or takes for a payout, as data: every gateway publishes it per method and currency. */
import { z } from 'zod';
import { feeModel, feeOf } from '../../../kernel/money/fee-model.js';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import { METHODS_OF, routableKind, routableMethod, type RoutableKind } from '../routable-kind.js';

/** The fees of one gateway account: the first schedule that fits is used. */
export const feeSchedule = z
  .strictObject({
    /** Undefined: of payments. */
    kind: routableKind.optional(),
    currency: z.enum(CURRENCIES),
    /** Undefined: every method, or every network of it. */
    method: routableMethod.optional(),
    network: z.string().min(1).max(32).optional(),
    fee: feeModel,
  })
  .refine(({ kind, method }) => method === undefined || METHODS_OF[kind ?? 'payment'].includes(method), {
    message: 'nothing of this kind goes by this method',
    path: ['method'],
  });
export type FeeSchedule = z.infer<typeof feeSchedule>;

/** Of one account; a hundred methods, networks and currencies are more than any gateway has. */
export const feeSchedules = z.array(feeSchedule).max(100);

export interface FeeQuestion {
  readonly kind: RoutableKind;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly method: string;
  readonly network: string | undefined;
}

/** What would be kept, rounded up to whole minor units, as gateways do (and a cost is better overrated); undefined where no schedule says. */
export function feeFor(schedules: readonly FeeSchedule[], question: FeeQuestion): bigint | undefined {
  const schedule = schedules.find(
    (each) =>
      (each.kind ?? 'payment') === question.kind &&
      each.currency === question.currency &&
      (each.method === undefined || each.method === question.method) &&
      (each.network === undefined || each.network === question.network),
  );
  return schedule === undefined ? undefined : feeOf(schedule.fee, question.amountMinor, 'up');
}
