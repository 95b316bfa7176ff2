/**
 * What each finding about an attempt means. Pure: no clock, no database. The states form a
 * lattice, so that findings may come in any order, late, or twice:
 *
 *   planned > sending > pending | unknown > declined | not_sent > succeeded | surplus | quarantined > returned
 *
 * Success beats failure and never goes back, but for money that was paid out and is returned. Only three things end an attempt without money: a definitive decline, a call that
 * surely never left, and (for methods and gateways where it proves something) a long, repeated "not found".
 */
import { isDeepStrictEqual } from 'node:util';
import type { AttemptStatus, Blame } from '../../contracts/shared.js';
import {
  decisionsFor,
  isConcluded,
  UNBOOKABLE,
  type Attempt,
  type Change,
  type Circumstances,
  type DecidedOutcome,
  type Finding,
} from './attempt.js';
import { judgeCapture } from './capture.js';
import { pauseBeforeCheck } from './check-schedule.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';

const FINAL_STATUSES: ReadonlySet<AttemptStatus> = new Set(['succeeded', 'surplus', 'quarantined', 'returned']);
/** Money of these is with the receiver, and may come back. */
const PAID_STATUSES: ReadonlySet<AttemptStatus> = new Set(['succeeded', 'surplus']);

/** One or two "not found" may be a replica lagging behind; STANDARDS 2 asks for N of them. */
const NOT_FOUNDS_TO_CONCLUDE = 3;
/** Before sending again to a gateway that refuses duplicates, little proof is needed: the worst case is a refusal. */
const NOT_FOUNDS_TO_RESEND = 2;
/** An attempt whose senders keep dying is left to the schedule: it may be what kills them. */
const MAX_RESENDS = 5;
/** A webhook that could not be confirmed is followed up soon, in ms: gateways' own status lags behind their webhooks by seconds. */
const FOLLOW_UP_AFTER_MS = 5_000;
/** How soon after a dead sender's lease ends the gateway is asked, in ms; a margin for the last heartbeat under way. */
const AFTER_LEASE_MS = 1_000;

const KEPT: Change = { kind: 'kept' };

/** Decides what a finding means for an attempt. The caller holds the row locks of the payment and its attempts. */
export function decide(attempt: Attempt, finding: Finding, facts: Circumstances): Change {
  if (FINAL_STATUSES.has(attempt.status)) return afterTheEnd(attempt, finding, facts);
  if (finding.source === 'divert') return divert(attempt, finding.code, 'gateway', facts);
  // The balance that does not suffice is the merchant's, or ours: no gateway is to blame.
  if (finding.source === 'withdraw') return divert(attempt, finding.code, 'merchant', facts);
  if (finding.source === 'decision') return decided(attempt, finding.outcome, facts);
  // A check whose lease ran out was taken over by somebody else: its count and timing are theirs now. Truth is taken from anyone.
  const fenced =
    (finding.source === 'charge' || finding.source === 'check') &&
    finding.token !== (finding.source === 'charge' ? attempt.sendToken : attempt.checkToken);
  // Money that we could not book was reported: a later "no" contradicts that, and only people may decide between the two.
  if (attempt.outcomeCode === UNBOOKABLE && attempt.status === 'unknown' && finding.outcome.kind !== 'succeeded')
    return queryFailed(attempt, finding, fenced, facts);
  switch (finding.outcome.kind) {
    case 'succeeded':
      return captured(attempt, finding.outcome, facts);
    case 'pending':
      return pending(attempt, finding, finding.outcome, fenced, facts);
    case 'declined':
      return declined(attempt, finding, finding.outcome, fenced, facts);
    case 'returned':
      return cameBack(attempt, finding, finding.outcome, fenced, facts);
    case 'not_sent':
      if (finding.source !== 'charge') return queryFailed(attempt, finding, fenced, facts);
      return notSent(attempt, finding.outcome, fenced, facts);
    case 'not_found':
      return notFound(attempt, finding, finding.outcome.code, fenced, facts);
    case 'duplicate':
      return fenced && attempt.status !== 'sending' ? KEPT : duplicate(attempt, finding.outcome.code, facts);
    case 'unknown':
      if (finding.source !== 'charge') return queryFailed(attempt, finding, fenced, facts);
      return fenced || !(attempt.status === 'sending' || attempt.interrupted)
        ? KEPT
        : becomeUnknown(attempt, finding.outcome.code, facts, {});
  }
}

