import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { took, type LineSide, type RecordSide } from '../matching/sides.js';
import type { BreakRow } from '../runs/breaks.store.js';
import { contentOf } from '../runs/results.js';
import type { OurSide, TheirSide } from './correction.js';
import type { AdjustmentAccount, Person, ResolutionAction, ResolutionState } from './resolution.js';

export interface Resolution {
  readonly id: string;
  readonly breakId: string;
  readonly action: ResolutionAction;
  readonly state: ResolutionState;
  readonly isAutomatic: boolean;
  readonly remark: string;
  readonly subjectId: string;
  readonly identity: string;
  readonly content: string;
  readonly gatewayAccountId: string;
  readonly livemode: boolean;
  readonly clearingSide: 'debit' | 'credit' | null;
  readonly account: AdjustmentAccount | null;
  readonly amount: bigint | null;
  readonly currency: string | null;
  readonly requestedBy: string | null;
  /** The session of whoever asked; null: a key, or the program. */
  readonly requestedIn: string | null;
  readonly decidedBy: string | null;
  readonly decisionRemark: string | null;
  readonly createdAt: Date;
  readonly decidedAt: Date | null;
  readonly bookedAt: Date | null;
}

export type NewResolution = Omit<Resolution, 'decidedBy' | 'decisionRemark' | 'createdAt' | 'decidedAt' | 'bookedAt'>;

const RESOLUTION = `z.id, z.break_id AS "breakId", z.action, z.state, z.is_automatic AS "isAutomatic", z.remark, z.subject_id AS "subjectId", z.identity, z.content,
  z.gateway_account_id AS "gatewayAccountId", z.livemode, z.clearing_side AS "clearingSide", z.account, z.amount, z.currency,
  z.requested_by AS "requestedBy", z.requested_in AS "requestedIn", z.decided_by AS "decidedBy", z.decision_remark AS "decisionRemark", z.created_at AS "createdAt",
  z.decided_at AS "decidedAt", z.booked_at AS "bookedAt"`;

const acceptedStatement = statement(
  'reconciliation.accepted_breaks',
  `SELECT identity, content FROM reconciliation.resolution
   WHERE subject_id = ANY($1::uuid[]) AND action <> 'ask' AND state IN ('approved', 'done')`,
);

/** What was decided to be no break about these, as {@link acceptedKey}. */
export async function acceptedOf(queryable: Queryable, subjectIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (subjectIds.length === 0) return new Set();
  const rows = await queryable.query<Pick<Resolution, 'identity' | 'content'>>(acceptedStatement, [subjectIds]);
  return new Set(rows.map(acceptedKey));
}

export const acceptedKey = ({ identity, content }: Pick<Resolution, 'identity' | 'content'>): string =>
  `${identity} ${content}`;

const insertStatement = statement(
  'reconciliation.insert_resolutions',
  `INSERT INTO reconciliation.resolution AS z (id, break_id, action, state, is_automatic, remark, subject_id, identity, content, gateway_account_id, livemode,
     clearing_side, account, amount, currency, requested_by, requested_in)
   SELECT id, "breakId", action, state, "isAutomatic", remark, "subjectId", identity, content, "gatewayAccountId", livemode,
     "clearingSide", account, amount, currency, "requestedBy", "requestedIn"
   FROM json_to_recordset($1) AS t(id uuid, "breakId" uuid, action text, state text, "isAutomatic" boolean, remark text, "subjectId" uuid, identity text,
     content text, "gatewayAccountId" uuid, livemode boolean, "clearingSide" text, account text, amount bigint, currency text, "requestedBy" uuid, "requestedIn" uuid)
   RETURNING ${RESOLUTION}`,
);

export async function insertResolutions(tx: Tx, rows: readonly NewResolution[]): Promise<readonly Resolution[]> {
  if (rows.length === 0) return [];
  const json = rows.map((row) => ({ ...row, amount: row.amount === null ? null : String(row.amount) }));
  const inserted = await tx.query<Resolution>(insertStatement, [JSON.stringify(json)]);
  const byId = new Map(inserted.map((row) => [row.id, row]));
  return rows.flatMap(({ id }) => byId.get(id) ?? []);
}

