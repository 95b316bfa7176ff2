/** The self-audit's tables, and what it adds up. */
import type { Database } from '../../../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../../../kernel/database/tx.js';
import type { Window } from '../../accounts/accounts.store.js';

export interface PendingDrift {
  readonly id: string;
  readonly debits: bigint;
  readonly credits: bigint;
  readonly heldDebits: bigint;
  readonly heldCredits: bigint;
}

/** Of one moment: what holds and open pending transfers come to, against every account. */
const PENDING_DRIFTS = `WITH part AS (
    SELECT debit_account_id AS account_id, amount - second_amount AS debits, 0 AS credits FROM ledger.hold WHERE state = 'pending'
    UNION ALL SELECT second_debit_account_id, second_amount, 0 FROM ledger.hold WHERE state = 'pending' AND second_amount > 0
    UNION ALL SELECT credit_account_id, 0, amount FROM ledger.hold WHERE state = 'pending'
    UNION ALL SELECT side.account_id, side.debits, side.credits FROM ledger.open_pending o JOIN ledger.transfer t ON t.id = o.transfer_id
      CROSS JOIN LATERAL (VALUES (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount)) AS side (account_id, debits, credits)
  ), held AS (
    SELECT account_id, sum(debits)::bigint AS debits, sum(credits)::bigint AS credits FROM part GROUP BY account_id
  )
  SELECT a.id, a.debits_pending AS debits, a.credits_pending AS credits, coalesce(h.debits, 0) AS "heldDebits", coalesce(h.credits, 0) AS "heldCredits"
  FROM ledger.account a LEFT JOIN held h ON h.account_id = a.id
  WHERE a.debits_pending <> coalesce(h.debits, 0) OR a.credits_pending <> coalesce(h.credits, 0)`;

export function findPendingDrifts(database: Database): Promise<PendingDrift[]> {
  return database.transaction(async (tx) => {
    await tx.query('SET LOCAL enable_seqscan = on');
    return tx.query<PendingDrift>(PENDING_DRIFTS);
  });
}

const walkStatement = statement(
  'ledger.audit_walk',
  `SELECT after_id AS "after", rounds FROM ledger.audit_walk WHERE id = 1 FOR UPDATE SKIP LOCKED`,
);

export interface Walk {
  /** The last account that was audited in this round. */
  readonly after: string;
  readonly rounds: bigint;
}

/** Until the transaction ends nobody else audits. Undefined when somebody else does. */
export async function lockWalk(tx: Tx): Promise<Walk | undefined> {
  const [walk] = await tx.query<Walk>(walkStatement);
  return walk;
}

const saveWalkStatement = statement(
  'ledger.save_audit_walk',
  `UPDATE ledger.audit_walk SET after_id = $1, rounds = rounds + $2, round_began_at = CASE $2 WHEN 1 THEN clock_timestamp() ELSE round_began_at END WHERE id = 1`,
);

export async function saveWalk(tx: Tx, after: string, isRoundOver: boolean): Promise<void> {
  await tx.query(saveWalkStatement, [after, isRoundOver ? 1 : 0]);
}

export interface Audited {
  readonly id: string;
  readonly version: bigint;
  /** Up to this version it is added up now. */
  readonly upto: bigint;
  readonly debits: bigint;
  readonly credits: bigint;
  /** How many entries were read for that. */
  readonly read: bigint;
  readonly isSound: boolean;
}

/**
 * A page of accounts in one snapshot, so that no posting can come between an account and its entries. Those of the page that together
 * have more to read than the budget are left for the next; the first is always taken, and read no further than the budget.
 * Totals by day are compared where what came after them is not more than a budget of their own: roll-ups are behind otherwise.
 */
