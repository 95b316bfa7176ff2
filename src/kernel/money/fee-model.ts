/**
 * A fee as data: percentages, flat parts, caps, tiers by amount and levies of the state. In minor units and hundredths of a percent, in integers
 * throughout.
 */
import { z } from 'zod';

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

/**
 * How a part that is no whole minor unit is rounded, each part of a fee by itself: `up` as gateways do, `down` in the payer's favour; `half_up` and
 * `half_even` to the nearest, a half up or to the even one.
 */
export const ROUNDINGS = ['up', 'down', 'half_up', 'half_even'] as const;
export type Rounding = (typeof ROUNDINGS)[number];

/** What a model comes to for an amount; it may be more than the amount. */
export function feeOf(model: FeeModel, amountMinor: bigint, rounding: Rounding): bigint {
  const tier = model.tiers.find(({ up_to: upTo }) => upTo === undefined || amountMinor <= BigInt(upTo));
  if (tier === undefined) return 0n;
  const part = (of: bigint, bps: number): bigint => rounded(of * BigInt(Math.round(bps * SCALE)), rounding);
  let fee = part(amountMinor, tier.percent_bps) + BigInt(tier.flat);
  if (model.least !== undefined && fee < BigInt(model.least)) fee = BigInt(model.least);
  if (model.most !== undefined && fee > BigInt(model.most)) fee = BigInt(model.most);
  return model.levies.reduce((total, each) => {
    if (amountMinor < BigInt(each.from)) return total;
    return total + part(each.on === 'fee' ? fee : amountMinor, each.percent_bps) + BigInt(each.flat);
  }, fee);
}

/** Thousandths of a basis point, so that percentages with fractions stay integers. */
const SCALE = 1_000;
const WHOLE = BigInt(10_000 * SCALE);

/** @param scaled not below zero */
function rounded(scaled: bigint, rounding: Rounding): bigint {
  const whole = scaled / WHOLE;
  const rest = scaled % WHOLE;
  if (rest === 0n || rounding === 'down') return whole;
  if (rounding === 'up' || rest * 2n > WHOLE) return whole + 1n;
  const isHalf = rest * 2n === WHOLE;
  return isHalf && (rounding === 'half_up' || whole % 2n === 1n) ? whole + 1n : whole;
}

function isAscending(limits: readonly (number | undefined)[]): boolean {
  return limits.every((limit, index) => {
    const next = limits[index + 1];
    if (index === limits.length - 1) return true;
    return limit !== undefined && (next === undefined || limit < next);
  });
}
