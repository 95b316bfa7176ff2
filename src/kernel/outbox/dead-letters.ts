/**
 * Events that were given up on for a consumer: listed, and replayed by people. A dead letter stands in the consumer's database
 * and its event in the publisher's outbox; so every function here is given all databases, under the kernel's role.
 */
import type { Queryable } from '../database/tx.js';
import { DomainError } from '../errors/domain-error.js';

export interface DeadLetter {
  readonly consumer: string;
  readonly eventId: string;
  /** Null, as is the aggregate, when the event is in none of the outboxes: its module has been moved without it. */
  readonly type: string | null;
  readonly aggregateId: string | null;
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

interface LetterRow {
  readonly consumer: string;
  readonly event_id: string;
  readonly type: string | null;
  readonly aggregateid: string | null;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly abandoned_at: Date;
}

export interface DeadLetterPage {
  /** Newest first. */
  readonly letters: readonly DeadLetter[];
  /** How many there are on all pages, at the same moment: what a replay of this scope would touch. */
  readonly total: number;
}

export async function listDeadLetters(
  databases: readonly Queryable[],
  filter: DeadLetterFilter,
): Promise<DeadLetterPage> {
  const found = await Promise.all(databases.map((database) => lettersIn(database, filter)));
  const rows = found
    .flatMap((each) => each.rows)
    .toSorted(newestFirst)
    .slice(0, filter.limit);
  const unknown = rows.filter((row) => row.type === null).map((row) => row.event_id);
  const elsewhere = unknown.length === 0 ? new Map<string, EventName>() : await namesOf(databases, unknown);
  const letters = rows.map((row) => ({
    consumer: row.consumer,
    eventId: row.event_id,
    type: row.type ?? elsewhere.get(row.event_id)?.type ?? null,
    aggregateId: row.aggregateid ?? elsewhere.get(row.event_id)?.aggregateid ?? null,
    attempts: row.attempts,
    lastError: row.last_error,
    abandonedAt: row.abandoned_at,
  }));
  return { letters, total: found.reduce((sum, { total }) => sum + total, 0) };
}

/**
 * With what the database's own outbox knows of the events. Consumers are ordered by their bytes, as {@link newestFirst} does. Letters and
 * their number come from one statement, so that they are of one moment.
 */
async function lettersIn(
  database: Queryable,
  filter: DeadLetterFilter,
): Promise<{ readonly rows: readonly LetterRow[]; readonly total: number }> {
  const rows = await database.query<{ [Column in keyof LetterRow]: LetterRow[Column] | null } & { total: bigint }>(
    `SELECT all_pages.total, letter.* FROM (
        SELECT count(*) AS total FROM messaging.delivery WHERE abandoned_at IS NOT NULL AND ($1::text IS NULL OR consumer = $1)) all_pages
       LEFT JOIN LATERAL (
        SELECT d.consumer, d.event_id, o.type, o.aggregateid, d.attempts, d.last_error, d.abandoned_at
          FROM messaging.delivery d LEFT JOIN messaging.outbox o ON o.id = d.event_id AND o.created_at = d.event_created_at
         WHERE d.abandoned_at IS NOT NULL AND ($1::text IS NULL OR d.consumer = $1)
           AND ($2::uuid IS NULL OR (d.event_id, d.consumer COLLATE "C") < ($2, $4::text))
         ORDER BY d.event_id DESC, d.consumer COLLATE "C" DESC LIMIT $3) letter ON true`,
    [
      filter.consumer ?? null,
      filter.startingAfter?.eventId ?? null,
      filter.limit,
      filter.startingAfter?.consumer ?? null,
    ],
  );
  return {
    rows: rows.filter((row): row is LetterRow & { total: bigint } => row.event_id !== null),
    total: Number(rows[0]?.total ?? 0n),
  };
}

function newestFirst(a: LetterRow, b: LetterRow): number {
  if (a.event_id !== b.event_id) return a.event_id < b.event_id ? 1 : -1;
  return a.consumer < b.consumer ? 1 : -1;
}

interface EventName {
  readonly id: string;
  readonly type: string;
  readonly aggregateid: string;
}

async function namesOf(
  databases: readonly Queryable[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, EventName>> {
  const found = await Promise.all(
    databases.map((database) =>
      database.query<EventName>('SELECT id, type, aggregateid FROM messaging.outbox WHERE id = ANY($1::uuid[])', [ids]),
    ),
  );
  return new Map(found.flat().map((name) => [name.id, name]));
}

/**
 * Gives dead letters another full round of tries, beginning at once; the sweeper of the consumer's database dispatches them
 * within a second or so, and fetches the event where it was published elsewhere.
 * @returns how many there were.
 * @throws {DomainError} `dead_letter.not_found` when one event is named and is no dead letter of this consumer.
 */
export async function replayDeadLetters(
  databases: readonly Queryable[],
  scope: { consumer: string; eventId?: string | undefined },
): Promise<number> {
  const replayed = await Promise.all(
    databases.map((database) =>
      database.query(
        `UPDATE messaging.delivery SET abandoned_at = NULL, next_attempt_at = now(), attempts = 0
          WHERE consumer = $1 AND abandoned_at IS NOT NULL AND ($2::uuid IS NULL OR event_id = $2) RETURNING 1`,
        [scope.consumer, scope.eventId ?? null],
      ),
    ),
  );
  const count = replayed.flat().length;
  if (count === 0 && scope.eventId !== undefined) throw new DomainError('dead_letter.not_found');
  return count;
}
