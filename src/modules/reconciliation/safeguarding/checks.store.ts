/** Safeguarding checks: what was asked for one, what was told, and what it came to. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { PayloadOf } from '../../../kernel/outbox/event.js';
import type { obligationsTold } from '../../../contracts/ledger.events.js';
import type { Coverage, CoverageStatus } from './judge-coverage.js';

export type ToldObligations = PayloadOf<typeof obligationsTold>;
export type CheckState = 'waiting' | 'judged' | 'failed';

export interface NewCheck {
  readonly id: string;
  /** With `windowFrom`: there is one check of each. */
  readonly job: string;
  readonly windowFrom: Date;
  /** `2026-11-27`. */
  readonly capturedSince: string;
  readonly listingIds: readonly string[];
  readonly requestedBy: string | null;
}

export interface Check extends NewCheck {
  readonly state: CheckState;
  readonly problem: string | null;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
}

/** One that waits, with what has come in. */
export interface WaitingCheck extends Check {
  readonly obligations: ToldObligations | null;
  /** Listings of balances that have not ended. */
  readonly openListingIds: readonly string[];
}

const CHECK = `c.id, c.job, c.window_from AS "windowFrom", c.captured_since::text AS "capturedSince", c.listing_ids AS "listingIds", c.requested_by AS "requestedBy",
  c.state, c.problem, c.created_at AS "createdAt", c.closed_at AS "closedAt"`;

const insertStatement = statement(
  'reconciliation.insert_safeguarding_check',
  `INSERT INTO reconciliation.safeguarding_check AS c (id, job, window_from, captured_since, listing_ids, requested_by) VALUES ($1, $2, $3, $4, $5, $6)
   ON CONFLICT DO NOTHING RETURNING ${CHECK}`,
);

/** @returns undefined when there is one of that job and window, or one waits: there is one at a time */
export async function insertCheck(tx: Tx, check: NewCheck): Promise<Check | undefined> {
  const [row] = await tx.query<Check>(insertStatement, [
    check.id,
    check.job,
    check.windowFrom.toISOString(),
    check.capturedSince,
    check.listingIds,
    check.requestedBy,
  ]);
  return row;
}

/* Not prepared: there is one at most, and a plan for that is not one for all. */
const WAITING = `SELECT ${CHECK}, c.obligations, ARRAY(SELECT l.id FROM reconciliation.listing l WHERE l.id = ANY(c.listing_ids) AND l.state = 'asked' ORDER BY l.id) AS "openListingIds"
     FROM reconciliation.safeguarding_check c WHERE c.state = 'waiting' LIMIT 1`;

export async function waitingCheck(queryable: Queryable): Promise<WaitingCheck | undefined> {
  const [row] = await queryable.query<WaitingCheck>(WAITING, []);
  return row;
}

/** The first answer counts: another one is of the same question. */
export async function keepObligations(tx: Tx, told: ToldObligations): Promise<void> {
  await tx.query(
    `UPDATE reconciliation.safeguarding_check SET obligations = $2 WHERE id = $1 AND state = 'waiting' AND obligations IS NULL`,
    [told.check_id, JSON.stringify(told)],
  );
}

/** @returns false when somebody else has ended it */
export async function closeCheck(
  tx: Tx,
  id: string,
  state: Exclude<CheckState, 'waiting'>,
  problem: string | null,
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE reconciliation.safeguarding_check SET state = $2, problem = $3, closed_at = now() WHERE id = $1 AND state = 'waiting' RETURNING 1`,
    [id, state, problem],
  );
  return rows.length > 0;
}

/** Parts with their amounts as text: JSON's numbers may not hold them. */
function partsOf({ gateways, banks }: Coverage): string {
  return JSON.stringify({ gateways, banks }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

export async function insertCoverage(tx: Tx, checkId: string, coverage: readonly Coverage[]): Promise<void> {
  for (const each of coverage)
    await tx.query(
      `INSERT INTO reconciliation.coverage (check_id, livemode, currency, status, owed, on_its_way, held, unproved, shortfall, parts)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        checkId,
        each.livemode,
        each.currency,
        each.status,
        each.owed,
        each.onItsWay,
        each.held,
        each.unproved,
        each.shortfall,
        partsOf(each),
      ],
    );
}

type InText<Part> = {
  readonly [Field in keyof Part]: bigint extends Part[Field] ? string | Exclude<Part[Field], bigint> : Part[Field];
};

/** As it was written down. */
export interface CoverageRow extends Omit<Coverage, 'gateways' | 'banks'> {
  readonly checkId: string;
  readonly status: CoverageStatus;
  readonly parts: {
    readonly gateways: readonly InText<Coverage['gateways'][number]>[];
    readonly banks: readonly InText<Coverage['banks'][number]>[];
  };
}

const coverageStatement = statement(
  'reconciliation.coverage_of_checks',
  `SELECT check_id AS "checkId", livemode, currency, status, owed, on_its_way AS "onItsWay", held, unproved, shortfall, parts
     FROM reconciliation.coverage WHERE check_id = ANY($1::uuid[]) ORDER BY currency, livemode`,
);

export function coverageOf(queryable: Queryable, checkIds: readonly string[]): Promise<readonly CoverageRow[]> {
  return queryable.query<CoverageRow>(coverageStatement, [checkIds]);
}

export async function findCheck(queryable: Queryable, id: string): Promise<Check | undefined> {
  const [row] = await queryable.query<Check>(
    `SELECT ${CHECK} FROM reconciliation.safeguarding_check c WHERE c.id = $1`,
    [id],
  );
  return row;
}

export interface CheckFilter {
  readonly state: string | null;
  readonly limit: number;
  readonly before: string | null;
  readonly after: string | null;
}

/** The newest first; with `after` the oldest of those that are newer. */
export function listChecks(queryable: Queryable, filter: CheckFilter): Promise<readonly Check[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  return queryable.query<Check>(
    `SELECT ${CHECK} FROM reconciliation.safeguarding_check c
      WHERE ($1::text IS NULL OR c.state = $1) AND ($2::uuid IS NULL OR c.id < $2) AND ($3::uuid IS NULL OR c.id > $3)
      ORDER BY c.id ${isBackwards ? 'ASC' : 'DESC'} LIMIT $4`,
    [filter.state, filter.before, filter.after, filter.limit],
  );
}

/** What the newest judged check came to. */
export async function newestCoverage(queryable: Queryable): Promise<readonly CoverageRow[]> {
  const [newest] = await listChecks(queryable, { state: 'judged', limit: 1, before: null, after: null });
  return newest === undefined ? [] : coverageOf(queryable, [newest.id]);
}
