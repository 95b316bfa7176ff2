/** When captured money becomes available and what of it is kept back, as data. Pure. */
import { z } from 'zod';

/** Two years: longer than any scheme lets customers dispute. */
const MAX_DAYS = 730;
const MAX_SECONDS = MAX_DAYS * 86_400;
/** Holidays of some years. */
const MAX_HOLIDAYS = 200;

const days = z.number().int().min(0).max(MAX_DAYS);
const seconds = z.number().int().min(0).max(MAX_SECONDS);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 17:00');
const timeZone = z.string().max(64).refine(isTimeZone, 'must be a time zone such as Africa/Lagos');

/** A time from the capture on: days of a calendar, or seconds. */
const byDays = z.strictObject({
  /** T+n. With `banking`, Saturdays, Sundays and holidays do not count. */
  days,
  calendar: z.enum(['calendar', 'banking']).default('calendar'),
  /** What is captured from this time of the day on counts as the next day's; and it is due at this time. Undefined: midnight is where days end. */
  cut_off: timeOfDay.optional(),
  time_zone: timeZone.default('UTC'),
  holidays: z.array(z.iso.date()).max(MAX_HOLIDAYS).default([]),
});
const bySeconds = z.strictObject({ seconds });
export const delay = z.union([byDays, bySeconds]);
export type Delay = z.infer<typeof delay>;
export type DelayByDays = z.infer<typeof byDays>;

/**
 * `delay`: so long after it was captured. `proved`: when a gateway's own books confirm it. `proved_or_delay`: whichever comes first. `never`: it
 * stays pending.
 */
export const SETTLEMENT_MODES = ['delay', 'proved', 'proved_or_delay', 'never'] as const;

export const policyContent = z
  .strictObject({
    mode: z.enum(SETTLEMENT_MODES),
    delay: delay.optional(),
    /** What of each capture is kept back, rounded down, and for how long. */
    reserve: z.strictObject({ percent_bps: z.number().int().min(1).max(10_000), delay }).optional(),
    /** What payouts may draw on; undefined: what PAYOUT_FUNDS says. */
    payout_funds: z.enum(['available', 'captured']).optional(),
  })
  .refine(({ mode, delay: given }) => (given !== undefined) === (mode === 'delay' || mode === 'proved_or_delay'), {
    message: 'is of the modes delay and proved_or_delay, which need it',
    path: ['delay'],
  });
export type PolicyContent = z.infer<typeof policyContent>;

/** A policy that decides, and its id; null for the default. */
export interface Policy extends PolicyContent {
  readonly id: string | null;
}

/** What is in force where nobody said anything, as SETTLEMENT_DEFAULT writes it: `never`, `proved`, `T+1`, `proved_or_T+1`. */
export function defaultPolicy(setting: string): Policy {
  const [, mode = setting, count] = /^(?:(proved_or)_)?T\+(\d+)$/.exec(setting) ?? [];
  if (count === undefined) return { id: null, ...policyContent.parse({ mode }) };
  const content = { mode: mode === 'proved_or' ? 'proved_or_delay' : 'delay', delay: { days: Number(count) } };
  return { id: null, ...policyContent.parse(content) };
}

const PARTS = 10_000n;

/** What is kept back of a capture, in minor units, rounded down; never more than what is the merchant's of it. */
export function reserveOf({ reserve }: PolicyContent, amountMinor: bigint, merchantsMinor: bigint): bigint {
  if (reserve === undefined) return 0n;
  const part = (amountMinor * BigInt(reserve.percent_bps)) / PARTS;
  return part < merchantsMinor ? part : merchantsMinor;
}

/** Names of the IANA database alone: offsets such as +01:00 are no time zones. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
