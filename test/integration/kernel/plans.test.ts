/**
 * A connection plans a prepared statement once, for whatever values, and keeps that plan while a table grows from nothing to millions.
 * So those plans are judged that are made while there is nothing yet: each goes by an index, to what it was asked for.
 */
import pg from 'pg';
import '../../../src/app.module.js';
import { PLANNER_SETTINGS } from '../../../src/kernel/database/database.js';
import { TENANT_MODULES, tenantRoleOf } from '../../../src/kernel/database/tenant-scope.js';
import { allStatements, type Statement } from '../../../src/kernel/database/tx.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

/** How the tables are read that would be read from end to end. The first row of an index, for LIMIT 1, is no such thing. */
function* wholeReads(node: PlanNode, above?: PlanNode): Generator<string> {
  const type = node['Node Type'];
  const isOfIndex = /^(Bitmap Index|Index|Index Only) Scan$/.test(type);
  const isFirstRows = isOfIndex && above?.['Node Type'] === 'Limit';
  if ((isOfIndex && node['Index Cond'] === undefined && !isFirstRows) || type === 'Seq Scan')
    yield `${type} of ${node['Relation Name'] ?? 'an index'}`;
  for (const below of node.Plans ?? []) yield* wholeReads(below, node);
}

/** Filters that gather all that a sub-select finds before they are asked about one row: all accounts of a merchant, say. */
function* gathered(node: PlanNode): Generator<string> {
  if (node.Filter?.includes('hashed SubPlan') === true) yield `${node['Relation Name'] ?? ''}: ${node.Filter}`;
  for (const below of node.Plans ?? []) yield* gathered(below);
}

const INSUFFICIENT_PRIVILEGE = '42501';
/** Some that merchants' requests ask; of those that no tenant may ask none is planned as one. */
const READ_BY_TENANTS = [
  'ledger.find_account',
  'ledger.balances_of_owner',
  'ledger.newest_entries',
  'ledger.statement_bounds',
  'ledger.statement_entries',
  'ledger.totals_by_day',
  'ledger.find_client_transfer',
  'ledger.newest_releases',
  'ledger.contained_settlements',
  'ledger.upcoming_releases',
  'ledger.places_of_versions',
  'ledger.entries_to_prove',
  'routing.find_waiting',
];

describe('a prepared statement that is planned while its tables are empty', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({
      connectionString: database.url,
      options: `${PLANNER_SETTINGS} -c plan_cache_mode=force_generic_plan`,
    });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  async function planOf({ name, text }: Statement): Promise<PlanNode> {
    await client.query(`PREPARE "${name}" AS ${text}`);
    const prepared = await client.query<{ parameters: number }>(
      'SELECT cardinality(parameter_types) AS parameters FROM pg_prepared_statements WHERE name = $1',
      [name],
    );
    const values = Array<string>(prepared.rows[0]?.parameters ?? 0).fill('NULL');
    const call = values.length === 0 ? `"${name}"` : `"${name}" (${values.join(', ')})`;
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) EXECUTE ${call}`,
    );
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
    if (plan === undefined) throw new Error(`no plan for ${name}`);
    return plan;
  }

  const statements = allStatements().map((each): [string, Statement] => [each.name, each]);

  it('is one of many', () => {
    expect(statements.length).toBeGreaterThan(50);
  });

  it.each(statements)('%s reads no table from end to end', async (_, each) => {
    expect([...wholeReads(await planOf(each))]).toEqual([]);
  });

  it('is answered to a merchant by an index as well, with the policies of tables in between', async () => {
    const planned: string[] = [];
    const faults: string[] = [];
    for (const module of TENANT_MODULES) {
      await client.query(`SET ROLE ${tenantRoleOf(module)}`);
      const own = allStatements().filter((each) => each.name.startsWith(`${module}.`));
      for (const [index, { name, text }] of own.entries())
        try {
          const plan = await planOf({ name: `${module} ${index}`, text });
          planned.push(name);
          faults.push(...[...wholeReads(plan), ...gathered(plan)].map((fault) => `${name}: ${fault}`));
        } catch (error) {
          // Not for tenants: it reads what they are not shown, or writes.
          if (!(error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
        }
      await client.query('RESET ROLE');
    }
    expect(faults).toEqual([]);
    expect(planned).toEqual(expect.arrayContaining(READ_BY_TENANTS));
  });

  it.each([
    ['a scan', 'SELECT * FROM payments.payment WHERE description = $1', 'Seq Scan of payment'],
    [
      'a join with a record set',
      `UPDATE routing.attempt a SET status = t.status FROM json_to_recordset($1) AS t(id uuid, status text) WHERE a.id = t.id`,
      'Index Scan of attempt',
    ],
  ])('would be found out: %s', async (what, text, found) => {
    expect([...wholeReads(await planOf({ name: what, text }))]).toEqual([found]);
  });
});
