/** The SQL of what customers type: which attempt waits for it, and whose turn it is. What they typed never comes here. */
import type { Database } from '../../kernel/database/database.js';
import { statement } from '../../kernel/database/tx.js';
import { ATTEMPT, PAYMENT, toAttemptOfPayment, type AttemptOfPayment, type AttemptRow } from './attempt-rows.store.js';

export interface PaymentOfMerchant {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly livemode: boolean;
}

const findWaitingSql = statement(
  'routing.find_waiting',
  `SELECT p.payment_id AS known, ${ATTEMPT}, ${PAYMENT} FROM routing.payment p
   LEFT JOIN routing.attempt a ON a.payment_id = p.payment_id AND a.status IN ('pending', 'unknown') AND NOT a.late
   WHERE p.payment_id = $1 AND p.merchant_id = $2 AND p.livemode = $3`,
);

/** The live attempt of a merchant's payment; null when it has none, undefined when the merchant has no such payment. */
export async function findWaiting(
  database: Database,
  of: PaymentOfMerchant,
): Promise<AttemptOfPayment | null | undefined> {
  const { paymentId, merchantId, livemode } = of;
  const [row] = await database.asTenant(of).query<AttemptRow>(findWaitingSql, [paymentId, merchantId, livemode]);
  if (row === undefined) return undefined;
  return (row.id as string | null) === null ? null : toAttemptOfPayment(row);
}

export interface Turn {
  readonly paymentId: string;
  readonly attemptId: string;
  /** Known to this submission alone. */
  readonly token: string;
}

/** A look at the attempt follows the end of the turn by this much, in ms, should whoever has it die. */
const CHECK_AFTER_TURN_MS = 1_000;

const takeTurnSql = statement(
  'routing.take_turn',
  `WITH turn AS (
     INSERT INTO routing.action_turn AS t (payment_id, tries, token, lease_until)
     VALUES ($1, 1, $3, clock_timestamp() + $4 * interval '1 ms')
     ON CONFLICT (payment_id) DO UPDATE SET tries = t.tries + 1, token = EXCLUDED.token, lease_until = EXCLUDED.lease_until, changed_at = now()
       WHERE (t.token IS NULL OR t.lease_until <= clock_timestamp()) AND t.tries < $5
     RETURNING 1
   ), looked AS (
     UPDATE routing.attempt a SET next_check_at = LEAST(a.next_check_at, clock_timestamp() + ($4 + ${CHECK_AFTER_TURN_MS}) * interval '1 ms')
     WHERE a.id = $2 AND a.status IN ('pending', 'unknown') AND EXISTS (SELECT FROM turn)
   )
   SELECT EXISTS (SELECT FROM turn) AS ours, COALESCE((SELECT tries >= $5 FROM routing.action_turn WHERE payment_id = $1), false) AS "usedUp"`,
);

/**
 * Takes the turn of handing something on, if nobody has it and there were not too many. Should the taker die, the attempt is asked
 * about when the turn ends, and another may have it.
 */
export async function takeTurn(
  database: Database,
  turn: Turn,
  leaseMs: number,
  maxTries: number,
): Promise<'ours' | 'taken' | 'used_up'> {
  const [row] = await database.query<{ ours: boolean; usedUp: boolean }>(takeTurnSql, [
    turn.paymentId,
    turn.attemptId,
    turn.token,
    leaseMs,
    maxTries,
  ]);
  if (row?.ours === true) return 'ours';
  return row?.usedUp === true ? 'used_up' : 'taken';
}

const endTurnSql = statement(
  'routing.end_turn',
  `UPDATE routing.action_turn SET token = NULL, lease_until = NULL, tries = tries - $3, changed_at = now() WHERE payment_id = $1 AND token = $2`,
);

/** @param counts false where nothing reached the gateway: then it was no try */
export async function endTurn(database: Database, turn: Turn, counts: boolean): Promise<void> {
  await database.query(endTurnSql, [turn.paymentId, turn.token, counts ? 0 : 1]);
}