/** What is paid out may come back, and is looked after for a while; other final attempts need no checks. One that a check still holds is let go. */
function afterTheEnd(attempt: Attempt, finding: Finding, facts: Circumstances): Change {
  const isPaidOut = attempt.kind !== 'payment' && PAID_STATUSES.has(attempt.status);
  if (isPaidOut && 'outcome' in finding && finding.outcome.kind === 'returned') {
    const { code, handles } = finding.outcome;
    return {
      kind: 'returned',
      next: {
        ...attempt,
        status: 'returned',
        version: attempt.version + 1,
        outcomeCode: code,
        handles: { ...attempt.handles, ...handles },
        nextCheckAt: null,
        checkToken: null,
      },
    };
  }
  if (finding.source !== 'check' || (attempt.nextCheckAt === null && attempt.checkToken === null)) return KEPT;
  if (!isPaidOut) return { kind: 'noted', next: { ...attempt, nextCheckAt: null, checkToken: null } };
  if (finding.token !== attempt.checkToken) return KEPT;
  const checks = attempt.checks + 1;
  return {
    kind: 'noted',
    next: { ...attempt, checks, checkToken: null, nextCheckAt: nextLookAfterSuccess(checks, facts) },
  };
}

/** When to look next whether a payout that was paid has come back; null: no more, or its gateway never says so. */
function nextLookAfterSuccess(looks: number, facts: Circumstances): Date | null {
  const pauseMs = facts.capabilities.returns ? facts.schedule.afterSuccessMs[looks] : undefined;
  return pauseMs === undefined ? null : after(facts.now, pauseMs);
}

/** It came back before anybody knew that it had been paid: nothing left. Not sent elsewhere: the receiver's side may have refused it. */
function cameBack(
  attempt: Attempt,
  finding: Finding,
  { code, handles }: Extract<MoneyOutOutcome, { kind: 'returned' }>,
  fenced: boolean,
  facts: Circumstances,
): Change {
  return declined(
    attempt,
    finding,
    { kind: 'declined', code, blame: 'ambiguous', retryable: false, handles },
    fenced,
    facts,
  );
}

function divert(attempt: Attempt, code: string, blame: Blame, facts: Circumstances): Change {
  if (attempt.status !== 'planned') return KEPT;
  return conclude(attempt, 'not_sent', code, blame, true, facts);
}

/**
 * What two people have read at the gateway. A success is booked as if it had said so. After a failure nothing is tried elsewhere, whatever the rules
 * say: people can be wrong, and then a customer would be charged, or a receiver paid, twice. So the gateway goes on being asked.
 */
function decided(attempt: Attempt, outcome: DecidedOutcome, facts: Circumstances): Change {
  const allowed = decisionsFor(attempt);
  const open = { ...attempt, caseOpenedAt: null };
  if (outcome.kind === 'succeeded') return allowed.includes('succeeded') ? captured(open, outcome, facts) : KEPT;
  if (!allowed.includes('failed')) return KEPT;
  const nextCheckAt = after(facts.now, facts.schedule.thenEveryMs);
  const concluded = concludedAs(open, 'declined', outcome.code, outcome.blame, facts);
  return { kind: 'concluded', retryable: false, next: { ...concluded, nextCheckAt } };
}

/** The gateway says that it has the money. True in every state: even of an attempt that we believed dead, or never sent. */
function captured(
  attempt: Attempt,
  outcome: Extract<MoneyOutOutcome, { kind: 'succeeded' }>,
  facts: Circumstances,
): Change {
  const verdict = judgeCapture(attempt, outcome, facts);
  const base = {
    ...attempt,
    outcomeCode: outcome.code,
    handles: { ...attempt.handles, ...outcome.handles },
    acknowledged: true,
    interrupted: false,
    checkToken: null,
  };
  if (verdict.kind === 'unbookable') {
    // Nothing that could be booked: it goes on blocking, and people are told at once.
    const next = {
      ...base,
      outcomeCode: UNBOOKABLE,
      caseOpenedAt: attempt.caseOpenedAt ?? facts.now,
      nextCheckAt: after(facts.now, facts.schedule.caseEveryMs),
    };
    if (isConcluded(attempt) || attempt.outcomeCode === UNBOOKABLE) return { kind: 'noted', next };
    return { kind: 'waiting', announce: true, next: { ...next, status: 'unknown', version: attempt.version + 1 } };
  }
  const taken = {
    ...base,
    version: attempt.version + 1,
    capturedAmount: outcome.amountMinor,
    capturedCurrency: outcome.currency,
    gatewayFee: verdict.feeMinor,
    blame: null,
    nextAction: null,
    // From here on they count the looks after the success.
    checks: facts.capabilities.returns ? 0 : attempt.checks,
    nextCheckAt: nextLookAfterSuccess(0, facts),
    late: attempt.late || isConcluded(attempt),
    concludedAt: facts.now,
  };
  if (verdict.kind === 'mismatch') {
    return {
      kind: 'quarantined',
      reason: verdict.reason,
      next: { ...taken, status: 'quarantined', nextCheckAt: null, concludedAt: null, caseOpenedAt: facts.now },
    };
  }
  return facts.hasWinner
    ? { kind: 'surplus', next: { ...taken, status: 'surplus' } }
    : { kind: 'won', next: { ...taken, status: 'succeeded' } };
}