const auditStatement = statement(
  'ledger.audit_accounts',
  `WITH page AS MATERIALIZED (
     SELECT a.*, coalesce(c.account_version, 0) AS was, coalesce(c.debits, 0) AS was_debits, coalesce(c.credits, 0) AS was_credits,
       r.account_version AS mark
     FROM (SELECT * FROM ledger.account x WHERE x.id > $1 ORDER BY x.id LIMIT $2) a
       LEFT JOIN LATERAL (SELECT * FROM ledger.audit_checkpoint c WHERE c.account_id = a.id) c ON true
       LEFT JOIN LATERAL (SELECT * FROM ledger.rolled_up r WHERE r.account_id = a.id) r ON true
   ), bounded AS (
     SELECT page.*, row_number() OVER w AS number,
       sum(greatest(version - was, 0) + CASE WHEN mark IS NULL THEN 0 ELSE least(greatest(version - mark, 0), $4) END) OVER w AS weight
     FROM page WINDOW w AS (ORDER BY id)
   ), taken AS (
     SELECT bounded.*, CASE WHEN was > version THEN version ELSE least(version, was + $3) END AS upto FROM bounded WHERE weight <= $3 OR number = 1
   )
   SELECT t.id, t.version, t.upto, t.was_debits + n.debits AS debits, t.was_credits + n.credits AS credits, n.entries AS read,
     t.was <= t.version AND n.entries = t.upto - t.was
     AND coalesce(last.balance, 0) = CASE t.normal_side WHEN 'debit' THEN 1 ELSE -1 END * (t.was_debits + n.debits - t.was_credits - n.credits)
     AND NOT beyond.is_there
     AND (t.upto < t.version OR t.debits_posted = t.was_debits + n.debits AND t.credits_posted = t.was_credits + n.credits)
     AND (t.upto < t.version OR t.version - coalesce(t.mark, t.version) > $4
       OR CASE WHEN t.mark IS NULL THEN days.debits = 0 AND days.credits = 0
         ELSE days.debits + tail.debits = t.debits_posted AND days.credits + tail.credits = t.credits_posted END) AS "isSound"
   FROM taken t
     CROSS JOIN LATERAL (
       SELECT count(*) AS entries, coalesce(sum(e.amount) FILTER (WHERE e.direction = 'debit'), 0)::bigint AS debits,
         coalesce(sum(e.amount) FILTER (WHERE e.direction = 'credit'), 0)::bigint AS credits
       FROM ledger.entry e WHERE e.account_id = t.id AND e.account_version > t.was AND e.account_version <= t.upto
     ) n
     LEFT JOIN LATERAL (SELECT e.balance FROM ledger.entry e WHERE e.account_id = t.id AND e.account_version = t.upto) last ON true
     CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM ledger.entry e WHERE e.account_id = t.id AND e.account_version > t.version) AS is_there) beyond
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(d.debits), 0)::bigint AS debits, coalesce(sum(d.credits), 0)::bigint AS credits FROM ledger.day_total d WHERE d.account_id = t.id
     ) days
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(e.amount) FILTER (WHERE e.direction = 'debit'), 0)::bigint AS debits,
         coalesce(sum(e.amount) FILTER (WHERE e.direction = 'credit'), 0)::bigint AS credits
       FROM ledger.entry e WHERE t.mark IS NOT NULL AND t.version - t.mark <= $4
         AND e.account_id = t.id AND e.account_version > t.mark AND e.account_version <= t.version
     ) tail
   ORDER BY t.id`,
);

/** What an account may have beyond its totals by day for these to be compared. Rolling up is due at each thousand. */
const MOST_BEYOND_DAYS = 5_000;

/** @param after an account's id @param budget entries to read, but for the tail beyond the totals by day */
export function auditAccounts(db: Queryable, after: string, accounts: number, budget: number): Promise<Audited[]> {
  return db.query<Audited>(auditStatement, [after, accounts, budget, MOST_BEYOND_DAYS]);
}

const checkpointStatement = statement(
  'ledger.save_audit_checkpoints',
  `INSERT INTO ledger.audit_checkpoint (account_id, account_version, debits, credits)
   SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
   ON CONFLICT (account_id) DO UPDATE SET account_version = excluded.account_version, debits = excluded.debits, credits = excluded.credits`,
);

export interface Checkpoint {
  readonly id: string;
  readonly upto: bigint;
  readonly debits: bigint;
  readonly credits: bigint;
}

export async function saveCheckpoints(db: Queryable, checkpoints: readonly Checkpoint[]): Promise<void> {
  if (checkpoints.length === 0) return;
  await db.query(checkpointStatement, [
    checkpoints.map(({ id }) => id),
    checkpoints.map(({ upto }) => upto),
    checkpoints.map(({ debits }) => debits),
    checkpoints.map(({ credits }) => credits),
  ]);
}

