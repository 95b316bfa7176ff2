/** The SQL of refunds and payouts alone; what they share with payments is in attempts.store.ts and attempt-claims.store.ts. */
import type { Database } from '../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../kernel/database/tx.js';
import { ATTEMPT, PAYMENT, toAttemptOfPayment, type AttemptOfPayment, type AttemptRow } from './attempt-rows.store.js';
import { claimToSendIn, type SendClaim } from './attempt-claims.store.js';

const plannedPayoutsSql = statement(
  'routing.planned_payouts',
  `SELECT a.gateway_account_id AS "accountId", p.currency, sum(p.amount)::bigint AS amount FROM routing.attempt a JOIN routing.payment p ON p.payment_id = a.payment_id
   WHERE a.next_check_at IS NOT NULL AND a.kind <> 'payment' AND a.kind = 'payout' AND a.status = 'planned' AND a.gateway_account_id = ANY($1::uuid[])
   GROUP BY a.gateway_account_id, p.currency`,
);

/** What is planned to be paid out through accounts and not sent yet. */
export async function plannedPayouts(
  database: Database,
  accountIds: readonly string[],
): Promise<{ readonly accountId: string; readonly currency: string; readonly amount: bigint }[]> {
  return database.query(plannedPayoutsSql, [accountIds]);
}

export interface CapturedAttempt {
  readonly id: string;
  readonly gatewayAccountId: string;
  readonly capturedAmount: bigint;
}

/** The attempts that captured money, of those with these ids. */
export async function findCaptured(queryable: Queryable, ids: readonly string[]): Promise<CapturedAttempt[]> {
  return queryable.query<CapturedAttempt>(
    `SELECT id, gateway_account_id AS "gatewayAccountId", captured_amount AS "capturedAmount" FROM routing.attempt
     WHERE id = ANY($1::uuid[]) AND kind = 'payment' AND captured_amount IS NOT NULL`,
    [ids],
  );
}

/** What a gateway has to be told of the charge that a refund gives back, and what is known of other refunds of it. */
export interface RefundFacts {
  readonly capturedAttemptId: string;
  readonly handles: Readonly<Record<string, string>>;
  readonly capturedAmount: bigint;
  /** What the gateway calls the other refunds of this charge, as far as it said. */
  readonly knownIds: readonly string[];
  /** Another refund of it was sent, and what the gateway calls it is not known. */
  readonly isAnotherInDoubt: boolean;
}

const refundFactsSql = statement(
  'routing.refund_facts',
  `SELECT c.id AS "capturedAttemptId", c.handles, c.captured_amount AS "capturedAmount",
     COALESCE(others.known, '{}') AS "knownIds", COALESCE(others.in_doubt, false) AS "isAnotherInDoubt"
   FROM routing.attempt c LEFT JOIN LATERAL (
     SELECT array_agg(o.handles->>'id') FILTER (WHERE o.handles ? 'id') AS known,
       bool_or(o.status IN ('sending', 'unknown') AND NOT o.acknowledged) AS in_doubt
     FROM routing.payment r JOIN routing.attempt o ON o.payment_id = r.payment_id
     WHERE r.captured_by = c.id AND o.id <> $2) others ON true
   WHERE c.id = $1 AND c.captured_amount IS NOT NULL`,
);

/** @param attemptId the refund's own, which is not one of the others */
export async function refundFacts(
  database: Database,
  capturedBy: string,
  attemptId: string,
): Promise<RefundFacts | undefined> {
  const [facts] = await database.query<RefundFacts>(refundFactsSql, [capturedBy, attemptId]);
  return facts;
}

const refundsOfChargeSql = statement(
  'routing.refunds_of_charge',
  `SELECT ${ATTEMPT}, ${PAYMENT} FROM routing.attempt c JOIN routing.payment p ON p.captured_by = c.id JOIN routing.attempt a ON a.payment_id = p.payment_id
   WHERE c.gateway = $1 AND c.reference = $2 AND c.gateway_account_id = $3 AND a.status = ANY($4::text[])`,
);

