/** The SQL of the senders: taking what is due under a lease, and writing down what came of it. */
import type { Language } from '../../../config/message-settings.js';
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import type { Sealed } from '../../../kernel/secrets/vault.js';
import type { AttemptOutcome, Verdict } from './attempt-outcome.js';
import type { Channel, Said } from './message-kinds.js';
import { ALERT_PACE } from './messages.store.js';

/** A message that this process holds. */
export interface ClaimedMessage {
  readonly id: string;
  readonly kind: Said['kind'];
  readonly data: Said['data'];
  readonly language: Language;
  readonly count: number;
  readonly claims: number;
  /** Attempts before this one. */
  readonly attempts: number;
  /** Until it is of no use; 0 or less: it is of none. */
  readonly leftMs: number;
  /** Somebody had begun to send it, and did not say what came of it. */
  readonly interrupted: boolean;
  /** Null: its content was erased. */
  readonly sealed: Sealed | null;
}

/**
 * Takes what is due, oldest first. A message counts against its addressee's hour when it is taken for the first time; what is beyond the limit
 * waits for the next hour, scattered over its first minutes. Alerts do not count: they are gathered, and so bounded by themselves.
 */
const claimStatement = statement(
  'notification.claim_messages',
  `WITH picked AS MATERIALIZED (
     SELECT id, kind, channel, audience, state, claims, addressee_hash FROM notification.message
     WHERE due_channel = $1 AND next_attempt_at <= now() ORDER BY next_attempt_at LIMIT $2::integer FOR UPDATE SKIP LOCKED),
   fresh AS MATERIALIZED (
     SELECT id, addressee_hash, row_number() OVER (PARTITION BY addressee_hash ORDER BY id) AS place, count(*) OVER (PARTITION BY addressee_hash) AS asked
     FROM picked WHERE claims = 0 AND audience <> 'operations'),
   allowance AS (
     INSERT INTO notification.addressee_allowance AS a (addressee_hash, hour, used)
     SELECT addressee_hash, date_trunc('hour', now()), count(*) FROM fresh GROUP BY addressee_hash ORDER BY addressee_hash
     ON CONFLICT (addressee_hash, hour) DO UPDATE SET used = a.used + excluded.used
     RETURNING addressee_hash, used),
   held AS MATERIALIZED (
     SELECT f.id FROM fresh f JOIN allowance a ON a.addressee_hash = f.addressee_hash WHERE a.used - f.asked + f.place > $4::integer),
   paced AS (
     INSERT INTO notification.alert_pace (kind, channel, free_at)
     SELECT DISTINCT kind, channel, now() + interval '${ALERT_PACE}' FROM picked WHERE audience = 'operations' AND claims = 0
     ON CONFLICT (kind, channel) DO UPDATE SET free_at = excluded.free_at),
   taken AS (
     UPDATE notification.message m
     SET state = CASE WHEN h.id IS NULL THEN 'sending' ELSE 'queued' END,
       claims = m.claims + CASE WHEN h.id IS NULL THEN 1 ELSE 0 END,
       last_error = CASE WHEN h.id IS NULL THEN m.last_error ELSE 'addressee_limit' END,
       next_attempt_at = CASE WHEN h.id IS NULL THEN now() + $3::integer * interval '1 millisecond'
         ELSE date_trunc('hour', now()) + interval '1 hour' + random() * interval '5 minutes' END
     FROM picked p LEFT JOIN held h ON h.id = p.id WHERE m.id = p.id
     RETURNING m.id, m.kind, m.data, m.language, m.count, m.claims, m.attempts, m.expires_at, p.state AS before, h.id IS NOT NULL AS held)
   SELECT t.id, t.kind, t.data, t.language, t.count, t.claims, t.attempts, t.held, t.before = 'sending' AS interrupted,
     floor(extract(epoch FROM t.expires_at - now()) * 1000)::float8 AS "leftMs",
     (SELECT c.sealed FROM notification.message_content c WHERE c.message_id = t.id) AS sealed
   FROM taken t`,
);

export interface ClaimOptions {
  readonly channel: Channel;
  readonly limit: number;
  readonly leaseMs: number;
  /** Messages that one addressee is sent in an hour. */
  readonly perHour: number;
}

/** @returns those that were taken, and how many wait for their addressees' next hour */
export async function claimMessages(
  db: Queryable,
  { channel, limit, leaseMs, perHour }: ClaimOptions,
): Promise<{ readonly taken: readonly ClaimedMessage[]; readonly held: number }> {
  const rows = await db.query<ClaimedMessage & { readonly held: boolean }>(claimStatement, [
    channel,
    limit,
    leaseMs,
    perHour,
  ]);
  const taken = rows.filter((row) => !row.held);
  return { taken, held: rows.length - taken.length };
}

const releaseStatement = statement(
  'notification.release_messages',
  `UPDATE notification.message m SET state = 'queued', next_attempt_at = now()
   FROM unnest($1::uuid[], $2::integer[]) AS r (id, claims) WHERE m.id = r.id AND m.claims = r.claims AND m.state = 'sending'`,
);

/** Gives back what was taken and not begun. */
export async function releaseMessages(db: Queryable, messages: readonly ClaimedMessage[]): Promise<void> {
  await db.query(releaseStatement, [messages.map(({ id }) => id), messages.map(({ claims }) => claims)]);
}

