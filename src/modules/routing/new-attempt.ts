/** An attempt as it is first written down: planned, and nothing sent. */
import { newUuid } from '../../kernel/ids/ids.js';
import type { Attempt } from './attempt.js';
import type { RoutingAccount } from './gateway-accounts.store.js';
import type { Routed } from './routed-payment.js';

/**
 * A planned attempt that nobody has begun to send is taken up by any worker after this time, in ms: long enough that the process
 * that planned it usually comes first, short enough that its death is hardly noticed.
 */
export const PLANNED_PICKUP_MS = 3_000;

/** The reference before a gateway's adapter writes it in its own way: the attempt's id without dashes. */
export function plainReference(attemptId: string): string {
  return attemptId.replaceAll('-', '');
}

/**
 * @param before the attempts that were made already
 * @param writer writes references as the gateway is given them, which differs for refunds and payouts
 */
export function newAttempt(
  payment: Routed,
  account: RoutingAccount,
  before: readonly Attempt[],
  writer: { writtenReference(reference: string): string },
  now: Date,
): Attempt {
  const id = newUuid();
  return {
    id,
    kind: payment.kind,
    paymentId: payment.id,
    merchantId: payment.merchantId,
    livemode: payment.livemode,
    sequence: Math.max(0, ...before.map((each) => each.sequence)) + 1,
    gateway: account.gateway,
    gatewayAccountId: account.id,
    reference: writer.writtenReference(plainReference(id)),
    status: 'planned',
    version: 1,
    outcomeCode: null,
    blame: null,
    handles: {},
    nextAction: null,
    gatewayFee: null,
    capturedAmount: null,
    capturedCurrency: null,
    sentAt: null,
    nextCheckAt: new Date(now.getTime() + PLANNED_PICKUP_MS),
    checks: 0,
    notFoundCount: 0,
    firstNotFoundAt: null,
    resendCount: 0,
    interrupted: false,
    acknowledged: false,
    late: false,
    sendToken: null,
    sendLeaseUntil: null,
    checkToken: null,
    createdAt: now,
    concludedAt: null,
    caseOpenedAt: null,
  };
}
