import { DomainError } from '../errors/domain-error.js';

/** Longer than this no client, proxy or balancer should be made to hold a connection. */
export const MAX_WAIT_SECONDS = 30;

/**
 * Seconds of `Prefer: wait=N` (RFC 7240), 0 without it. Other preferences are ignored, as the RFC wants.
 * @throws {DomainError} `request.invalid_parameter` when N is not a whole number from 0 to 30.
 */
export function readWait(prefer: string | string[] | undefined): number {
  if (prefer === undefined) return 0;
  const preferences = (Array.isArray(prefer) ? prefer.join(',') : prefer)
    .split(/[,;]/)
    .map((each) => each.trim().toLowerCase());
  const wait = preferences.find((each) => /^wait\b/.test(each));
  if (wait === undefined) return 0;
  const seconds = /^wait\s*=\s*"?(\d{1,4})"?$/.exec(wait)?.[1];
  if (seconds === undefined || Number(seconds) > MAX_WAIT_SECONDS) {
    throw new DomainError('request.invalid_parameter', {
      detail: `Prefer: wait=N takes 0 to ${MAX_WAIT_SECONDS} seconds.`,
      errors: [{ pointer: 'Prefer', code: 'max' }],
    });
  }
  return Number(seconds);
}