const UNDER_WAY = ['sending', 'pending', 'unknown'];

/**
 * Refunds of the charge that a gateway account was given under a reference, of which news may be: those under way, and where the news is that
 * one was paid, also those that the gateway had declined.
 */
export async function refundsOfCharge(
  database: Database,
  charge: { readonly gateway: string; readonly reference: string; readonly gatewayAccountId: string },
  claimsSuccess: boolean,
): Promise<AttemptOfPayment[]> {
  const rows = await database.query<AttemptRow>(refundsOfChargeSql, [
    charge.gateway,
    charge.reference,
    charge.gatewayAccountId,
    claimsSuccess ? [...UNDER_WAY, 'declined'] : UNDER_WAY,
  ]);
  return rows.map(toAttemptOfPayment);
}

/** How long a refund that has to wait for another one of the same charge waits before it tries again, in ms. */
const SERIAL_PAUSE_MS = 2_000;

/** For the transaction alone, and before any row: whoever claims refunds of one charge waits for who does so at the same moment. */
const lockChargesSql = statement(
  'routing.lock_refunded_charges',
  `SELECT pg_advisory_xact_lock(hashtextextended(c.captured_by::text, 0)) FROM (
     SELECT DISTINCT p.captured_by FROM routing.attempt a JOIN routing.payment p ON p.payment_id = a.payment_id
     WHERE a.id = ANY($1::uuid[]) AND a.kind = 'refund' AND a.gateway = ANY($2::text[]) ORDER BY 1) c`,
);

/** Those that must wait: another refund of the charge is in doubt, or comes before them in this very batch. */
const blockedSql = statement(
  'routing.blocked_refunds',
  `SELECT w.id FROM (
     SELECT a.id, p.captured_by, row_number() OVER (PARTITION BY p.captured_by ORDER BY a.id) AS turn
     FROM routing.attempt a JOIN routing.payment p ON p.payment_id = a.payment_id
     WHERE a.id = ANY($1::uuid[]) AND a.kind = 'refund' AND a.gateway = ANY($2::text[]) AND a.status = 'planned') w
   WHERE w.turn > 1 OR EXISTS (
     SELECT 1 FROM routing.payment r JOIN routing.attempt o ON o.payment_id = r.payment_id
     WHERE r.captured_by = w.captured_by AND o.id <> w.id AND o.status IN ('sending', 'unknown') AND NOT o.acknowledged)`,
);

const postponeSql = statement(
  'routing.postpone',
  `UPDATE routing.attempt a SET next_check_at = clock_timestamp() + $2 * interval '1 ms', check_token = NULL
   FROM (SELECT id FROM routing.attempt WHERE id = ANY($1::uuid[]) AND status = 'planned' ORDER BY id FOR NO KEY UPDATE) w WHERE a.id = w.id`,
);

/** Planned attempts are left alone for a while. */
export async function postpone(queryable: Queryable, ids: readonly string[], forMs: number): Promise<void> {
  if (ids.length > 0) await queryable.query(postponeSql, [ids, forMs]);
}

/**
 * planned > sending, as for payments; but of refunds of one charge, at gateways where a refund has no reference of ours, one after the other:
 * while it is not known what the gateway calls one, it could be taken for another that looks the same.
 * @param serialGateways whose refunds are found by what they look like
 */
export async function claimDisbursements(
  database: Database,
  claims: readonly SendClaim[],
  firstCheckAfterMs: number,
  serialGateways: readonly string[],
): Promise<ReadonlySet<string>> {
  return database.transaction(async (tx: Tx) => {
    const ids = claims.map(({ attemptId }) => attemptId);
    await tx.query(lockChargesSql, [ids, serialGateways]);
    const blocked = new Set((await tx.query<{ id: string }>(blockedSql, [ids, serialGateways])).map(({ id }) => id));
    const ours = await claimToSendIn(
      tx,
      claims.filter(({ attemptId }) => !blocked.has(attemptId)),
      firstCheckAfterMs,
    );
    await postpone(tx, [...blocked], SERIAL_PAUSE_MS);
    return ours;
  });
}
