/** Events that were given up on for a consumer: listed, and replayed by people. */
import type { Database } from '../database/database.js';
import { DomainError } from '../errors/domain-error.js';

export interface DeadLetter {
  readonly consumer: string;
  readonly eventId: string;
  readonly type: string;
  readonly aggregateId: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly abandonedAt: Date;
}

interface DeadLetterFilter {
  readonly consumer?: string | undefined;
  readonly limit: number;
  /** Event and consumer of the last row of the previous page: one event may be dead for several consumers. */
  readonly startingAfter?: { readonly eventId: string; readonly consumer: string } | undefined;
}

export async function listDeadLetters(database: Database, filter: DeadLetterFilter): Promise<DeadLetter[]> {
  const rows = await database.query<{
    consumer: string;
    event_id: string;
    type: string;
    aggregateid: string;
    attempts: number;
    last_error: string | null;
    abandoned_at: Date;
  }>(
    `SELECT d.consumer, d.event_id, o.type, o.aggregateid, d.attempts, d.last_error, d.abandoned_at
       FROM messaging.delivery d JOIN messaging.outbox o ON o.id = d.event_id AND o.created_at = d.event_created_at
      WHERE d.abandoned_at IS NOT NULL AND ($1::text IS NULL OR d.consumer = $1) AND ($2::uuid IS NULL OR (d.event_id, d.consumer) < ($2, $4::text))
      ORDER BY d.event_id DESC, d.consumer DESC LIMIT $3`,
    [
      filter.consumer ?? null,
      filter.startingAfter?.eventId ?? null,
      filter.limit,
      filter.startingAfter?.consumer ?? null,
    ],
  );
  return rows.map((row) => ({
    consumer: row.consumer,
    eventId: row.event_id,
    type: row.type,
    aggregateId: row.aggregateid,
    attempts: row.attempts,
    lastError: row.last_error,
    abandonedAt: row.abandoned_at,
  }));
}

/** How many dead letters a replay of this scope would touch: to be shown before acting. */
export async function countDeadLetters(database: Database, consumer: string | undefined): Promise<number> {
  const rows = await database.query<{ count: bigint }>(
    'SELECT count(*) FROM messaging.delivery WHERE abandoned_at IS NOT NULL AND ($1::text IS NULL OR consumer = $1)',
    [consumer ?? null],
  );
  return Number(rows[0]?.count ?? 0n);
}

/**
 * Gives dead letters another full round of tries, beginning at once; the sweeper dispatches them within a second or so.
 * @returns how many there were.
 * @throws {DomainError} `dead_letter.not_found` when one event is named and is no dead letter of this consumer.
 */
export async function replayDeadLetters(
  database: Database,
  scope: { consumer: string; eventId?: string | undefined },
): Promise<number> {
  const rows = await database.query(
    `UPDATE messaging.delivery SET abandoned_at = NULL, next_attempt_at = now(), attempts = 0
      WHERE consumer = $1 AND abandoned_at IS NOT NULL AND ($2::uuid IS NULL OR event_id = $2) RETURNING 1`,
    [scope.consumer, scope.eventId ?? null],
  );
  if (rows.length === 0 && scope.eventId !== undefined) throw new DomainError('dead_letter.not_found');
  return rows.length;
}
