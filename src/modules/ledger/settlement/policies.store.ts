/** Settlement policies in PostgreSQL: written once, never changed. */
import type { Database } from '../../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { DataVersionRow } from '../../../kernel/http/data-versions.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Currency } from '../../../kernel/money/money.js';
import type { PolicyContent } from './policy.js';

/** Whom a policy is about. Null: all merchants that have none of their own; all currencies. */
export interface PolicyScope {
  readonly merchantId: string | null;
  readonly currency: string | null;
}

export type PolicyRow = DataVersionRow & PolicyScope;

const COLUMNS = `id, merchant_id AS "merchantId", currency, version, content, valid_from AS "validFrom", note, created_by AS "createdBy", created_at AS "createdAt"`;

/** Versions are counted one at a time: whoever does it holds this lock until the commit. Any number of our own. */
const POLICIES_LOCK = 7_261_031;

const lockStatement = statement('ledger.lock_policies', 'SELECT pg_advisory_xact_lock($1)');

/* Two branches each, because only `=` and IS NULL can use the index: IS NOT DISTINCT FROM cannot. */
const insertStatement = statement(
  'ledger.insert_policy',
  `INSERT INTO ledger.settlement_policy (id, merchant_id, currency, version, content, valid_from, note, created_by)
   SELECT $1, $2, $3, coalesce((SELECT version FROM ledger.settlement_policy
     WHERE (merchant_id = $2 OR $2::uuid IS NULL AND merchant_id IS NULL) AND (currency = $3 OR $3::text IS NULL AND currency IS NULL)
     ORDER BY version DESC LIMIT 1), 0) + 1, $4, coalesce($5::timestamptz, clock_timestamp()), $6, $7
   WHERE $5::timestamptz IS NULL OR $5::timestamptz > now()
   RETURNING ${COLUMNS}`,
);

export interface NewPolicy extends PolicyScope {
  readonly content: PolicyContent;
  /** Undefined: from now on. */
  readonly validFrom: Date | undefined;
  readonly note: string;
  readonly createdBy: string;
}

/** @returns undefined where it were to be in force in the past */
export function insertPolicy(database: Database, policy: NewPolicy): Promise<PolicyRow | undefined> {
  return database.transaction(async (tx: Tx) => {
    await tx.query(lockStatement, [POLICIES_LOCK]);
    const [row] = await tx.query<PolicyRow>(insertStatement, [
      newUuid(),
      policy.merchantId,
      policy.currency,
      JSON.stringify(policy.content),
      policy.validFrom?.toISOString() ?? null,
      policy.note,
      policy.createdBy,
    ]);
    return row;
  });
}

export interface PolicyQuestion {
  readonly merchantId: string;
  readonly currency: Currency;
  readonly at: Date;
}

/* A scope is a merchant and a currency, either or neither; the narrowest that has a policy decides. */
const inForceStatement = statement(
  'ledger.policies_in_force',
  `SELECT q.position::int AS position, p.id, p.content
   FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS q (merchant_id, currency, at, position)
   CROSS JOIN LATERAL (
     SELECT x.* FROM (
       SELECT * FROM ledger.settlement_policy own WHERE own.merchant_id = q.merchant_id
       UNION ALL SELECT * FROM ledger.settlement_policy common WHERE common.merchant_id IS NULL
     ) x
     WHERE (x.currency = q.currency OR x.currency IS NULL) AND x.valid_from <= q.at
     ORDER BY x.merchant_id IS NULL, x.currency IS NULL, x.valid_from DESC, x.version DESC LIMIT 1
   ) p`,
);

/** @returns by the questions' positions, from 1; without those that nobody has said anything about */
export async function policiesInForce(
  db: Queryable,
  questions: readonly PolicyQuestion[],
): Promise<ReadonlyMap<number, { readonly id: string; readonly content: unknown }>> {
  const rows = await db.query<{ position: number; id: string; content: unknown }>(inForceStatement, [
    questions.map(({ merchantId }) => merchantId),
    questions.map(({ currency }) => currency),
    questions.map(({ at }) => at.toISOString()),
  ]);
  return new Map(rows.map(({ position, ...policy }) => [position, policy]));
}

/** Newest first. */
export function listPolicies(
  database: Database,
  filter: {
    readonly merchantId: string | null | undefined;
    readonly after?: string;
    readonly before?: string;
    readonly take: number;
  },
): Promise<PolicyRow[]> {
  const { merchantId, after, before, take } = filter;
  return database.prisma.ledgerSettlementPolicy.findMany({
    where: {
      ...(merchantId === undefined ? {} : { merchantId }),
      ...(before === undefined ? {} : { id: { gt: before } }),
      ...(after === undefined ? {} : { id: { lt: after } }),
    },
    orderBy: { id: before === undefined ? 'desc' : 'asc' },
    take,
  });
}

export async function findPolicy(database: Database, id: string): Promise<PolicyRow | undefined> {
  return (await database.prisma.ledgerSettlementPolicy.findUnique({ where: { id } })) ?? undefined;
}
