/** How replicas tell each other what they saw: an append-only table that all of them read, and now and then what one of them believes. */
import type { Database } from '../../../kernel/database/database.js';
import { statement } from '../../../kernel/database/tx.js';
import { newUuid } from '../../../kernel/ids/ids.js';

const insertSql = statement(
  'routing.tell_observations',
  'INSERT INTO routing.observation (observer, content) VALUES ($1, $2) RETURNING seq',
);

/** @returns its place in the line */
export async function insertObservations(database: Database, observer: string, content: unknown): Promise<bigint> {
  const [row] = await database.query<{ seq: bigint }>(insertSql, [observer, JSON.stringify(content)]);
  if (row === undefined) throw new Error('observations were not inserted');
  return row.seq;
}

export interface ObservationRow {
  readonly seq: bigint;
  readonly observer: string;
  readonly content: unknown;
  /** How long ago it was told, by the database's clock. */
  readonly ageMs: number;
}

const readSql = statement(
  'routing.read_observations',
  `SELECT seq, observer, content, (extract(epoch FROM clock_timestamp() - observed_at) * 1000)::float8 AS "ageMs"
   FROM routing.observation WHERE seq > $1 AND seq <> ALL ($2::bigint[]) ORDER BY seq LIMIT $3`,
);

export async function readObservations(
  database: Database,
  after: bigint,
  except: readonly bigint[],
  limit: number,
): Promise<ObservationRow[]> {
  return database.query<ObservationRow>(readSql, [after.toString(), except.map(String), limit]);
}

export interface BeliefRow {
  readonly coversSeq: bigint;
  readonly content: unknown;
  readonly ageMs: number;
}

const latestBeliefSql = statement(
  'routing.latest_belief',
  `SELECT covers_seq AS "coversSeq", content, (extract(epoch FROM clock_timestamp() - held_at) * 1000)::float8 AS "ageMs"
   FROM routing.belief ORDER BY id DESC LIMIT 1`,
);

export async function latestBelief(database: Database): Promise<BeliefRow | undefined> {
  const [row] = await database.query<BeliefRow>(latestBeliefSql);
  return row;
}

const insertBeliefSql = statement(
  'routing.keep_belief',
  `INSERT INTO routing.belief (id, covers_seq, content)
   SELECT $1, $2, $3 WHERE NOT EXISTS (
     SELECT FROM (SELECT held_at FROM routing.belief ORDER BY id DESC LIMIT 1) latest WHERE held_at > clock_timestamp() - make_interval(secs => $4))
   RETURNING id`,
);

/** Unless somebody did so within the last `unlessWithinMs`. */
export async function insertBelief(
  database: Database,
  belief: { readonly coversSeq: bigint; readonly content: unknown },
  unlessWithinMs: number,
): Promise<boolean> {
  const rows = await database.query(insertBeliefSql, [
    newUuid(),
    belief.coversSeq.toString(),
    JSON.stringify(belief.content),
    unlessWithinMs / 1_000,
  ]);
  return rows.length > 0;
}

const dropBeliefsSql = statement(
  'routing.drop_beliefs',
  'DELETE FROM routing.belief WHERE id < (SELECT min(id::text)::uuid FROM (SELECT id FROM routing.belief ORDER BY id DESC LIMIT $1) kept)',
);

const dropObservationsSql = statement(
  'routing.drop_observations',
  `DELETE FROM routing.observation WHERE seq IN (
     SELECT seq FROM routing.observation WHERE seq <= $1 AND observed_at < clock_timestamp() - make_interval(secs => $2) ORDER BY seq LIMIT $3)`,
);

/** Drops what a new process does not need any more: all beliefs but the latest few, and observations that one covers and all have read. */
export async function dropOld(
  database: Database,
  options: {
    readonly keepBeliefs: number;
    readonly coveredSeq: bigint;
    readonly olderThanMs: number;
    readonly atMost: number;
  },
): Promise<void> {
  const { keepBeliefs, coveredSeq, olderThanMs, atMost } = options;
  await database.query(dropBeliefsSql, [keepBeliefs]);
  await database.query(dropObservationsSql, [coveredSeq.toString(), olderThanMs / 1_000, atMost]);
}
