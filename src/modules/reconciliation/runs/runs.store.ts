/** Runs: asking for one, taking it up, telling how far it is. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { ListingState } from '../listings/listing.js';

export type RunState = 'waiting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';
export const RUN_STATES = ['waiting', 'queued', 'running', 'succeeded', 'failed', 'canceled'] as const;

/** In this order; `null` is before the first. */
export const PHASES = ['records', 'lines', 'leftovers', 'movements'] as const;
export type Phase = (typeof PHASES)[number];

/** Where a phase goes on: behind this time and id. */
export interface Cursor {
  /** ISO 8601 in microseconds, as the database tells it: a Date would lose digits, and rows with them. */
  readonly at: string;
  readonly id: string;
}

/** What a run has found and done so far. */
/** The job of runs that compare a whole day, once it is over. */
export const DAILY = 'daily';

export interface Counts {
  readonly records: number;
  readonly lines: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly opened: number;
  readonly changed: number;
  readonly closed: number;
  /** Attempts that their gateway is asked about once more. */
  readonly asked: number;
  /** Breaks that were booked, as they were certain. */
  readonly resolved: number;
}
export const NOTHING: Counts = {
  records: 0,
  lines: 0,
  matched: 0,
  unmatched: 0,
  opened: 0,
  changed: 0,
  closed: 0,
  asked: 0,
  resolved: 0,
};

/** How much of the gateway's own books is in, of a run that asked for them. */
export interface RunListing {
  readonly state: ListingState;
  /** Null until the gateway was read to the end. */
  readonly pages: number | null;
  readonly pagesIn: number;
  readonly linesIn: number;
  readonly asks: number;
  /** Why there are none. */
  readonly code: string | null;
}

