/** What waits to be settled, and releasing it: set-based, by functions of the database that hold the accounts' locks. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';

/** A part of a capture that came to an account and is not due yet. */
export interface Waiting {
  /** The transfer that booked the capture. */
  readonly captureId: string;
  readonly accountId: string;
  readonly kind: 'capture' | 'reserve';
  readonly paymentId: string;
  readonly amountMinor: bigint;
  /** Null: not before it is proved, or never. */
  readonly dueAt: Date | null;
  readonly byProof: boolean;
  readonly policyId: string | null;
}

const awaitStatement = statement(
  'ledger.await_settlement',
  `SELECT ledger.await_settlement($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::timestamptz[], $7::boolean[], $8::uuid[])`,
);

/** In the transaction that has posted them. */
export async function awaitSettlement(tx: Tx, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return;
  await tx.query(awaitStatement, [
    waiting.map((each) => each.captureId),
    waiting.map((each) => each.accountId),
    waiting.map((each) => each.kind),
    waiting.map((each) => each.paymentId),
    waiting.map((each) => each.amountMinor),
    waiting.map((each) => each.dueAt?.toISOString() ?? null),
    waiting.map((each) => each.byProof),
    waiting.map((each) => each.policyId),
  ]);
}

/** What a refund takes of a capture, or (below zero) does not take after all. */
export interface GivenBack {
  readonly captureId: string;
  readonly accountId: string;
  readonly amountMinor: bigint;
}

const givenBackStatement = statement(
  'ledger.note_given_back',
  'SELECT ledger.note_given_back($1::uuid[], $2::uuid[], $3::bigint[])',
);

/** In the transaction that holds the money, after it does. */
export async function noteGivenBack(tx: Tx, given: readonly GivenBack[]): Promise<void> {
  const sums = new Map<string, GivenBack>();
  for (const each of given) {
    const key = `${each.captureId} ${each.accountId}`;
    sums.set(key, { ...each, amountMinor: each.amountMinor + (sums.get(key)?.amountMinor ?? 0n) });
  }
  const changes = [...sums.values()].filter(({ amountMinor }) => amountMinor !== 0n);
  if (changes.length === 0) return;
  await tx.query(givenBackStatement, [
    changes.map((each) => each.captureId),
    changes.map((each) => each.accountId),
    changes.map((each) => each.amountMinor),
  ]);
}

const proveStatement = statement(
  'ledger.insert_proofs',
  `INSERT INTO ledger.capture_proof (capture_id, proved_at)
   SELECT DISTINCT t.id, $2::timestamptz FROM unnest($1::uuid[]) AS t (id)
   WHERE NOT EXISTS (SELECT FROM ledger.settlement s WHERE s.capture_id = t.id AND s.proved_at IS NOT NULL)
   ORDER BY t.id ON CONFLICT DO NOTHING`,
);

/** Keeps proofs until the captures' settlements say so themselves, however long those take to be there. */
export async function insertProofs(tx: Tx, captureIds: readonly string[], provedAt: Date): Promise<void> {
  await tx.query(proveStatement, [captureIds, provedAt.toISOString()]);
}

/** An account on which something is due, as it was when it was looked at. */
export interface DueAccount {
  readonly accountId: string;
  readonly kind: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly currency: string;
  /** How many releases it has had. */
  readonly releases: number;
}

const DUE_ACCOUNT = `s.account_id AS "accountId", a.kind, a.merchant_id AS "merchantId", a.livemode, a.currency, s.releases`;

const dueStatement = statement(
  'ledger.accounts_due',
  `SELECT ${DUE_ACCOUNT} FROM ledger.settling_account s JOIN ledger.account a ON a.id = s.account_id
   WHERE s.next_due <= now() ORDER BY s.next_due LIMIT $1`,
);

/* All proofs there are, of which there are few: they go when they are used. */
const provedStatement = statement(
  'ledger.accounts_proved',
  `SELECT ${DUE_ACCOUNT} FROM (
     SELECT DISTINCT c.account_id FROM ledger.capture_proof p
       CROSS JOIN LATERAL (SELECT account_id FROM ledger.settlement x WHERE x.capture_id = p.capture_id AND x.kind = 'capture' LIMIT 1) c
     WHERE p.proved_at <= now()
   ) i JOIN ledger.settling_account s ON s.account_id = i.account_id JOIN ledger.account a ON a.id = s.account_id
   WHERE s.shut_until <= now() LIMIT $1`,
);

/** Accounts on which something is due, or became so by a proof; those first that have been due for longest. */
export async function findDue(db: Queryable, most: number): Promise<readonly DueAccount[]> {
  const due = await db.query<DueAccount>(dueStatement, [most]);
  if (due.length === most) return due;
  const known = new Set(due.map(({ accountId }) => accountId));
  const proved = await db.query<DueAccount>(provedStatement, [most]);
  return [...due, ...proved.filter(({ accountId }) => !known.has(accountId))].slice(0, most);
}

/** See ledger.release_settled. */
export type ReleaseOutcome = 'released' | 'nothing' | 'stale' | 'shut' | 'early';

export interface ReleaseOrder {
  readonly accountId: string;
  /** Where it goes. */
  readonly availableId: string;
  readonly releases: number;
  readonly releaseId: string;
  readonly transferId: string;
  readonly kind: string;
}

export interface ReleaseAnswer {
  readonly outcome: ReleaseOutcome;
  readonly payments: number;
  /** 0 where nothing was left to be moved. */
  readonly amountMinor: bigint;
}

const releaseStatement = statement(
  'ledger.release_settled',
  `SELECT outcomes, payments, amounts::text[] AS amounts, released_at AS "releasedAt"
     FROM ledger.release_settled($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7 * interval '1 millisecond')`,
);

interface AnswerRow {
  readonly outcomes: readonly ReleaseOutcome[];
  readonly payments: readonly number[];
  readonly amounts: readonly string[];
  readonly releasedAt: Date;
}

/**
 * Releases what is due on each account. The one call of its transaction that posts.
 * @param orders each account once
 * @param againAfterMs when to look again at what is held, or shut
 */
export async function releaseSettled(
  tx: Tx,
  orders: readonly ReleaseOrder[],
  againAfterMs: number,
): Promise<{ readonly releasedAt: Date; readonly answers: readonly ReleaseAnswer[] }> {
  const [row] = await tx.query<AnswerRow>(releaseStatement, [
    orders.map((each) => each.accountId),
    orders.map((each) => each.availableId),
    orders.map((each) => each.releases),
    orders.map((each) => each.releaseId),
    orders.map((each) => each.transferId),
    orders.map((each) => each.kind),
    againAfterMs,
  ]);
  if (row?.outcomes.length !== orders.length) throw new Error('release_settled did not answer for every account');
  const { outcomes, payments, amounts, releasedAt } = row;
  const answers = outcomes.map((outcome, index) => ({
    outcome,
    payments: payments[index] ?? 0,
    amountMinor: BigInt(amounts[index] ?? 0),
  }));
  return { releasedAt, answers };
}