function pending(
  attempt: Attempt,
  finding: Finding,
  outcome: Extract<MoneyOutOutcome, { kind: 'pending' }>,
  fenced: boolean,
  facts: Circumstances,
): Change {
  if (isConcluded(attempt)) {
    // We were told that it was over and it is not: it cannot block any more, but a late success must be found.
    return { kind: 'noted', next: watch({ ...attempt, acknowledged: true, checkToken: null }, finding, facts) };
  }
  // Only the answer to what the customer typed tells that nothing more is wanted; a question's answer often leaves out what is.
  const nextAction = outcome.nextAction ?? (finding.source === 'action' ? null : attempt.nextAction);
  const changed = attempt.status !== 'pending';
  const newAction = !isDeepStrictEqual(nextAction, attempt.nextAction);
  // Told to others only when it says something: on the fast path a webhook with the final word follows in a moment.
  const firstCheck = finding.source === 'check' && !fenced && attempt.checks === 0;
  const announce = newAction || firstCheck || (changed && finding.source !== 'charge');
  if (finding.source === 'question' && !changed && !announce) return KEPT;
  const next: Attempt = {
    ...attempt,
    status: 'pending',
    version: changed || announce ? attempt.version + 1 : attempt.version,
    outcomeCode: outcome.code,
    blame: null,
    nextAction,
    handles: { ...attempt.handles, ...outcome.handles },
    acknowledged: true,
    interrupted: false,
    notFoundCount: 0,
    firstNotFoundAt: null,
  };
  return { kind: changed || announce ? 'waiting' : 'noted', announce, next: reschedule(next, finding, facts) };
}

function declined(
  attempt: Attempt,
  finding: Finding,
  outcome: Extract<MoneyOutOutcome, { kind: 'declined' }>,
  fenced: boolean,
  facts: Circumstances,
): Change {
  if (isConcluded(attempt)) {
    // The gateway confirms what we believed; what was concluded by inference needs no more watching.
    const settled = { ...attempt, checkToken: null, nextCheckAt: null };
    return attempt.nextCheckAt === null && attempt.checkToken === null ? KEPT : { kind: 'noted', next: settled };
  }
  // The call it answers was superseded by another with the same reference, which may be on its way: only a query can tell.
  if (finding.source === 'charge' && fenced)
    return attempt.status === 'planned' ? KEPT : { kind: 'noted', next: { ...attempt, nextCheckAt: facts.now } };
  const known = { ...attempt, handles: { ...attempt.handles, ...outcome.handles }, acknowledged: true };
  return conclude(known, 'declined', outcome.code, outcome.blame, outcome.retryable, facts);
}

/** The charge call surely never reached the gateway. */
function notSent(
  attempt: Attempt,
  outcome: Extract<MoneyOutOutcome, { kind: 'not_sent' }>,
  fenced: boolean,
  facts: Circumstances,
): Change {
  const mayConclude =
    !fenced && (attempt.status === 'sending' || (attempt.status === 'unknown' && attempt.interrupted));
  if (!mayConclude || attempt.acknowledged) return KEPT;
  // It says nothing about an earlier call with this reference, whose end nobody saw.
  if (attempt.resendCount > 0) return becomeUnknown(attempt, outcome.code, facts, { interrupted: true });
  return conclude(attempt, 'not_sent', outcome.code, outcome.blame, true, facts);
}

function duplicate(attempt: Attempt, code: string, facts: Circumstances): Change {
  if (attempt.status !== 'sending' && !(attempt.status === 'unknown' && !attempt.acknowledged)) return KEPT;
  const unknown = becomeUnknown(attempt, code, facts, { acknowledged: true });
  return unknown.kind === 'waiting' ? { ...unknown, next: { ...unknown.next, nextCheckAt: facts.now } } : unknown;
}