export interface Attempt {
  readonly message: ClaimedMessage;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
}

/** A success counts whoever reports it and whatever others have thought since: the addressee has it. */
const sentStatement = statement(
  'notification.record_sent',
  `WITH done AS (
     UPDATE notification.message SET state = 'sent', next_attempt_at = NULL, attempts = attempts + 1, last_error = NULL, provider_id = $2, sent_at = now()
     WHERE id = $1 AND state <> 'sent' RETURNING id, attempts),
   erased AS (DELETE FROM notification.message_content c USING done WHERE c.message_id = done.id AND $5::boolean)
   INSERT INTO notification.message_attempt (message_id, attempt, started_at, duration_ms, outcome, provider_id)
   SELECT id, attempts, $3, $4, 'sent', $2 FROM done`,
);

/** Anything else counts only under the claim it was made with: another process may be trying by now. */
const unsentStatement = statement(
  'notification.record_unsent',
  `WITH done AS (
     UPDATE notification.message SET state = $3, attempts = attempts + 1, last_error = $6,
       next_attempt_at = CASE WHEN $3 = 'queued' THEN now() + $4::float8 * interval '1 millisecond' WHEN $3 = 'sending' THEN next_attempt_at END
     WHERE id = $1 AND claims = $2 AND state = 'sending' RETURNING id, attempts)
   INSERT INTO notification.message_attempt (message_id, attempt, started_at, duration_ms, outcome, error)
   SELECT id, attempts, $7, $8, $5, $6 FROM done RETURNING attempt`,
);

const endedStatement = statement(
  'notification.end_message',
  `UPDATE notification.message SET state = $3, last_error = $4, next_attempt_at = NULL WHERE id = $1 AND claims = $2 AND state = 'sending'`,
);

/** @param secret the content is erased */
export async function recordAttempt(
  db: Queryable,
  { message, startedAt, durationMs, outcome }: Attempt,
  verdict: Verdict,
  secret: boolean,
): Promise<void> {
  if (outcome.kind === 'sent') {
    await db.query(sentStatement, [message.id, outcome.providerId ?? null, startedAt, durationMs, secret]);
    return;
  }
  const delayMs = verdict.state === 'queued' ? verdict.delayMs : null;
  const { kind, error } = outcome;
  await db.query(unsentStatement, [
    message.id,
    message.claims,
    verdict.state,
    delayMs,
    kind,
    error,
    startedAt,
    durationMs,
  ]);
}

/** Writes down an attempt that whoever made it did not live to tell of. @param goesOn it is tried again under this claim */
export async function recordInterrupted(db: Queryable, message: ClaimedMessage, goesOn: boolean): Promise<boolean> {
  const state = goesOn ? 'sending' : 'abandoned';
  const values = [message.id, message.claims, state, null, 'unknown', 'interrupted', new Date(), 0];
  return (await db.query(unsentStatement, values)).length > 0;
}

/** Without an attempt. */
export async function endMessage(
  db: Queryable,
  message: ClaimedMessage,
  state: 'failed' | 'abandoned',
  error: string,
): Promise<void> {
  await db.query(endedStatement, [message.id, message.claims, state, error]);
}

const waitingStatement = statement(
  'notification.waiting_messages',
  `SELECT count(*)::integer AS waiting, min(created_at) AS oldest FROM (
     SELECT created_at FROM notification.message WHERE state = 'queued' ORDER BY id LIMIT $1::integer) AS w`,
);

/** How many wait, counted up to `limit`, and since when the oldest does. */
export async function countWaiting(
  db: Queryable,
  limit: number,
): Promise<{ readonly waiting: number; readonly oldest: Date | null }> {
  const [row] = await db.query<{ waiting: number; oldest: Date | null }>(waitingStatement, [limit]);
  return row ?? { waiting: 0, oldest: null };
}

const forgetMessagesStatement = statement(
  'notification.forget_messages',
  `WITH old AS MATERIALIZED (SELECT id FROM notification.message WHERE id < $1 ORDER BY id LIMIT $2::integer FOR UPDATE SKIP LOCKED)
   DELETE FROM notification.message m USING old WHERE m.id = old.id RETURNING m.id`,
);
const eraseContentsStatement = statement(
  'notification.erase_contents',
  `WITH due AS MATERIALIZED (
     SELECT message_id FROM notification.message_content WHERE erase_at <= now() ORDER BY erase_at LIMIT $1::integer FOR UPDATE SKIP LOCKED)
   DELETE FROM notification.message_content c USING due WHERE c.message_id = due.message_id RETURNING c.message_id`,
);
const forgetAllowancesStatement = statement(
  'notification.forget_allowances',
  `DELETE FROM notification.addressee_allowance WHERE hour < now() - interval '2 hours'`,
);

/** One step. @returns whether there is more */
export async function forgetOld(db: Queryable, olderThan: string, limit: number): Promise<boolean> {
  await db.query(forgetAllowancesStatement, []);
  const erased = await db.query(eraseContentsStatement, [limit]);
  const forgotten = await db.query(forgetMessagesStatement, [olderThan, limit]);
  return erased.length === limit || forgotten.length === limit;
}
