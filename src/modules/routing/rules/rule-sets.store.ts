/** Rule sets in PostgreSQL. Configuration, so Prisma; what must not be seen half-done is SQL in one transaction. */
import type { Database } from '../../../kernel/database/database.js';
import type { Grant } from '../../../kernel/approvals/approval-action.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { RuleSet } from './rule-set.js';

/** Versions are counted, and one at a time is activated: whoever does either holds this lock until the commit. Any number of our own. */
const RULES_LOCK = 7_261_003;

/** The version in force; 0 when none is. */
export async function activeVersion(database: Database): Promise<number> {
  const row = await database.prisma.ruleSetRow.findFirst({ where: { active: true }, select: { version: true } });
  return row?.version ?? 0;
}

export async function findRuleSet(database: Database, version: number) {
  const row = await database.prisma.ruleSetRow.findUnique({
    where: { version },
    include: { activations: { orderBy: { id: 'desc' }, take: MAX_ACTIVATIONS } },
  });
  return row ?? undefined;
}

/** Of one rule set as they are shown. */
const MAX_ACTIVATIONS = 50;

export type RuleSetFound = NonNullable<Awaited<ReturnType<typeof findRuleSet>>>;

/** The newest first, without their content. */
export async function listRuleSets(
  database: Database,
  { limit, below, above }: { limit: number; below?: number | undefined; above?: number | undefined },
) {
  const isBackwards = below === undefined && above !== undefined;
  const rows = await database.prisma.ruleSetRow.findMany({
    where: { version: { ...(below === undefined ? {} : { lt: below }), ...(isBackwards ? { gt: above } : {}) } },
    omit: { content: true },
    orderBy: { version: isBackwards ? 'asc' : 'desc' },
    take: limit,
  });
  return rows;
}

export type RuleSetListed = Awaited<ReturnType<typeof listRuleSets>>[number];

const lockRulesSql = statement('routing.lock_rules', 'SELECT pg_advisory_xact_lock($1)');

const insertRuleSetSql = statement(
  'routing.insert_rule_set',
  `INSERT INTO routing.rule_set (id, version, content, note, created_by)
   SELECT $1, coalesce((SELECT version FROM routing.rule_set ORDER BY version DESC LIMIT 1), 0) + 1, $2, $3, $4
   RETURNING version`,
);

/** @returns its version: the next number */
export async function insertRuleSet(
  database: Database,
  { content, note, createdBy }: { content: RuleSet; note: string; createdBy: string },
): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.query(lockRulesSql, [RULES_LOCK]);
    const [row] = await tx.query<{ version: number }>(insertRuleSetSql, [
      newUuid(),
      JSON.stringify(content),
      note,
      createdBy,
    ]);
    if (row === undefined) throw new Error('a rule set was not inserted');
    return row.version;
  });
}

const findActiveSql = statement(
  'routing.find_active_rules',
  'SELECT version FROM routing.rule_set WHERE active LIMIT 1',
);

const deactivateSql = statement('routing.deactivate_rules', 'UPDATE routing.rule_set SET active = false WHERE active');

const activateSql = statement(
  'routing.activate_rules',
  'UPDATE routing.rule_set SET active = true, activated_at = clock_timestamp() WHERE version = $1',
);

const insertActivationSql = statement(
  'routing.insert_activation',
  `INSERT INTO routing.rule_set_activation (id, version, replaced_version, activated_by, asked_by, approval_id, activated_at)
   VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())`,
);

const findContentSql = statement(
  'routing.find_rule_content',
  'SELECT content FROM routing.rule_set WHERE version = $1',
);

/** @returns undefined where there is no such version */
export async function findContent(queryable: Queryable, version: number): Promise<unknown> {
  return (await queryable.query<{ content: unknown }>(findContentSql, [version]))[0]?.content;
}

/** What is in force, for whoever is about to change it: nobody else can until the commit. 0: none. */
export async function lockActiveVersion(tx: Tx): Promise<number> {
  await tx.query(lockRulesSql, [RULES_LOCK]);
  const [row] = await tx.query<{ version: number }>(findActiveSql);
  return row?.version ?? 0;
}

/** The caller has locked. */
export async function replaceActive(
  tx: Tx,
  version: number,
  replaced: number,
  by: Pick<Grant, 'askedBy' | 'grantedBy' | 'approvalId'>,
): Promise<void> {
  await tx.query(deactivateSql);
  await tx.query(activateSql, [version]);
  const before = replaced === 0 ? null : replaced;
  await tx.query(insertActivationSql, [newUuid(), version, before, by.grantedBy, by.askedBy, by.approvalId]);
}
