/**
 * Plays recorded choices again under other rules. Only first attempts: what comes after them depends on what was chosen first, and a
 * log in which other things came first cannot say what would have followed.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { PayoutDestination } from '../../../contracts/shared.js';
import type { Database } from '../../../kernel/database/database.js';
import { isReason, type CandidateRow, type Reason } from '../reason.js';
import { segmentOf, subjectOf, USUAL_FEE_SHARE, type ToRoute } from '../routable.js';
import type { RoutableKind } from '../routable-kind.js';
import type { RuleMatcher } from '../rules/match-rules.js';
import { Estimator, MAX_WEIGHT } from './estimate.js';
import { playAgain, type Accounts } from './play-again.js';
import { firstIdAt, readRecorded, type RecordedAttempt } from './records.store.js';

/** Attempts that are read at most, the newest: at a few seconds for them nobody has to wait for more, and more would say hardly more. */
export const MAX_RECORDS = 250_000;
/** A page: some 5 ms of work, and half a megabyte. */
const PAGE = 500;
/** Played again between two breaths, so that nothing else in the process waits longer than some 2 ms. */
const BREATH = 200;
/** Networks that are told apart; what is beyond is told of as a whole. Networks are what gateways take, so there are some dozens. */
const MAX_SEGMENTS = 100;
export const OTHER_SEGMENTS = 'other';

export interface BacktestQuestion {
  readonly matcher: RuleMatcher;
  readonly accounts: Accounts;
  readonly kind: RoutableKind;
  readonly livemode: boolean;
  readonly from: Date;
  readonly until: Date;
  readonly maxRecords: number;
}

/** What was found out about a part of the traffic. */
export class Findings {
  readonly success = new Estimator(true);
  readonly cost = new Estimator(false);
  covered = 0;
  clipped = 0;
  /** Choices that could not have been other ones. */
  deterministic = 0;
  /** Successes whose cost nobody wrote down: the usual one was taken. */
  assumedFees = 0;

  get used(): number {
    return this.success.attempts;
  }

  get coverage(): number {
    return this.used === 0 ? 0 : this.covered / this.used;
  }
}

export interface BacktestResult {
  readonly total: Findings;
  readonly segments: ReadonlyMap<string, Findings>;
  /** First attempts of this kind in the mode that was asked for. */
  readonly recorded: number;
  /** Of these: still without an end. */
  readonly unfinished: number;
  /** Of these: made before reasons were written down, or at accounts that are gone. */
  readonly unreadable: number;
  /** There would have been more. */
  readonly isCut: boolean;
  /** When the oldest was made that was read. */
  readonly since: Date;
}

export async function runBacktest(database: Database, question: BacktestQuestion): Promise<BacktestResult> {
  const run = new Run(question);
  const from = firstIdAt(question.from);
  const next = (before: string): Promise<RecordedAttempt[]> =>
    readRecorded(database, { kind: question.kind, before, from, limit: PAGE });
  let page = await next(firstIdAt(question.until));
  let read = 0;
  while (page.length > 0 && read < question.maxRecords) {
    read += page.length;
    const last = page.at(-1)?.id ?? from;
    // The next page comes while this one is played.
    const following = page.length < PAGE ? Promise.resolve([]) : next(last);
    try {
      await run.play(page);
    } catch (error) {
      await following.catch(() => undefined);
      throw error;
    }
    page = await following;
  }
  return run.result(page.length > 0);
}

class Run {
  private readonly total = new Findings();
  private readonly segments = new Map<string, Findings>();
  private recorded = 0;
  private unfinished = 0;
  private unreadable = 0;
  private oldest: string | undefined;

  constructor(private readonly question: BacktestQuestion) {}

  async play(page: readonly RecordedAttempt[]): Promise<void> {
    for (const [index, attempt] of page.entries()) {
      if (index % BREATH === BREATH - 1) await breathe();
      this.oldest = attempt.id;
      if (!attempt.isFirst || attempt.livemode !== this.question.livemode) continue;
      this.recorded += 1;
      this.take(attempt);
    }
  }

  result(isCut: boolean): BacktestResult {
    const { total, segments, recorded, unfinished, unreadable, oldest } = this;
    const since =
      isCut && oldest !== undefined
        ? new Date(Number.parseInt(oldest.replace('-', '').slice(0, 12), 16))
        : this.question.from;
    return { total, segments, recorded, unfinished, unreadable, isCut, since };
  }

  private take(attempt: RecordedAttempt): void {
    const succeeded = endOf(attempt.status);
    if (succeeded === undefined) {
      this.unfinished += 1;
      return;
    }
    const { matcher, accounts, kind } = this.question;
    const reason = attempt.reason;
    const toRoute = toRouteOf(attempt, kind);
    const played = isReason(reason) ? playAgain(reason, subjectOf(toRoute), matcher, accounts) : undefined;
    if (played === undefined || !isReason(reason)) {
      this.unreadable += 1;
      return;
    }
    const weight = played.target / played.logged;
    const fee = succeeded ? feeShareOf(attempt, reason, kind) : { share: 0, isAssumed: false };
    for (const findings of [this.total, this.findingsOf(segmentOf('', toRoute).network)]) {
      findings.success.add(Math.min(MAX_WEIGHT, weight), succeeded ? 1 : 0);
      findings.cost.add(Math.min(MAX_WEIGHT, weight), fee.share);
      findings.covered += played.covered;
      if (weight > MAX_WEIGHT) findings.clipped += 1;
      if (played.logged === 1) findings.deterministic += 1;
      if (fee.isAssumed) findings.assumedFees += 1;
    }
  }

  private findingsOf(name: string): Findings {
    const key = this.segments.has(name) || this.segments.size < MAX_SEGMENTS ? name : OTHER_SEGMENTS;
    let findings = this.segments.get(key);
    if (findings === undefined) {
      findings = new Findings();
      this.segments.set(key, findings);
    }
    return findings;
  }
}

/** Whether it succeeded; undefined where it has not ended, or only people can tell. */
function endOf(status: string): boolean | undefined {
  switch (status) {
    case 'succeeded':
    case 'surplus':
      return true;
    case 'declined':
    case 'not_sent':
    // A payout that came back did not reach whom it was for.
    case 'returned':
      return false;
    default:
      return undefined;
  }
}

function toRouteOf(attempt: RecordedAttempt, kind: RoutableKind): ToRoute {
  const { amount, currency, method, merchantId, livemode, metadata, phone } = attempt;
  const common = { merchantId, livemode, amountMinor: amount, currency, metadata };
  if (kind === 'payout' && (method.type === 'mobile_money' || method.type === 'bank_account'))
    return { ...common, kind, destination: method as PayoutDestination };
  if (kind === 'payout' || method.type === 'bank_account')
    throw new Error(`attempt ${attempt.id} is at no ${kind}: it goes by ${method.type}`);
  return { ...common, kind, method, customer: phone === null ? {} : { phone } };
}

/** What it cost, as a share of the amount: as the gateway said; else by what was written down of it; else the usual. */
function feeShareOf(
  { gatewayFee, amount }: RecordedAttempt,
  { candidates }: Reason,
  kind: RoutableKind,
): { share: number; isAssumed: boolean } {
  if (gatewayFee !== null && amount > 0n) return { share: Number(gatewayFee) / Number(amount), isAssumed: false };
  const chosen: CandidateRow | undefined = candidates[0];
  const written = chosen?.[7] ?? null;
  return written === null ? { share: USUAL_FEE_SHARE[kind], isAssumed: true } : { share: written, isAssumed: false };
}