/* Still open, said as where runs close them: the ids are looked up, and no index of the open ones is read as a whole. */
const closeStatement = statement(
  'reconciliation.close_resolved',
  `UPDATE reconciliation.break b SET closed_at = now(), closed_why = t.why
   FROM unnest($1::uuid[], $2::text[]) AS t(id, why) WHERE b.id = t.id AND b.id = ANY($1::uuid[]) AND COALESCE(b.closed_at, 'infinity') = 'infinity'`,
);

export async function closeResolved(
  tx: Tx,
  closed: readonly { readonly id: string; readonly why: string }[],
): Promise<void> {
  if (closed.length > 0) await tx.query(closeStatement, [closed.map(({ id }) => id), closed.map(({ why }) => why)]);
}

const bookedStatement = statement(
  'reconciliation.mark_booked',
  `UPDATE reconciliation.resolution SET state = 'done', booked_at = now() WHERE id = ANY($1::uuid[]) AND state = 'approved'`,
);

/** The ledger has booked these. */
export async function markBooked(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.query(bookedStatement, [ids]);
}

/** A break, and both sides of it as far as there are two. */
export interface BreakInHand extends Pick<
  BreakRow,
  | 'id'
  | 'kind'
  | 'side'
  | 'gatewayAccountId'
  | 'gateway'
  | 'livemode'
  | 'merchantId'
  | 'attemptId'
  | 'lineId'
  | 'amount'
  | 'currency'
  | 'differences'
  | 'occurredAt'
> {
  readonly subjectId: string;
  /** What it says, as text. */
  readonly content: string;
  readonly isOpen: boolean;
  readonly ours: OurSide | undefined;
  readonly theirs: TheirSide | undefined;
}

type BreakColumns = Omit<BreakInHand, 'content' | 'ours' | 'theirs'> & {
  readonly recordKind: RecordSide['kind'] | null;
  readonly recordStatus: RecordSide['status'] | null;
  readonly recordAmount: bigint | null;
  readonly recordFee: bigint | null;
  readonly lineKind: LineSide['kind'] | null;
  readonly lineStatus: LineSide['status'] | null;
  readonly lineAmount: bigint | null;
};

/** Locked, in the order of their ids. */
export async function lockBreaks(tx: Tx, ids: readonly string[]): Promise<readonly BreakInHand[]> {
  const rows = await tx.query<BreakColumns>(
    `SELECT b.id, b.kind, b.side, b.subject_id AS "subjectId", b.gateway_account_id AS "gatewayAccountId", b.gateway, b.livemode,
       b.merchant_id AS "merchantId", b.attempt_id AS "attemptId", b.line_id AS "lineId", b.amount, b.currency, b.differences,
       b.occurred_at AS "occurredAt", b.closed_at IS NULL AS "isOpen",
       r.kind AS "recordKind", r.status AS "recordStatus", COALESCE(r.moved_amount, r.amount) AS "recordAmount", r.fee AS "recordFee",
       l.kind AS "lineKind", l.status AS "lineStatus", l.amount AS "lineAmount"
     FROM reconciliation.break b
     LEFT JOIN reconciliation.record r ON r.attempt_id = b.attempt_id
     LEFT JOIN reconciliation.line l ON l.id = b.line_id
     WHERE b.id = ANY($1::uuid[]) ORDER BY b.id FOR UPDATE OF b`,
    [ids],
  );
  return rows.map(inHand);
}

function inHand(row: BreakColumns): BreakInHand {
  const { recordKind, recordStatus, recordAmount, recordFee, lineKind, lineStatus, lineAmount, ...found } = row;
  return {
    ...found,
    content: contentOf(found),
    ours:
      recordKind === null || recordStatus === null
        ? undefined
        : { kind: recordKind, took: took({ status: recordStatus }), amount: recordAmount, fee: recordFee },
    theirs:
      lineKind === null || lineStatus === null || lineAmount === null
        ? undefined
        : { kind: lineKind, status: lineStatus, amount: lineAmount },
  };
}

