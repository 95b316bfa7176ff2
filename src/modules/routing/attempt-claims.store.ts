/** Who may work on which attempt: claims with tokens and leases, all by the database's clock. */
import type { Database } from '../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../kernel/database/tx.js';
import type { Attempt } from './attempt.js';
import { ATTEMPT, PAYMENT, toAttemptOfPayment, type AttemptOfPayment, type AttemptRow } from './attempt-rows.store.js';

/** For how long a sender owns an attempt without renewing, in ms. A dead one is noticed within this time. */
export const SEND_LEASE_MS = 15_000;
/**
 * The attempt as its new owner holds it: committed like this, it may be sent.
 * @param now by the database's clock
 * @param firstCheckAfterMs as for {@link claimToSend}
 */
export function claimed(attempt: Attempt, token: string, now: Date, firstCheckAfterMs: number): Attempt {
  return {
    ...attempt,
    status: 'sending',
    sendToken: token,
    sentAt: now,
    sendLeaseUntil: new Date(now.getTime() + SEND_LEASE_MS),
    nextCheckAt: new Date(now.getTime() + firstCheckAfterMs),
  };
}

const claimToSendSql = statement(
  'routing.claim_to_send',
  `WITH wanted AS (
     SELECT a.id, t.token FROM routing.attempt a JOIN unnest($1::uuid[], $2::uuid[]) AS t(id, token) ON t.id = a.id
     WHERE a.status = 'planned' ORDER BY a.id FOR NO KEY UPDATE OF a
   )
   UPDATE routing.attempt a SET status = 'sending', version = a.version + 1, send_token = w.token, sent_at = clock_timestamp(),
     send_lease_until = clock_timestamp() + interval '${SEND_LEASE_MS} ms', next_check_at = clock_timestamp() + $3 * interval '1 ms', check_token = NULL
   FROM wanted w WHERE a.id = w.id AND a.status = 'planned'
   RETURNING a.id`,
);

const renewSendSql = statement(
  'routing.renew_send',
  `WITH wanted AS (
     SELECT a.id FROM routing.attempt a JOIN unnest($1::uuid[], $2::uuid[]) AS t(id, token) ON t.id = a.id AND t.token = a.send_token
     WHERE a.status = 'sending' ORDER BY a.id FOR NO KEY UPDATE OF a
   )
   UPDATE routing.attempt a SET send_lease_until = clock_timestamp() + interval '${SEND_LEASE_MS} ms'
   FROM wanted w WHERE a.id = w.id
   RETURNING a.id`,
);

export interface SendClaim {
  readonly attemptId: string;
  /** Known to this sender alone. */
  readonly token: string;
}

/**
 * planned > sending, for whoever comes first.
 * @param firstCheckAfterMs when they are asked about for the first time: the call may hang although the charge is done
 * @returns the ids that are now ours to send.
 */
export async function claimToSend(
  database: Database,
  claims: readonly SendClaim[],
  firstCheckAfterMs: number,
): Promise<ReadonlySet<string>> {
  return claimToSendIn(database, claims, firstCheckAfterMs);
}

/** As {@link claimToSend}, inside a transaction or not. */
export async function claimToSendIn(
  queryable: Queryable,
  claims: readonly SendClaim[],
  firstCheckAfterMs: number,
): Promise<ReadonlySet<string>> {
  return changedIds(queryable, claimToSendSql, claims, firstCheckAfterMs);
}

/** Keeps what we are sending ours. @returns the ids that still are. */
export async function renewSendLeases(database: Database, claims: readonly SendClaim[]): Promise<ReadonlySet<string>> {
  return changedIds(database, renewSendSql, claims);
}

async function changedIds(
  queryable: Queryable,
  sql: typeof claimToSendSql,
  claims: readonly SendClaim[],
  ...further: readonly unknown[]
): Promise<ReadonlySet<string>> {
  const rows = await queryable.query<{ id: string }>(sql, [
    claims.map((each) => each.attemptId),
    claims.map((each) => each.token),
    ...further,
  ]);
  return new Set(rows.map((row) => row.id));
}

/** Payments, and refunds and payouts, are taken up apart from each other. */
export type Traffic = 'payments' | 'disbursements';

/** One statement each: an index on due attempts serves only the kind that its condition names. */
const claimDueSqlFor = (traffic: Traffic) =>
  statement(
    `routing.claim_due_${traffic}`,
    `WITH due AS (
     SELECT id FROM routing.attempt WHERE next_check_at <= now() AND kind ${traffic === 'payments' ? '=' : '<>'} 'payment'
       AND gateway_account_id <> ALL($4::uuid[])
     ORDER BY next_check_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
   ), claimed AS (
     UPDATE routing.attempt a SET check_token = $2, next_check_at = now() + $3 * interval '1 ms' FROM due WHERE a.id = due.id RETURNING a.*
   )
   SELECT ${ATTEMPT}, ${PAYMENT} FROM claimed a JOIN routing.payment p ON p.payment_id = a.payment_id`,
  );
const claimDueSql: Readonly<Record<Traffic, ReturnType<typeof claimDueSqlFor>>> = {
  payments: claimDueSqlFor('payments'),
  disbursements: claimDueSqlFor('disbursements'),
};

/**
 * Takes attempts that are due for a check or, while planned, for sending. The lease is the next check time itself: if the
 * taker dies, they are due again when it ends. Accounts in `except` have enough to do already.
 */
export async function claimDue(
  database: Database,
  limit: number,
  token: string,
  leaseMs: number,
  except: readonly string[],
  traffic: Traffic = 'payments',
): Promise<AttemptOfPayment[]> {
  const rows = await database.query<AttemptRow>(claimDueSql[traffic], [limit, token, leaseMs, except]);
  return rows.map(toAttemptOfPayment);
}

/* What was not sent yet has its own time, and one that is looked at just now is looked at. */
const lookAgainSql = statement(
  'routing.look_again',
  `UPDATE routing.attempt a SET next_check_at = now()
   FROM (SELECT id FROM routing.attempt WHERE id = ANY($1::uuid[]) AND status NOT IN ('planned', 'sending') ORDER BY id FOR NO KEY UPDATE) w
   WHERE a.id = w.id AND (a.next_check_at IS NULL OR (a.check_token IS NULL AND a.next_check_at > now()))`,
);

/** Makes attempts due for a check, whatever became of them. */
export async function lookAgain(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(lookAgainSql, [[...new Set(ids)]]);
}
