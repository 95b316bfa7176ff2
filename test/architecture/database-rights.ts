/**
 * What each role can really do to each table: every statement is tried, as that role, and the answer is SQLSTATE 42501 or not.
 * Nothing is changed: statements match no row, or are rolled back.
 */
import pg from 'pg';

export const ROLES = ['kernel', 'payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'] as const;
export type Role = (typeof ROLES)[number];

const OPERATIONS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Right {
  readonly role: Role;
  /** `schema.table`. */
  readonly table: string;
  readonly operation: Operation;
}

const INSUFFICIENT_PRIVILEGE = '42501';

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly column: string;
}

async function tablesOf(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT n.nspname AS schema, c.relname AS name,
            (SELECT a.attname FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
              ORDER BY a.attnum LIMIT 1) AS column
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      ORDER BY 1, 2`,
  );
  return rows;
}

function statementFor(operation: Operation, table: Table): string {
  const target = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`;
  const column = pg.escapeIdentifier(table.column);
  const statements: Record<Operation, string> = {
    SELECT: `SELECT 1 FROM ${target} LIMIT 0`,
    INSERT: `INSERT INTO ${target} DEFAULT VALUES`,
    UPDATE: `UPDATE ${target} SET ${column} = ${column} WHERE false`,
    DELETE: `DELETE FROM ${target} WHERE false`,
    TRUNCATE: `TRUNCATE ${target}`,
  };
  return statements[operation];
}

async function isAllowed(client: pg.Client, statement: string): Promise<boolean> {
  await client.query('BEGIN');
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    // Whatever else is wrong with the statement, the role was allowed to say it.
    return !(error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE);
  } finally {
    await client.query('ROLLBACK');
  }
}

/** A right on single columns does not let the statements above through, but lets others. */
async function columnRights(client: pg.Client): Promise<readonly Right[]> {
  const { rows } = await client.query<{ role: Role; table: string; operation: Operation }>(
    `SELECT substr(r.rolname, length('sankofa_') + 1) AS role, n.nspname || '.' || c.relname AS table, p AS operation
       FROM pg_roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) p
      WHERE r.rolname = ANY($1) AND c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND has_any_column_privilege(r.oid, c.oid, p)`,
    [ROLES.map((role) => `sankofa_${role}`)],
  );
  return rows;
}

/** Every right that any role has on any table of the database. */
export async function rightsIn(databaseUrl: string): Promise<readonly Right[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await tablesOf(client);
    const rights: Right[] = [...(await columnRights(client))];
    for (const role of ROLES) {
      await client.query(`SET ROLE sankofa_${role}`);
      for (const table of tables) {
        for (const operation of OPERATIONS) {
          const right = { role, table: `${table.schema}.${table.name}`, operation };
          if (await isAllowed(client, statementFor(operation, table))) rights.push(right);
        }
      }
      await client.query('RESET ROLE');
    }
    return rights;
  } finally {
    await client.end();
  }
}

const READ_AND_APPEND: readonly Operation[] = ['SELECT', 'INSERT'];
const ALL_BUT_DELETE: readonly Operation[] = ['SELECT', 'INSERT', 'UPDATE'];
const ALL_BUT_TRUNCATE: readonly Operation[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** What a role may do outside its own schema: the kernel's tables that every module shares. Everything else is forbidden. */
function sharedRights(role: Role, table: string): readonly Operation[] {
  const isKernel = role === 'kernel';
  const shared: Readonly<Record<string, readonly Operation[]>> = {
    'messaging.outbox': READ_AND_APPEND,
    'messaging.inbox': READ_AND_APPEND,
    'messaging.delivery': ALL_BUT_TRUNCATE,
    'messaging.relay_cursor': isKernel ? ALL_BUT_TRUNCATE : [],
    'messaging.consumer_progress': isKernel ? ALL_BUT_DELETE : [],
    'access.credential': isKernel ? ALL_BUT_DELETE : [],
    'access.admin': isKernel ? ALL_BUT_DELETE : [],
    'access.merchant_limits': isKernel ? ALL_BUT_DELETE : [],
    'access.session': isKernel ? ALL_BUT_TRUNCATE : [],
    'idempotency.key': isKernel ? ['SELECT', 'DELETE'] : ['payments', 'ledger'].includes(role) ? ALL_BUT_DELETE : [],
  };
  return shared[table] ?? [];
}

/** In its own schema a role may not truncate anything, and may not change what is immutable. */
function ownRights(table: string): readonly Operation[] {
  // Written by a function with its owner's rights alone.
  if (table === 'ledger.hold') return ['SELECT'];
  return ['ledger.entry', 'ledger.transfer', 'auth.audit_entry'].includes(table) ? READ_AND_APPEND : ALL_BUT_TRUNCATE;
}

/** The rights that the wall forbids, as `role may OPERATION table`; empty when it stands. */
export function forbidden(rights: readonly Right[]): readonly string[] {
  const isForbidden = ({ role, table, operation }: Right): boolean => {
    const allowed = table.startsWith(`${role}.`) ? ownRights(table) : sharedRights(role, table);
    return !allowed.includes(operation);
  };
  const found = rights.filter(isForbidden).map(({ role, table, operation }) => `${role} may ${operation} ${table}`);
  return [...new Set(found)].toSorted();
}