/** Proposals about these breaks that nobody approved in time make room for others. */
export async function expireProposals(tx: Tx, breakIds: readonly string[], lastMs: number): Promise<void> {
  await tx.query(
    `UPDATE reconciliation.resolution SET state = 'expired', decided_at = now()
      WHERE break_id = ANY($1::uuid[]) AND state = 'proposed' AND created_at < now() - $2 * interval '1 ms'`,
    [breakIds, lastMs],
  );
}

/** @returns the id of one that waits for its approval */
export async function findProposal(queryable: Queryable, breakIds: readonly string[]): Promise<string | undefined> {
  const [row] = await queryable.query<{ id: string }>(
    `SELECT id FROM reconciliation.resolution WHERE break_id = ANY($1::uuid[]) AND state = 'proposed' LIMIT 1`,
    [breakIds],
  );
  return row?.id;
}

export async function lockResolution(tx: Tx, id: string): Promise<Resolution | undefined> {
  const [row] = await tx.query<Resolution>(
    `SELECT ${RESOLUTION} FROM reconciliation.resolution z WHERE z.id = $1 FOR UPDATE`,
    [id],
  );
  return row;
}

export async function decideResolution(
  tx: Tx,
  id: string,
  {
    state,
    by,
    remark,
  }: { readonly state: ResolutionState; readonly by: Person | null; readonly remark: string | null },
): Promise<Resolution> {
  const [row] = await tx.query<Resolution>(
    `UPDATE reconciliation.resolution z SET state = $2, decided_by = $3, decided_in = $4, decision_remark = $5, decided_at = now() WHERE z.id = $1
      RETURNING ${RESOLUTION}`,
    [id, state, by?.id ?? null, by?.sessionId ?? null, remark],
  );
  if (row === undefined) throw new Error(`Resolution ${id} is gone`);
  return row;
}

export interface ResolutionFilter {
  readonly breakId: string | null;
  readonly gatewayAccountId: string | null;
  readonly state: string | null;
  readonly isAutomatic: boolean | null;
  readonly livemode: boolean | null;
  readonly limit: number;
  readonly before: string | null;
  readonly after: string | null;
}

/** The newest first. */
export async function listResolutions(queryable: Queryable, filter: ResolutionFilter): Promise<readonly Resolution[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  const rows = await queryable.query<Resolution>(
    `SELECT ${RESOLUTION} FROM reconciliation.resolution z
      WHERE ($1::uuid IS NULL OR z.break_id = $1) AND ($2::uuid IS NULL OR z.gateway_account_id = $2) AND ($3::text IS NULL OR z.state = $3)
        AND ($4::boolean IS NULL OR z.is_automatic = $4) AND ($5::uuid IS NULL OR z.id < $5) AND ($6::uuid IS NULL OR z.id > $6)
        AND ($8::boolean IS NULL OR z.livemode = $8)
      ORDER BY z.id ${isBackwards ? 'ASC' : 'DESC'} LIMIT $7`,
    [
      filter.breakId,
      filter.gatewayAccountId,
      filter.state,
      filter.isAutomatic,
      filter.before,
      filter.after,
      filter.limit,
      filter.livemode,
    ],
  );
  return isBackwards ? rows.toReversed() : rows;
}

export async function findResolution(queryable: Queryable, id: string): Promise<Resolution | undefined> {
  const [row] = await queryable.query<Resolution>(
    `SELECT ${RESOLUTION} FROM reconciliation.resolution z WHERE z.id = $1`,
    [id],
  );
  return row;
}

const movedStatement = statement(
  'reconciliation.moved_amounts',
  `SELECT attempt_id AS "attemptId", COALESCE(moved_amount, amount) AS amount FROM reconciliation.record WHERE attempt_id = ANY($1::uuid[])`,
);

/** What these attempts moved, as far as it is known; by their ids. */
export async function movedAmounts(
  queryable: Queryable,
  attemptIds: readonly string[],
): Promise<ReadonlyMap<string, bigint | null>> {
  if (attemptIds.length === 0) return new Map();
  const rows = await queryable.query<{ attemptId: string; amount: bigint | null }>(movedStatement, [attemptIds]);
  return new Map(rows.map(({ attemptId, amount }) => [attemptId, amount]));
}
