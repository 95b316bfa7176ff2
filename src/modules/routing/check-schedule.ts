/** When an attempt that has no final answer is asked about again. */

export interface CheckSchedule {
  /** Pauses before each check, in ms: the first after sending, each next after the one before. */
  readonly pausesMs: readonly number[];
  /** The pause once `pausesMs` is used up, in ms. */
  readonly thenEveryMs: number;
  /** From this age on, in ms since sending, people are told: a case is opened. Nothing is ever failed by age. */
  readonly caseAfterMs: number;
  /** The pause between checks of something that has become a case, in ms: the truth may still come by itself. */
  readonly caseEveryMs: number;
  /** Pauses before each look whether a payout that was paid has come back, in ms, where a gateway says so at all. */
  readonly afterSuccessMs: readonly number[];
  /**
   * For how long a payout waits for some account to have the float for it, or a refund for its gateway to be reached, in ms since it was planned, and
   * how often it is tried.
   */
  readonly patienceMs: number;
  readonly tryAgainEveryMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Dense while a customer holds the phone, sparse later; 72 h because bank transfers and gateways' own reversals settle
 * within three working days.
 */
export const CHECK_SCHEDULE: CheckSchedule = {
  pausesMs: [5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  thenEveryMs: HOUR,
  caseAfterMs: 72 * HOUR,
  caseEveryMs: 24 * HOUR,
  // Banks send back what they cannot credit within minutes or at the end of their day, in Nigeria within 24 h by rule; Wave reverses for up
  // to three days. Gateways tell it by webhook as well: these looks are for those that got lost.
  afterSuccessMs: [15 * MINUTE, 2 * HOUR, 8 * HOUR, 24 * HOUR, 38 * HOUR],
  // A top-up by instant transfer takes minutes. Whoever waits for a payout must hear of its failure while there is time to do something else.
  patienceMs: 30 * MINUTE,
  tryAgainEveryMs: 30 * SECOND,
};

/** The same schedule with every pause, and the age at which people are told, at a share of its length. */
export function shortened(schedule: CheckSchedule, share: number): CheckSchedule {
  return {
    pausesMs: schedule.pausesMs.map((pauseMs) => pauseMs * share),
    thenEveryMs: schedule.thenEveryMs * share,
    caseAfterMs: schedule.caseAfterMs * share,
    caseEveryMs: schedule.caseEveryMs * share,
    afterSuccessMs: schedule.afterSuccessMs.map((pauseMs) => pauseMs * share),
    patienceMs: schedule.patienceMs * share,
    tryAgainEveryMs: schedule.tryAgainEveryMs * share,
  };
}

/** Part of a pause that is random, so that attempts which got stuck together do not hammer a gateway that comes back. */
const JITTER = 0.2;

/**
 * The pause before the next check, in ms.
 * @param checks how many were made so far
 * @param random from 0 to 1; a parameter so that tests can do without chance
 */
export function pauseBeforeCheck(
  schedule: CheckSchedule,
  checks: number,
  isCase: boolean,
  random: number = Math.random(),
): number {
  const pause = isCase ? schedule.caseEveryMs : (schedule.pausesMs[checks] ?? schedule.thenEveryMs);
  return Math.round(pause * (1 + JITTER * (random - 0.5) * 2));
}
