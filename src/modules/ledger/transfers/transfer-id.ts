import { createHash } from 'node:crypto';

/** What one attempt can do at a gateway, each booked once at most. */
export const ATTEMPT_ASPECTS = [
  'capture',
  'disbursement',
  'return',
  'gateway_fee',
  'platform_fee',
  'return_platform_fee',
  'reserve',
] as const;
export type AttemptAspect = (typeof ATTEMPT_ASPECTS)[number];

/** How what is held for a refund or payout is drawn from its first and its second source. */
export const DRAW_ASPECTS = ['draw', 'second_draw'] as const;
export type DrawAspect = (typeof DRAW_ASPECTS)[number];

/** Hex digits of a uuid that hold a UUIDv7's time: 48 bits of milliseconds. */
const TIME_DIGITS = 12;

/**
 * The id of the transfer that books one aspect of something, always the same, so that booking it again is a replay.
 * A UUIDv8 (RFC 9562 section 5.8): the time of the source's UUIDv7, which keeps new transfers together in the index where
 * a plain hash would scatter them, then 74 bits of SHA-256 over source and aspect.
 */
export function transferIdOf(sourceId: string, aspect: string): string {
  const time = sourceId.replaceAll('-', '').slice(0, TIME_DIGITS).toLowerCase();
  const hash = createHash('sha256').update(`${sourceId.toLowerCase()} ${aspect}`).digest('hex');
  // The variant's two bits are 10; the other two of that digit come from the hash.
  const variant = ((Number.parseInt(hash.charAt(3), 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-8${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}