function becomeUnknown(
  attempt: Attempt,
  code: string,
  facts: Circumstances,
  marks: Partial<Pick<Attempt, 'interrupted' | 'acknowledged' | 'notFoundCount' | 'firstNotFoundAt'>>,
) {
  const next: Attempt = {
    ...attempt,
    status: 'unknown',
    version: attempt.version + 1,
    outcomeCode: code,
    blame: 'ambiguous',
    interrupted: false,
    checks: 0,
    notFoundCount: 0,
    firstNotFoundAt: null,
    checkToken: null,
    nextCheckAt: after(facts.now, pauseBeforeCheck(facts.schedule, 0, attempt.caseOpenedAt !== null)),
    ...marks,
  };
  return { kind: 'waiting' as const, announce: true, next };
}

/** The gateway does not know the reference (yet): see the three ways in which that can matter. */
function notFound(attempt: Attempt, finding: Finding, code: string, fenced: boolean, facts: Circumstances): Change {
  if (finding.source !== 'check' || fenced) return followUp(attempt, finding, facts);
  if (attempt.status === 'planned') return { kind: 'noted', next: { ...attempt, checkToken: null } };
  if (attempt.status === 'sending') {
    const lease = attempt.sendLeaseUntil ?? facts.now;
    // The call is still in somebody's hands: it may not have arrived yet. Ask again once they answered or are known to be dead.
    if (lease > facts.now)
      return { kind: 'noted', next: { ...attempt, checkToken: null, nextCheckAt: after(lease, AFTER_LEASE_MS) } };
    return becomeUnknown(attempt, 'interrupted', facts, {
      interrupted: true,
      notFoundCount: 1,
      firstNotFoundAt: facts.now,
    });
  }
  if (attempt.status !== 'unknown' || attempt.acknowledged)
    return { kind: 'noted', next: reschedule(attempt, finding, facts) };

  const counted: Attempt = {
    ...attempt,
    notFoundCount: attempt.notFoundCount + 1,
    firstNotFoundAt: attempt.firstNotFoundAt ?? facts.now,
  };
  // Whether the call died with its sender, timed out or was answered with a 5xx: a gateway that refuses duplicates takes at most
  // one of the two, so this cannot charge twice, and it ends what would otherwise wait for an operator.
  if (
    facts.capabilities.idempotentCreate &&
    counted.notFoundCount >= NOT_FOUNDS_TO_RESEND &&
    attempt.resendCount < MAX_RESENDS
  ) {
    return { kind: 'resend', next: sentAgain(counted), otherwise: reschedule(counted, finding, facts) };
  }
  if (notFoundIsProof(counted, facts)) {
    const concluded = conclude(counted, 'not_sent', code, 'ambiguous', true, facts);
    // Inferred, not told: go on asking, so that a success that shows up after all is seen.
    return concluded.kind === 'concluded'
      ? { ...concluded, next: { ...concluded.next, nextCheckAt: after(facts.now, facts.schedule.thenEveryMs) } }
      : concluded;
  }
  return { kind: 'noted', next: reschedule(counted, finding, facts) };
}

/** Handset pushes are never proven absent: the prompt may be on its way to a phone that is switched off. Money that goes out prompts nobody. */
function notFoundIsProof(attempt: Attempt, facts: Circumstances): boolean {
  const trustedAfterMs = facts.capabilities.notFoundTrustedAfterMs;
  if (trustedAfterMs === null || facts.methodType === 'mobile_money' || facts.methodType === 'ussd') return false;
  if (attempt.notFoundCount < NOT_FOUNDS_TO_CONCLUDE || attempt.firstNotFoundAt === null) return false;
  return facts.now.getTime() - attempt.firstNotFoundAt.getTime() >= trustedAfterMs;
}

/** The token, the lease and the time of sending are set by the statement that writes it. */
function sentAgain(attempt: Attempt): Attempt {
  return {
    ...attempt,
    status: 'sending',
    version: attempt.version + 1,
    outcomeCode: null,
    blame: null,
    interrupted: false,
    resendCount: attempt.resendCount + 1,
    checks: 0,
    notFoundCount: 0,
    firstNotFoundAt: null,
    checkToken: null,
  };
}