const sumStatement = statement(
  'ledger.sum_entries',
  `SELECT coalesce(sum(amount) FILTER (WHERE direction = 'debit'), 0)::bigint AS debits, coalesce(sum(amount) FILTER (WHERE direction = 'credit'), 0)::bigint AS credits,
     coalesce((SELECT e.account_version FROM ledger.entry e WHERE e.account_id = $1 ORDER BY e.account_version DESC LIMIT 1), 0) AS last, count(*) AS entries
   FROM ledger.entry WHERE account_id = $1 AND account_version > $2 AND account_version <= $3`,
);

/** Entries after one version up to another, and how far the account has come. */
export async function sumEntries(
  db: Queryable,
  account: string,
  after: bigint,
  upto: bigint,
): Promise<{ readonly debits: bigint; readonly credits: bigint; readonly last: bigint; readonly entries: bigint }> {
  const [row] = await db.query<{ debits: bigint; credits: bigint; last: bigint; entries: bigint }>(sumStatement, [
    account,
    after,
    upto,
  ]);
  if (row === undefined) throw new Error('The database did not add up');
  return row;
}

export interface DriftedTotal {
  readonly column: string;
  readonly stands: string;
  readonly adds_up_to: string;
}

export interface Judgement {
  /** Null when nothing has drifted. */
  readonly totals: readonly DriftedTotal[] | null;
  readonly isFrozen: boolean | null;
  readonly isNew: boolean;
  readonly foundAt: Date;
}

const judgeStatement = statement(
  'ledger.judge_account',
  `SELECT totals, is_frozen AS "isFrozen", is_new AS "isNew", found_at AS "foundAt" FROM ledger.judge_account($1, $2, $3, $4, $5, $6, $7)`,
);

export interface ToJudge {
  readonly account: string;
  /** Of the finding, if it is one. */
  readonly driftId: string;
  readonly base: Omit<Checkpoint, 'id'>;
  readonly freezes: string;
  readonly reason: string;
}

/** Under the account's lock. Freezes what has drifted. */
export async function judgeAccount(tx: Tx, { account, driftId, base, freezes, reason }: ToJudge): Promise<Judgement> {
  const [row] = await tx.query<Judgement>(judgeStatement, [
    account,
    driftId,
    base.upto,
    base.debits,
    base.credits,
    freezes,
    reason,
  ]);
  if (row === undefined) throw new Error('judge_account gave no answer');
  return row;
}

const openDriftsStatement = statement(
  'ledger.open_drifts',
  `SELECT account_id AS id FROM ledger.account_drift WHERE ended_at IS NULL AND account_id > $1 ORDER BY account_id LIMIT $2`,
);

/** Accounts that have drifted and are not known to be sound again. */
export async function readOpenDrifts(db: Queryable, after: string, take: number): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(openDriftsStatement, [after, take]);
  return rows.map(({ id }) => id);
}

const aboutStatement = statement(
  'ledger.about_account',
  'SELECT merchant_id AS "merchantId", livemode, currency, kind FROM ledger.account WHERE id = $1',
);

export interface About {
  readonly merchantId: string | null;
  readonly livemode: boolean;
  readonly currency: string;
  readonly kind: string;
}

export async function readAbout(db: Queryable, account: string): Promise<About | undefined> {
  const [row] = await db.query<About>(aboutStatement, [account]);
  return row;
}

export interface DriftRow {
  readonly id: string;
  readonly accountId: string;
  readonly totals: readonly DriftedTotal[];
  readonly frozen: boolean;
  readonly foundAt: Date;
  readonly endedAt: Date | null;
}

const DRIFTS = `SELECT id, account_id AS "accountId", totals, frozen, found_at AS "foundAt", ended_at AS "endedAt" FROM ledger.account_drift`;
const IS_OPEN = '($2::boolean IS NULL OR (ended_at IS NULL) = $2)';
const newestDrifts = statement(
  'ledger.newest_drifts',
  `${DRIFTS} WHERE id < $1 AND ${IS_OPEN} ORDER BY id DESC LIMIT $3`,
);
const driftsBefore = statement('ledger.drifts_before', `${DRIFTS} WHERE id > $1 AND ${IS_OPEN} ORDER BY id LIMIT $3`);

/** After every other. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** @param isOpen undefined for all */
export function listDrifts(db: Queryable, window: Window<string>, isOpen: boolean | undefined): Promise<DriftRow[]> {
  const { after, before, take } = window;
  if (before !== undefined) return db.query<DriftRow>(driftsBefore, [before, isOpen ?? null, take]);
  return db.query<DriftRow>(newestDrifts, [after ?? LAST_ID, isOpen ?? null, take]);
}
