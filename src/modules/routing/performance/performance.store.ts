/**
 * How attempts ended of late, by gateway account and step of time. It costs the same whatever there is: of each step no more than so many attempts
 * are read, by their ids, and where there were more, the figures are of a sample and say so.
 */
import type { Database } from '../../../kernel/database/database.js';
import { statement } from '../../../kernel/database/tx.js';
import type { RoutedKind } from '../routed-payment.js';
import { lowestIdAt, type Window } from './performance-window.js';

/**
 * Of one step. With twice as many, an answer took 0.26 to 0.29 s among a million attempts (`npm run bench -- --only lists`), which was more than its
 * aim. Eight a second are all read where a step is a minute.
 */
const MAX_PER_BUCKET = 500;
/** Codes of one account that are told: the rest is rare. */
const MAX_ERRORS = 5;

/** Of one account; `bucket` counts from 0, null: the whole window. */
export interface FiguresRow {
  readonly account: string;
  readonly bucket: number | null;
  readonly attempts: number;
  /** The gateway had, or has, the money. */
  readonly succeeded: number;
  /** It ended without money, and that is sure. */
  readonly failed: number;
  /** Of those, for which the customer is to blame: no gateway can help it. */
  readonly refused: number;
  /** Its end is not certain, or it took what was not asked. */
  readonly unknown: number;
  readonly in_flight: number;
  /** From the call to its end, of what has ended, in seconds; null: nothing has. */
  readonly p50_seconds: number | null;
  readonly p95_seconds: number | null;
}

export interface ErrorRow {
  readonly account: string;
  readonly code: string;
  readonly blame: string | null;
  readonly status: string;
  readonly count: number;
}

export interface Performance {
  readonly figures: readonly FiguresRow[];
  readonly errors: readonly ErrorRow[];
  /** In some step there were more than were read. */
  readonly isSample: boolean;
}

const performanceSql = statement(
  'routing.performance',
  `WITH seen AS MATERIALIZED (
     SELECT b.n::int - 1 AS n, a.* FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS b(lower, upper, n)
     CROSS JOIN LATERAL (
       SELECT gateway_account_id, kind, livemode, status, outcome_code, blame, sent_at, concluded_at FROM routing.attempt
       WHERE id >= b.lower AND id < b.upper ORDER BY id LIMIT $3
     ) a
   ), asked AS MATERIALIZED (
     SELECT *, extract(epoch FROM concluded_at - sent_at)::float8 AS seconds FROM seen
     WHERE kind = $4 AND livemode = $5 AND ($6::uuid IS NULL OR gateway_account_id = $6)
   )
   SELECT
     (SELECT coalesce(jsonb_agg(f), '[]') FROM (
       SELECT gateway_account_id AS account, n AS bucket, count(*) AS attempts,
         count(*) FILTER (WHERE status IN ('succeeded', 'surplus', 'returned')) AS succeeded,
         count(*) FILTER (WHERE status IN ('declined', 'not_sent')) AS failed,
         count(*) FILTER (WHERE status IN ('declined', 'not_sent') AND blame = 'customer') AS refused,
         count(*) FILTER (WHERE status IN ('unknown', 'quarantined')) AS unknown,
         count(*) FILTER (WHERE status IN ('planned', 'sending', 'pending')) AS in_flight,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50_seconds, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95_seconds
       FROM asked GROUP BY GROUPING SETS ((gateway_account_id), (gateway_account_id, n))
     ) f) AS figures,
     (SELECT coalesce(jsonb_agg(e ORDER BY e.count DESC, e.code), '[]') FROM (
       SELECT gateway_account_id AS account, outcome_code AS code, blame, status, count(*),
         row_number() OVER (PARTITION BY gateway_account_id ORDER BY count(*) DESC, outcome_code) AS place
       FROM asked WHERE status IN ('declined', 'not_sent', 'unknown') AND outcome_code IS NOT NULL GROUP BY 1, 2, 3, 4
     ) e WHERE e.place <= ${MAX_ERRORS}) AS errors,
     coalesce((SELECT bool_or(whole) FROM (SELECT count(*) >= $3 AS whole FROM seen GROUP BY n) of_step), false) AS "isSample"`,
);

export interface PerformanceFilter {
  readonly kind: RoutedKind;
  readonly livemode: boolean;
  /** Undefined: every account. */
  readonly accountId: string | undefined;
}

export async function readPerformance(
  database: Database,
  { startsMs, endMs }: Pick<Window, 'startsMs' | 'endMs'>,
  { kind, livemode, accountId }: PerformanceFilter,
  maxPerBucket = MAX_PER_BUCKET,
): Promise<Performance> {
  const [row] = await database.query<Performance>(performanceSql, [
    startsMs.map(lowestIdAt),
    [...startsMs.slice(1), endMs].map(lowestIdAt),
    maxPerBucket,
    kind,
    livemode,
    accountId ?? null,
  ]);
  if (row === undefined) throw new Error('Nothing was answered about performance');
  return row;
}