/** The question itself failed: it says nothing about the payment, but a dead sender's attempt becomes visibly unknown. */
function queryFailed(attempt: Attempt, finding: Finding, fenced: boolean, facts: Circumstances): Change {
  if (finding.source !== 'check' || fenced) return followUp(attempt, finding, facts);
  if (attempt.status === 'planned') return { kind: 'noted', next: { ...attempt, checkToken: null } };
  if (attempt.status === 'sending' && (attempt.sendLeaseUntil ?? facts.now) <= facts.now) {
    return becomeUnknown(attempt, 'interrupted', facts, { interrupted: true });
  }
  return { kind: 'noted', next: reschedule(attempt, finding, facts) };
}

function conclude(
  attempt: Attempt,
  status: 'declined' | 'not_sent',
  code: string,
  blame: Blame,
  retryable: boolean,
  facts: Circumstances,
): Change {
  return { kind: 'concluded', retryable, next: concludedAs(attempt, status, code, blame, facts) };
}

function concludedAs(
  attempt: Attempt,
  status: 'declined' | 'not_sent',
  code: string,
  blame: Blame,
  facts: Circumstances,
): Attempt {
  return {
    ...attempt,
    status,
    version: attempt.version + 1,
    outcomeCode: code,
    blame,
    nextAction: null,
    interrupted: false,
    checkToken: null,
    nextCheckAt: null,
    concludedAt: facts.now,
  };
}

/**
 * After a query that a webhook set off, or a customer's entry, that did not settle it: the next check comes nearer. Of a concluded attempt
 * only when there is a reason to doubt: a claim of success, or a question that failed.
 */
function followUp(attempt: Attempt, finding: Finding, facts: Circumstances): Change {
  if (attempt.status === 'planned') return KEPT;
  const soon = after(facts.now, FOLLOW_UP_AFTER_MS);
  if (finding.source === 'action') {
    // A call that surely changed nothing leaves everything as it was; after any other end only the gateway can tell.
    if (finding.outcome.kind !== 'unknown' || isConcluded(attempt)) return KEPT;
    return { kind: 'noted', next: { ...attempt, nextCheckAt: sooner(attempt.nextCheckAt, facts) } };
  }
  if (finding.source !== 'webhook') return KEPT;
  const isFailedQuery = finding.outcome.kind === 'unknown' || finding.outcome.kind === 'not_sent';
  if (isConcluded(attempt) && !finding.claimsSuccess && !isFailedQuery) return KEPT;
  if (attempt.nextCheckAt !== null && attempt.nextCheckAt <= soon) return KEPT;
  return { kind: 'noted', next: { ...attempt, nextCheckAt: soon } };
}

function reschedule(attempt: Attempt, finding: Finding, facts: Circumstances): Attempt {
  if (isConcluded(attempt)) return watch({ ...attempt, checkToken: null }, finding, facts);
  if (finding.source === 'webhook') {
    const followed = followUp(attempt, finding, facts);
    return followed.kind === 'noted' ? followed.next : attempt;
  }
  // The customer has done their part: the end is near, and worth a look.
  if (finding.source === 'action') return { ...attempt, nextCheckAt: sooner(attempt.nextCheckAt, facts) };
  if (finding.source !== 'check' || finding.token !== attempt.checkToken) return attempt;
  const isOld = facts.now.getTime() - (attempt.sentAt ?? attempt.createdAt).getTime() >= facts.schedule.caseAfterMs;
  const caseOpenedAt = attempt.caseOpenedAt ?? (isOld ? facts.now : null);
  const checks = attempt.checks + 1;
  return {
    ...attempt,
    checks,
    checkToken: null,
    caseOpenedAt,
    nextCheckAt: after(facts.now, pauseBeforeCheck(facts.schedule, checks, caseOpenedAt !== null)),
  };
}

/** The next check, but no later than a follow-up would be. */
function sooner(nextCheckAt: Date | null, facts: Circumstances): Date {
  const soon = after(facts.now, FOLLOW_UP_AFTER_MS);
  return nextCheckAt !== null && nextCheckAt <= soon ? nextCheckAt : soon;
}

/** Concluded attempts are asked about only while there is a reason to doubt, and no longer than cases take to open. */
function watch(attempt: Attempt, finding: Finding, facts: Circumstances): Attempt {
  const doubtedForMs = facts.now.getTime() - (attempt.concludedAt ?? attempt.createdAt).getTime();
  if (doubtedForMs >= facts.schedule.caseAfterMs) return { ...attempt, nextCheckAt: null };
  if (finding.source !== 'check' && attempt.nextCheckAt !== null) return attempt;
  const checks = finding.source === 'check' ? attempt.checks + 1 : 0;
  return { ...attempt, checks, nextCheckAt: after(facts.now, pauseBeforeCheck(facts.schedule, checks, false)) };
}

function after(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}
