/** What may be tried a few times only: passwords and codes. Nobody is locked out: what was tried counts for a window's time. */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { ThrottleStore, type Counted } from './throttle.store.js';

export interface Limit {
  readonly name: string;
  readonly attempts: number;
  readonly windowSeconds: number;
}

export const LIMITS = {
  /** From one address, whoever it tries: an office behind one router signs in in the morning. */
  address: { name: 'sign_in_from', attempts: 60, windowSeconds: 60 },
  /** One person's password from one address. */
  person: { name: 'sign_in_of_from', attempts: 10, windowSeconds: 60 },
  /** One person's password from wherever: beyond any person's own, and far from what guessing takes. */
  everywhere: { name: 'sign_in_of', attempts: 60, windowSeconds: 60 },
  /** Codes that were wrong, by whom the password was known: a million codes, of which three are right. */
  code: { name: 'code_of', attempts: 5, windowSeconds: 900 },
  /** Links of invitations. */
  invitation: { name: 'invitation_from', attempts: 20, windowSeconds: 60 },
} as const satisfies Readonly<Record<string, Limit>>;

/** One in so many attempts clears away what is over. */
const CLEAR_EVERY = 100;
/** The window before counts too. */
const LONGEST_SECONDS = 2 * Math.max(...Object.values(LIMITS).map(({ windowSeconds }) => windowSeconds));

@Injectable()
export class Throttle {
  private counted = 0;

  constructor(private readonly store: ThrottleStore) {}

  /**
   * Counts an attempt before it is made, so that many at a time count as many.
   * @throws {DomainError} auth.too_many_attempts
   */
  async count(limit: Limit, ...subject: readonly string[]): Promise<void> {
    this.counted += 1;
    if (this.counted % CLEAR_EVERY === 1) await this.store.forgetOlder(LONGEST_SECONDS);
    const counted = await this.store.count(subjectOf(limit, subject), limit.windowSeconds, limit.attempts);
    if (attemptsIn(counted, limit) > limit.attempts)
      throw new DomainError('auth.too_many_attempts', { retryAfterSeconds: secondsToWait(counted, limit) });
  }

  /** What was counted for a subject was meant well: it succeeded. */
  async forgive(limit: Limit, ...subject: readonly string[]): Promise<void> {
    await this.store.forget(subjectOf(limit, subject));
  }
}

/**
 * How many there were within one window's time: those of the window before count as far as it still reaches into that. So nobody has twice as many around
 * the turn of a window.
 */
export function attemptsIn({ current, previous, elapsedSeconds }: Counted, { windowSeconds }: Limit): number {
  return current + previous * Math.max(0, 1 - elapsedSeconds / windowSeconds);
}

/** Until one more would be within the limit, if nobody else tries. */
export function secondsToWait(
  { current, previous, elapsedSeconds }: Counted,
  { attempts, windowSeconds }: Limit,
): number {
  // Which part of a window must have passed until so many of the one before it do not count.
  const partOf = (before: number, allowed: number): number => (before <= allowed ? 0 : 1 - allowed / before);
  const seconds =
    current + 1 <= attempts
      ? partOf(previous, attempts - current - 1) * windowSeconds - elapsedSeconds
      : windowSeconds - elapsedSeconds + partOf(current, attempts - 1) * windowSeconds;
  return Math.max(1, Math.ceil(seconds));
}

/** A hash, since there are e-mail addresses in it, and strangers choose how long they are. */
function subjectOf(limit: Limit, subject: readonly string[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([limit.name, ...subject]))
    .digest();
}