export interface Run {
  readonly id: string;
  readonly job: string;
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
  readonly from: Date;
  readonly to: Date;
  readonly state: RunState;
  readonly sourceId: string | null;
  /** Of the source; null where the gateway was not asked. */
  readonly listing: RunListing | null;
  readonly phase: Phase | null;
  readonly cursor: Cursor | null;
  readonly done: bigint;
  readonly total: bigint;
  readonly counts: Counts;
  readonly asOf: Date | null;
  readonly fence: bigint;
  readonly tries: number;
  readonly problem: string | null;
  readonly cancelRequested: boolean;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/* No column of a listing is called source_id, so that it is the run's. */
const LISTING = `(SELECT json_build_object('state', l.state, 'pages', l.pages, 'pagesIn', l.pages_in, 'linesIn', l.items_in, 'asks', l.asks, 'code', l.code)
  FROM reconciliation.listing l WHERE l.id = source_id) AS listing`;

const RUN = `id, job, gateway_account_id AS "gatewayAccountId", gateway, livemode, window_from AS "from", window_to AS "to", state,
  source_id AS "sourceId", phase, cursor, done, total, counts, as_of AS "asOf", fence, tries, problem, cancel_requested AS "cancelRequested",
  created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt", ${LISTING}`;

export interface NewRun {
  readonly id: string;
  readonly job: string;
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
  readonly from: Date;
  readonly to: Date;
  readonly sourceId: string | null;
  readonly requestedBy: string | null;
}

/** @returns the run of that job and window: this one, or the one that was there */
export async function insertRun(queryable: Queryable, run: NewRun): Promise<{ readonly run: Run; isNew: boolean }> {
  const values = [run.gatewayAccountId, run.job, run.from.toISOString(), run.to.toISOString()];
  const inserted = await queryable.query<Run>(
    `INSERT INTO reconciliation.run (gateway_account_id, job, window_from, window_to, id, gateway, livemode, source_id, requested_by, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::uuid, $9, CASE WHEN $8::uuid IS NULL THEN 'queued' ELSE 'waiting' END)
     ON CONFLICT (gateway_account_id, job, window_from, window_to) DO NOTHING RETURNING ${RUN}`,
    [...values, run.id, run.gateway, run.livemode, run.sourceId, run.requestedBy],
  );
  const [known] =
    inserted.length > 0
      ? inserted
      : await queryable.query<Run>(
          `SELECT ${RUN} FROM reconciliation.run WHERE gateway_account_id = $1 AND job = $2 AND window_from = $3 AND window_to = $4`,
          values,
        );
  if (known === undefined) throw new Error('A run was neither inserted nor there');
  return { run: known, isNew: inserted.length > 0 };
}

export async function findRun(queryable: Queryable, id: string): Promise<Run | undefined> {
  const [run] = await queryable.query<Run>(`SELECT ${RUN} FROM reconciliation.run WHERE id = $1`, [id]);
  return run;
}

/** One over the same window that has not ended. */
export async function findGoingOn(
  queryable: Queryable,
  { gatewayAccountId, from, to }: Pick<NewRun, 'gatewayAccountId' | 'from' | 'to'>,
): Promise<Run | undefined> {
  const [run] = await queryable.query<Run>(
    `SELECT ${RUN} FROM reconciliation.run
      WHERE gateway_account_id = $1 AND window_from = $2 AND window_to = $3 AND state IN ('waiting', 'queued', 'running') ORDER BY id LIMIT 1`,
    [gatewayAccountId, from.toISOString(), to.toISOString()],
  );
  return run;
}

/**
 * How long a run is a dead process's, in seconds: twice the time limit of a statement, of which a chunk has a handful that take tens of
 * milliseconds.
 */
const LEASE_SECONDS = 60;

/*
 * The oldest that is due, unless another of its account is being worked on. That the row is still so is asked again when it is locked; two
 * of one account that are taken up at the same moment meet the unique index, and one of them waits for its next turn. Not prepared: it reads all
 * that is due, which is little.
 */
const CLAIM = `UPDATE reconciliation.run r SET state = 'running', fence = r.fence + 1, tries = r.tries + 1, lease_until = now() + make_interval(secs => $1),
     started_at = COALESCE(r.started_at, now()), as_of = COALESCE(r.as_of, now())
   WHERE r.id = (
     SELECT d.id FROM reconciliation.run d
      WHERE d.state IN ('queued', 'running') AND (d.state = 'queued' OR d.lease_until < now())
        AND NOT EXISTS (SELECT FROM reconciliation.run o WHERE o.gateway_account_id = d.gateway_account_id AND o.state = 'running' AND o.id <> d.id)
      ORDER BY d.id LIMIT 1 FOR UPDATE SKIP LOCKED)
   RETURNING ${RUN}`;

/** Takes up a run that is due, or one whose process died. */
export async function claimRun(queryable: Queryable): Promise<Run | undefined> {
  const [run] = await queryable.query<Run>(CLAIM, [LEASE_SECONDS]);
  return run;
}

export interface Progress {
  readonly phase: Phase | null;
  readonly cursor: Cursor | null;
  readonly done: bigint;
  readonly total: bigint;
  readonly counts: Counts;
}

const advanceStatement = statement(
  'reconciliation.advance_run',
  `UPDATE reconciliation.run SET phase = $3, cursor = $4, done = $5, total = $6, counts = $7, lease_until = now() + make_interval(secs => $8)
   WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING cancel_requested AS "cancelRequested"`,
);

/** Raised in a process that slept through its lease: another has the run, or it is over. */
export class LostRun extends Error {
  override readonly name = 'LostRun';
}

/**
 * Says how far a run is, renews its lease, and locks its row until the transaction ends.
 * @returns whether somebody wants it to end
 * @throws {LostRun} when it is not this process's any more: nothing of the transaction may stay
 */
export async function advanceRun(tx: Tx, run: Pick<Run, 'id' | 'fence'>, to: Progress): Promise<boolean> {
  const [row] = await tx.query<{ cancelRequested: boolean }>(advanceStatement, [
    run.id,
    run.fence,
    to.phase,
    to.cursor === null ? null : JSON.stringify(to.cursor),
    to.done,
    to.total,
    JSON.stringify(to.counts),
    LEASE_SECONDS,
  ]);
  if (row === undefined) throw new LostRun(`Run ${run.id} is another process's`);
  return row.cancelRequested;
}

/** Enough to see what went wrong. */
const MAX_PROBLEM_LENGTH = 500;

/** @throws {LostRun} when it is not this process's any more */
export async function finishRun(
  queryable: Queryable,
  run: Pick<Run, 'id' | 'fence'>,
  state: 'succeeded' | 'failed' | 'canceled',
  problem: string | null = null,
): Promise<void> {
  const rows = await queryable.query(
    `UPDATE reconciliation.run SET state = $3, problem = $4, finished_at = now(), lease_until = NULL
      WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING 1`,
    [run.id, run.fence, state, problem?.slice(0, MAX_PROBLEM_LENGTH) ?? null],
  );
  if (rows.length === 0) throw new LostRun(`Run ${run.id} is another process's`);
}

/** Gives a run back, to be taken up again from where it is. */
export async function releaseRun(
  queryable: Queryable,
  run: Pick<Run, 'id' | 'fence'>,
  problem: string | null,
): Promise<void> {
  await queryable.query(
    `UPDATE reconciliation.run SET state = 'queued', lease_until = NULL, problem = $3 WHERE id = $1 AND fence = $2 AND state = 'running'`,
    [run.id, run.fence, problem?.slice(0, MAX_PROBLEM_LENGTH) ?? null],
  );
}

/** At once where nobody works on it; else at the end of the chunk. @returns undefined when it is over already, or unknown */
export async function cancelRun(queryable: Queryable, id: string): Promise<Run | undefined> {
  const [run] = await queryable.query<Run>(
    `UPDATE reconciliation.run SET cancel_requested = true,
       state = CASE WHEN state = 'running' THEN state ELSE 'canceled' END,
       finished_at = CASE WHEN state = 'running' THEN NULL ELSE now() END
     WHERE id = $1 AND state IN ('waiting', 'queued', 'running') RETURNING ${RUN}`,
    [id],
  );
  return run;
}

export interface RunFilter {
  readonly gatewayAccountId: string | null;
  readonly state: RunState | null;
  readonly livemode: boolean | null;
  readonly limit: number;
  /** Those that were asked for before this one. */
  readonly before: string | null;
  /** Those that were asked for after this one. */
  readonly after: string | null;
}

/** The newest first. */
export async function listRuns(queryable: Queryable, filter: RunFilter): Promise<readonly Run[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  const rows = await queryable.query<Run>(
    `SELECT ${RUN} FROM reconciliation.run
      WHERE ($1::uuid IS NULL OR gateway_account_id = $1) AND ($2::text IS NULL OR state = $2)
        AND ($3::uuid IS NULL OR id < $3) AND ($4::uuid IS NULL OR id > $4) AND ($6::boolean IS NULL OR livemode = $6)
      ORDER BY id ${isBackwards ? 'ASC' : 'DESC'} LIMIT $5`,
    [filter.gatewayAccountId, filter.state, filter.before, filter.after, filter.limit, filter.livemode],
  );
  return isBackwards ? rows.toReversed() : rows;
}

export interface KnownAccount {
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
}

const ACCOUNT = `gateway_account_id AS "gatewayAccountId", gateway, livemode`;

/** Of which there is an attempt, or a source. */
export async function findAccount(queryable: Queryable, id: string): Promise<KnownAccount | undefined> {
  const [account] = await queryable.query<KnownAccount>(
    `(SELECT ${ACCOUNT} FROM reconciliation.record WHERE gateway_account_id = $1 LIMIT 1)
     UNION ALL (SELECT ${ACCOUNT} FROM reconciliation.source WHERE gateway_account_id = $1 LIMIT 1) LIMIT 1`,
    [id],
  );
  return account;
}

const nextAccountStatement = statement(
  'reconciliation.next_account',
  `SELECT ${ACCOUNT} FROM reconciliation.record WHERE gateway_account_id > $1 ORDER BY gateway_account_id, started_at LIMIT 1`,
);

/** Every account at which an attempt was made: one step of an index for each, however many attempts there are. */
export async function everyAccount(queryable: Queryable): Promise<readonly KnownAccount[]> {
  const accounts: KnownAccount[] = [];
  for (let last = FIRST_ID; ;) {
    const [next] = await queryable.query<KnownAccount>(nextAccountStatement, [last]);
    if (next === undefined) return accounts;
    accounts.push(next);
    last = next.gatewayAccountId;
  }
}

/** No id sorts before it. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Those that waited for a source may begin: it is there, or it will not come. */
export async function releaseWaiting(queryable: Queryable, sourceId: string): Promise<void> {
  await queryable.query(`UPDATE reconciliation.run SET state = 'queued' WHERE source_id = $1 AND state = 'waiting'`, [
    sourceId,
  ]);
}

/** Has a run that nobody has begun wait for a source. In the transaction that makes both. */
export async function waitForSource(tx: Tx, id: string, sourceId: string): Promise<Run> {
  const [run] = await tx.query<Run>(
    `UPDATE reconciliation.run SET state = 'waiting', source_id = $2 WHERE id = $1 AND state = 'queued' RETURNING ${RUN}`,
    [id, sourceId],
  );
  if (run === undefined) throw new Error(`Run ${id} cannot wait any more`);
  return run;
}

/** Those that waited for a source wait for another one. */
export async function moveWaiting(queryable: Queryable, fromId: string, toId: string): Promise<void> {
  await queryable.query(`UPDATE reconciliation.run SET source_id = $2 WHERE source_id = $1 AND state = 'waiting'`, [
    fromId,
    toId,
  ]);
}
