/**
 * The end of an attempt whose gateway never told it, as two people read it there. One asks, another approves, and it is recorded as a gateway's own
 * answer would be: what follows of it follows by the same events.
 */
import { z } from 'zod';
import { currency } from '../../../contracts/shared.js';
import type { ApprovalAction, Grant } from '../../../kernel/approvals/approval-action.js';
import type { Database } from '../../../kernel/database/database.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { decodeId, encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import {
  DECISIONS,
  decisionsFor,
  LIVE_STATUSES,
  type Attempt,
  type Decision,
  type DecidedOutcome,
} from '../attempt.js';
import type { AttemptOfPayment } from '../attempt-rows.store.js';
import { findAttempts, lockPaymentsOf } from '../attempts.store.js';
import type { GatewayAccounts } from '../gateway-accounts.js';
import type { OutcomeRecorder } from '../record-outcome.js';
import { insertDecision } from './decisions.store.js';

/** Whoever declares to a friend that money came which did not is not to do it alone. */
export const DECIDE_ATTEMPT = {
  kind: 'routing.decide_attempt',
  area: 'routing',
  payload: z.object({
    attempt: z.string(),
    /** What it is an attempt at. */
    subject: z.string(),
    merchant: z.string(),
    livemode: z.boolean(),
    gateway: z.string(),
    account: z.string(),
    /** As the gateway was given it: what both look for at the gateway. */
    reference: z.string(),
    /** Minor units: what must have been taken or paid, to be a success. */
    amount: z.number().int().positive(),
    currency,
    outcome: z.enum(DECISIONS),
    /** What the gateway itself calls the transaction. */
    gateway_reference: z.string(),
    remark: z.string(),
  }),
} satisfies ApprovalAction<unknown>;
type Payload = z.infer<typeof DECIDE_ATTEMPT.payload>;

export interface Asked {
  readonly outcome: Decision;
  readonly gatewayReference: string;
  readonly remark: string;
}

export interface DecideCaseOptions {
  readonly database: Database;
  readonly accounts: Pick<GatewayAccounts, 'all'>;
  readonly recorder: Pick<OutcomeRecorder, 'recordIn'>;
}

export class DecideCase {
  constructor(private readonly options: DecideCaseOptions) {}

  /**
   * @returns what another person is asked to approve
   * @throws {DomainError} `attempt.not_found`, `attempt.not_decidable`, `attempt.decided_meanwhile`
   */
  async prepare(attemptId: string, { outcome, gatewayReference, remark }: Asked): Promise<Payload> {
    const [target] = await findAttempts(this.options.database, [attemptId]);
    if (target === undefined) throw new DomainError('attempt.not_found');
    mustBeOpen(target.attempt, outcome);
    const accounts = await this.options.accounts.all();
    const account = accounts.find(({ id }) => id === target.attempt.gatewayAccountId);
    return {
      ...boundTo(target),
      account: account?.name ?? encodeId('gatewayAccount', target.attempt.gatewayAccountId),
      outcome,
      gateway_reference: gatewayReference,
      remark,
    };
  }

  /** @throws {DomainError} as {@link prepare}: the gateway may have told meanwhile; `approval.changed_meanwhile` */
  async carryOut(tx: Tx, payload: Payload, grant: Grant): Promise<void> {
    const { outcome, gateway_reference: gatewayReference, remark } = payload;
    const attemptId = decodeId('attempt', payload.attempt);
    if (attemptId === undefined) throw new DomainError('approval.not_genuine');
    // Whoever records an answer of the gateway waits for this lock, and we for theirs.
    const { payments } = await lockPaymentsOf(tx, [attemptId]);
    const [locked] = payments;
    const attempt = locked?.attempts.find(({ id }) => id === attemptId);
    if (locked === undefined || attempt === undefined) throw new DomainError('attempt.not_found');
    mustBeOpen(attempt, outcome);
    const bound = Object.entries(boundTo({ attempt, payment: locked.payment }));
    if (bound.some(([name, value]) => payload[name as keyof Payload] !== value))
      throw new DomainError('approval.changed_meanwhile');
    await insertDecision(tx, attempt, { outcome, gatewayReference, remark }, grant);
    const finding = { source: 'decision', outcome: outcomeOf(payload) } as const;
    const recorded = await this.options.recorder.recordIn(tx, { attemptId, finding });
    if (recorded.change === 'kept')
      throw new Error(`Attempt ${attemptId} was open, and what was decided changed nothing`);
  }
}

/** What of the payload is taken from the attempt, and may not be another when it is carried out. */
function boundTo({ attempt, payment }: AttemptOfPayment) {
  return {
    attempt: encodeId('attempt', attempt.id),
    subject: encodeId(attempt.kind, attempt.paymentId),
    merchant: encodeId('merchant', attempt.merchantId),
    livemode: attempt.livemode,
    gateway: attempt.gateway,
    reference: attempt.reference,
    amount: toJsonAmount(payment.amountMinor),
    currency: payment.currency,
  };
}

function mustBeOpen(attempt: Attempt, outcome: Decision): void {
  if (decisionsFor(attempt).includes(outcome)) return;
  const detail = `The attempt is ${attempt.status}${attempt.outcomeCode === null ? '' : ` (${attempt.outcomeCode})`}.`;
  throw new DomainError(LIVE_STATUSES.has(attempt.status) ? 'attempt.not_decidable' : 'attempt.decided_meanwhile', {
    detail,
  });
}

/** As a gateway would have said it. What it kept of it two people do not say: its own books tell. */
function outcomeOf({ outcome, amount, currency: unit, reference }: Payload): DecidedOutcome {
  if (outcome === 'failed')
    return { kind: 'declined', code: 'decided_failed', blame: 'ambiguous', retryable: false, handles: {} };
  const amountMinor = BigInt(amount);
  return {
    kind: 'succeeded',
    amountMinor,
    currency: unit,
    reference,
    feeMinor: null,
    code: 'decided_succeeded',
    handles: {},
  };
}
