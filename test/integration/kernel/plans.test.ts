/**
 * A connection plans a prepared statement once, for whatever values, and keeps that plan while a table grows from nothing to millions.
 * So those plans are judged that are made while there is nothing yet: each goes by an index, to what it was asked for.
 */
import pg from 'pg';
import '../../../src/app.module.js';
import { PLANNER_SETTINGS } from '../../../src/kernel/database/database.js';
import { allStatements, type Statement } from '../../../src/kernel/database/tx.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
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
