/**
 * What a gateway keeps of a payment, or takes for a payout, as data: every gateway publishes it as percentages, flat parts, caps, tiers by amount and levies
 * of the state, per method and currency. In minor units and hundredths of a percent, in integers throughout.
 */
import { z } from 'zod';
import { CURRENCIES, type Currency } from '../../../kernel/money/money.js';
import { METHODS_OF, routableKind, routableMethod, type RoutableKind } from '../routable-kind.js';

const minor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Hundredths of a percent; with fractions, since some fees are given to a thousandth. */
const basisPoints = z.number().min(0).max(10_000);

const tier = z.strictObject({
  /** Amounts up to here, inclusive; the last tier has none. */
  up_to: minor.optional(),
  percent_bps: basisPoints.default(0),
  flat: minor.default(0),
});

/** What is taken besides: a tax on the fee, a stamp duty on the amount. */
const levy = z.strictObject({
  name: z.string().min(1).max(64),
  on: z.enum(['fee', 'amount']),
  percent_bps: basisPoints.default(0),
  flat: minor.default(0),
  /** Only amounts of at least this. */
  from: minor.default(0),
});

export const feeModel = z
  .strictObject({
    tiers: z.array(tier).min(1).max(20),
    least: minor.optional(),
    most: minor.optional(),
    levies: z.array(levy).max(10).default([]),
  })
  .refine(({ tiers }) => isAscending(tiers.map(({ up_to: upTo }) => upTo)), {
    message: 'tiers must ascend, and only the last may have no up_to',
    path: ['tiers'],
  })
  .refine(({ least, most }) => least === undefined || most === undefined || least <= most, {
    message: 'least must not be more than most',
    path: ['least'],
  });
export type FeeModel = z.infer<typeof feeModel>;

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

/** What would be kept, rounded up to whole minor units; undefined where no schedule says. */
export function feeFor(schedules: readonly FeeSchedule[], question: FeeQuestion): bigint | undefined {
  const schedule = schedules.find(
    (each) =>
      (each.kind ?? 'payment') === question.kind &&
      each.currency === question.currency &&
      (each.method === undefined || each.method === question.method) &&
      (each.network === undefined || each.network === question.network),
  );
  return schedule === undefined ? undefined : feeOf(schedule.fee, question.amountMinor);
}

export function feeOf(model: FeeModel, amountMinor: bigint): bigint {
  const tier = model.tiers.find(({ up_to: upTo }) => upTo === undefined || amountMinor <= BigInt(upTo));
  if (tier === undefined) return 0n;
  let fee = partOf(amountMinor, tier.percent_bps) + BigInt(tier.flat);
  if (model.least !== undefined && fee < BigInt(model.least)) fee = BigInt(model.least);
  if (model.most !== undefined && fee > BigInt(model.most)) fee = BigInt(model.most);
  return model.levies.reduce((total, each) => {
    if (amountMinor < BigInt(each.from)) return total;
    return total + partOf(each.on === 'fee' ? fee : amountMinor, each.percent_bps) + BigInt(each.flat);
  }, fee);
}

/** Thousandths of a basis point, so that percentages with fractions stay integers. */
const SCALE = 1_000;
const WHOLE = BigInt(10_000 * SCALE);

/** Rounded up: gateways do, and a cost is better overrated. */
function partOf(amountMinor: bigint, bps: number): bigint {
  const scaled = amountMinor * BigInt(Math.round(bps * SCALE));
  return (scaled + WHOLE - 1n) / WHOLE;
}

function isAscending(limits: readonly (number | undefined)[]): boolean {
  return limits.every((limit, index) => {
    const next = limits[index + 1];
    if (index === limits.length - 1) return true;
    return limit !== undefined && (next === undefined || limit < next);
  });
}
