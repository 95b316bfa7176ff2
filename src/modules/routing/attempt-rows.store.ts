/** How attempts and their payments are read from PostgreSQL. */
import type { Attempt } from './attempt.js';
import type { Routed, RoutedPayment, RoutedPayout } from './routed-payment.js';

/** An attempt with what it is an attempt at. */
export interface AttemptOfPayment {
  readonly attempt: Attempt;
  readonly payment: Routed;
}

/** Times travel as milliseconds: parsing timestamps was a tenth of all the time that a payment takes here. */
const ms = (column: string, name: string): string => `(extract(epoch FROM a.${column}) * 1000)::float8 AS "${name}"`;

/** The columns of an attempt `a`, named as in {@link Attempt}. */
export const ATTEMPT = `a.id, a.kind, a.payment_id AS "paymentId", a.merchant_id AS "merchantId", a.livemode, a.sequence, a.gateway,
  a.gateway_account_id AS "gatewayAccountId", a.reference, a.status, a.version, a.outcome_code AS "outcomeCode", a.blame, a.handles,
  a.next_action AS "nextAction", a.gateway_fee AS "gatewayFee", a.captured_amount AS "capturedAmount",
  a.captured_currency AS "capturedCurrency", a.checks, a.not_found_count AS "notFoundCount", a.resend_count AS "resendCount",
  a.interrupted, a.acknowledged, a.late, a.send_token AS "sendToken", a.check_token AS "checkToken",
  ${ms('sent_at', 'sentAt')}, ${ms('next_check_at', 'nextCheckAt')}, ${ms('first_not_found_at', 'firstNotFoundAt')},
  ${ms('send_lease_until', 'sendLeaseUntil')}, ${ms('created_at', 'createdAt')}, ${ms('concluded_at', 'concludedAt')},
  ${ms('case_opened_at', 'caseOpenedAt')}`;

/** The columns of its payment `p`. */
export const PAYMENT = `p.payment_id AS "ofPayment", p.amount, p.currency, p.method, p.customer, p.description, p.return_url AS "returnUrl", p.metadata, p.state,
  p.captured_by AS "capturedBy", p.destination, p.caused_by AS "causedBy", p.headers`;

type Times = 'sentAt' | 'nextCheckAt' | 'firstNotFoundAt' | 'sendLeaseUntil' | 'concludedAt' | 'caseOpenedAt';

/** A row of {@link ATTEMPT}. */
export type AttemptColumns = Omit<Attempt, Times | 'createdAt'> & { readonly [Name in Times]: number | null } & {
  readonly createdAt: number;
};

export interface PaymentColumns {
  readonly ofPayment: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly amount: bigint;
  readonly currency: Routed['currency'];
  readonly method: RoutedPayment['method'] | null;
  readonly customer: RoutedPayment['customer'] | null;
  readonly description: string | null;
  readonly returnUrl: string | null;
  readonly metadata: RoutedPayment['metadata'];
  readonly state: Routed['state'];
  readonly capturedBy: string | null;
  readonly destination: RoutedPayout['destination'] | null;
  readonly causedBy: string;
  readonly headers: Routed['headers'];
}

/** A row of {@link ATTEMPT} and {@link PAYMENT}. */
export type AttemptRow = AttemptColumns & PaymentColumns;

const toDate = (time: number | null): Date | null => (time === null ? null : new Date(time));

export function toAttempt(row: AttemptColumns): Attempt {
  return {
    id: row.id,
    kind: row.kind,
    paymentId: row.paymentId,
    merchantId: row.merchantId,
    livemode: row.livemode,
    sequence: row.sequence,
    gateway: row.gateway,
    gatewayAccountId: row.gatewayAccountId,
    reference: row.reference,
    status: row.status,
    version: row.version,
    outcomeCode: row.outcomeCode,
    blame: row.blame,
    handles: row.handles,
    nextAction: row.nextAction,
    gatewayFee: row.gatewayFee,
    capturedAmount: row.capturedAmount,
    capturedCurrency: row.capturedCurrency,
    sentAt: toDate(row.sentAt),
    nextCheckAt: toDate(row.nextCheckAt),
    checks: row.checks,
    notFoundCount: row.notFoundCount,
    firstNotFoundAt: toDate(row.firstNotFoundAt),
    resendCount: row.resendCount,
    interrupted: row.interrupted,
    acknowledged: row.acknowledged,
    late: row.late,
    sendToken: row.sendToken,
    sendLeaseUntil: toDate(row.sendLeaseUntil),
    checkToken: row.checkToken,
    createdAt: new Date(row.createdAt),
    concludedAt: toDate(row.concludedAt),
    caseOpenedAt: toDate(row.caseOpenedAt),
  };
}

/** The kind shows in what the row has: its constraint sees to it that no row has anything of another kind. */
export function toPayment(row: PaymentColumns): Routed {
  const common = {
    id: row.ofPayment,
    merchantId: row.merchantId,
    livemode: row.livemode,
    amountMinor: row.amount,
    currency: row.currency,
    description: row.description,
    state: row.state,
    causedBy: row.causedBy,
    headers: row.headers,
  };
  if (row.capturedBy !== null) return { ...common, kind: 'refund', capturedBy: row.capturedBy };
  const { returnUrl, metadata } = row;
  if (row.destination !== null) return { ...common, kind: 'payout', destination: row.destination, metadata };
  if (row.method === null || row.customer === null) throw new Error(`Routing's copy of ${row.ofPayment} is not whole`);
  const { method, customer } = row;
  return { ...common, kind: 'payment', method, customer, returnUrl, metadata };
}

export function toAttemptOfPayment(row: AttemptRow): AttemptOfPayment {
  return { attempt: toAttempt(row), payment: toPayment(row) };
}
