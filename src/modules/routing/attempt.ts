/** One try at one gateway: its state, what can be found out about it, and what can become of it. */
import type { AttemptStatus, Blame, NextAction, PaymentMethod } from '../../contracts/shared.js';
import type { CheckSchedule } from './check-schedule.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';
import type { RoutedKind } from './routed-payment.js';

export interface Attempt {
  readonly id: string;
  readonly kind: RoutedKind;
  /** What it is an attempt at: a payment, or a refund or payout. */
  readonly paymentId: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly sequence: number;
  readonly gateway: string;
  readonly gatewayAccountId: string;
  /** As the gateway was given it. */
  readonly reference: string;
  readonly status: AttemptStatus;
  readonly version: number;
  readonly outcomeCode: string | null;
  readonly blame: Blame | null;
  readonly handles: Readonly<Record<string, string>>;
  readonly nextAction: NextAction | null;
  readonly gatewayFee: bigint | null;
  readonly capturedAmount: bigint | null;
  readonly capturedCurrency: string | null;
  readonly sentAt: Date | null;
  readonly nextCheckAt: Date | null;
  readonly checks: number;
  /** Consecutive "not found" answers since the charge call ended. */
  readonly notFoundCount: number;
  readonly firstNotFoundAt: Date | null;
  readonly resendCount: number;
  /** Whoever was sending died: whether the request left is not known. */
  readonly interrupted: boolean;
  /** The gateway has shown that it knows the reference. */
  readonly acknowledged: boolean;
  /** Its money showed up after it had been concluded. */
  readonly late: boolean;
  readonly sendToken: string | null;
  readonly sendLeaseUntil: Date | null;
  readonly checkToken: string | null;
  readonly createdAt: Date;
  readonly concludedAt: Date | null;
  readonly caseOpenedAt: Date | null;
}

/**
 * What somebody found out about an attempt.
 * - `charge`: how the call that moves money ended (a charge, a refund, a payout); `token` is the send token it was made under.
 * - `check`: a scheduled status query; `token` is the check token.
 * - `webhook`: a status query that a webhook set off; outside the schedule. `claimsSuccess`: the webhook spoke of a success.
 * - `question`: a status query outside of the schedule that nobody's word set off: a webhook is overdue, or a person asks. The schedule goes on as if
 *   it had not been.
 * - `action`: how handing on what the customer typed ended. It may say how the charge stands; that it failed says nothing about the charge.
 * - `divert`: nothing was sent yet, and its gateway has become a bad choice (breaker open, saturated, short of float).
 * - `withdraw`: nothing was sent, and it has waited for its gateway's float for too long.
 * - `decision`: two people have read at the gateway how it ended, which told us nothing for as long as anybody could wait.
 */
export type Finding =
  | { readonly source: 'charge'; readonly token: string; readonly outcome: MoneyOutOutcome }
  | { readonly source: 'check'; readonly token: string; readonly outcome: MoneyOutOutcome }
  | { readonly source: 'webhook'; readonly claimsSuccess: boolean; readonly outcome: MoneyOutOutcome }
  | { readonly source: 'question' | 'action'; readonly outcome: MoneyOutOutcome }
  | { readonly source: 'divert'; readonly code: string }
  | { readonly source: 'withdraw'; readonly code: string }
  | { readonly source: 'decision'; readonly outcome: DecidedOutcome };

export type DecidedOutcome = Extract<MoneyOutOutcome, { kind: 'succeeded' | 'declined' }>;

/** How people may decide about an attempt. */
export const DECISIONS = ['succeeded', 'failed'] as const;
export type Decision = (typeof DECISIONS)[number];

/** What a gateway promises about one kind of call. */
export interface AttemptCapabilities {
  /** A second call with the same reference moves nothing twice. */
  readonly idempotentCreate: boolean;
  /** After which "not found" proves that the call never arrived, in ms; null: never. */
  readonly notFoundTrustedAfterMs: number | null;
  /** It may still say after a success that the money came back. */
  readonly returns: boolean;
}

/** What the decision rests on besides the attempt itself. */
export interface Circumstances {
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Null for money that goes out: nobody is asked to approve it. */
  readonly methodType: PaymentMethod['type'] | null;
  /** Another attempt of the payment has captured the money; of a refund or payout, has paid it. */
  readonly hasWinner: boolean;
  readonly capabilities: AttemptCapabilities;
  /** By the database's clock: leases are made by it too. */
  readonly now: Date;
  readonly schedule: CheckSchedule;
}

/**
 * What becomes of the attempt.
 * - `kept`: nothing is written. `noted`: only the schedule and counters change; nobody is told.
 * - `waiting`: pending or unknown; `announce` says whether others are told.
 * - `won`, `surplus`, `quarantined`: money was taken (or paid out). `concluded`: it was not; `retryable` says whether another gateway may
 *   follow. `returned`: it had been paid out and came back.
 * - `resend`: the same reference is to be sent to the same gateway once more; `otherwise`: what it is while there is no budget for that.
 */
export type Change =
  | { readonly kind: 'kept' }
  | { readonly kind: 'noted' | 'won' | 'surplus' | 'returned'; readonly next: Attempt }
  | { readonly kind: 'resend'; readonly next: Attempt; readonly otherwise: Attempt }
  | { readonly kind: 'waiting'; readonly next: Attempt; readonly announce: boolean }
  | { readonly kind: 'quarantined'; readonly next: Attempt; readonly reason: 'amount' | 'currency' | 'reference' }
  | { readonly kind: 'concluded'; readonly next: Attempt; readonly retryable: boolean };

/** They block every other attempt of their payment. */
export const LIVE_STATUSES: ReadonlySet<AttemptStatus> = new Set([
  'planned',
  'sending',
  'pending',
  'unknown',
  'quarantined',
]);
export function isConcluded(attempt: Pick<Attempt, 'status'>): boolean {
  return attempt.status === 'declined' || attempt.status === 'not_sent';
}

/** The outcome code of an attempt whose gateway reports money that cannot be booked in any account of ours. */
export const UNBOOKABLE = 'unbookable_capture';

/**
 * How people may decide about it: only once they were told of it, since before that its gateway is still likely to say. Money that was
 * reported in a currency that we do not book is no success of what was asked.
 */
export function decisionsFor(attempt: Pick<Attempt, 'status' | 'caseOpenedAt' | 'outcomeCode'>): readonly Decision[] {
  const isOpen = attempt.caseOpenedAt !== null && (attempt.status === 'unknown' || attempt.status === 'pending');
  if (!isOpen) return [];
  return attempt.outcomeCode === UNBOOKABLE ? ['failed'] : DECISIONS;
}
