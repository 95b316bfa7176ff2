/** The third wall: a schema and a role per module, and nobody rewrites history. */
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { forbidden, rightsIn, ROLES } from './database-rights.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(() => database.drop());

const roleNames = ROLES.map((role) => `sankofa_${role}`);

describe('the rights in the database', () => {
  it("give no role anything in another module's schema, nor UPDATE or DELETE on outbox, inbox and ledger entries", async () => {
    const rights = await rightsIn(database.url);
    expect(forbidden(rights)).toEqual([]);
    // The test would be worth nothing if every statement were refused.
    expect(rights).toContainEqual({ role: 'auth', table: 'auth.api_key', operation: 'INSERT' });
    expect(rights).toContainEqual({ role: 'routing', table: 'messaging.outbox', operation: 'INSERT' });
  }, 120_000);

  it.each([
    [
      'GRANT USAGE ON SCHEMA auth TO sankofa_ledger; GRANT SELECT ON auth.api_key TO sankofa_ledger',
      'ledger may SELECT auth.api_key',
    ],
    ['GRANT UPDATE ON messaging.outbox TO sankofa_routing', 'routing may UPDATE messaging.outbox'],
    ['GRANT UPDATE (headers) ON messaging.outbox TO sankofa_routing', 'routing may UPDATE messaging.outbox'],
    ['GRANT DELETE ON messaging.inbox TO sankofa_kernel', 'kernel may DELETE messaging.inbox'],
    ['GRANT UPDATE ON ledger.entry TO sankofa_ledger', 'ledger may UPDATE ledger.entry'],
    ['GRANT UPDATE (state) ON ledger.hold TO sankofa_ledger', 'ledger may UPDATE ledger.hold'],
    ['GRANT TRUNCATE ON auth.merchant TO sankofa_auth', 'auth may TRUNCATE auth.merchant'],
    ['GRANT SELECT ON access.credential TO sankofa_payments', 'payments may SELECT access.credential'],
  ])(
    'are reported when they are too wide: %s',
    async (grant, expected) => {
      await database.query(grant);
      expect(forbidden(await rightsIn(database.url))).toEqual([expected]);
    },
    120_000,
  );

  it('let no role enter another module’s schema, create anything, or pass for another role', async () => {
    const schemas = await database.query<{ role: string; schema: string; usage: boolean; creation: boolean }>(
      `SELECT r AS role, n.nspname AS schema, has_schema_privilege(r, n.oid, 'USAGE') AS usage,
              has_schema_privilege(r, n.oid, 'CREATE') AS creation
         FROM unnest($1::text[]) r, pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
      [roleNames],
    );
    const shared = ['messaging', 'idempotency'];
    const entered = schemas.filter(({ role, schema, usage }) => {
      const own = role === 'sankofa_kernel' ? 'access' : role.replace('sankofa_', '');
      return usage && schema !== own && !shared.includes(schema);
    });
    expect(entered).toEqual([]);
    expect(schemas.filter(({ creation }) => creation)).toEqual([]);
    const powers = await database.query(
      `SELECT rolname FROM pg_roles WHERE rolname = ANY($1)
          AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication OR rolbypassrls)`,
      [roleNames],
    );
    expect(powers).toEqual([]);
    const memberships = await database.query(
      `SELECT a AS member, b AS of FROM unnest($1::text[]) a, unnest($1::text[]) b WHERE a <> b AND pg_has_role(a, b, 'MEMBER')`,
      [roleNames],
    );
    expect(memberships).toEqual([]);
  });

  it.each(['UPDATE ledger.entry SET amount = amount', 'DELETE FROM ledger.entry', 'TRUNCATE ledger.entry'])(
    'refuse even the owner of the tables: %s',
    async (statement) => {
      await expect(database.query(statement)).rejects.toMatchObject({ code: '42501' });
    },
  );

  it('let no role run a function that acts with the owner’s rights, except its own', async () => {
    const callable = await database.query<{ role: string; schema: string; name: string }>(
      `SELECT r AS role, n.nspname AS schema, p.proname AS name
         FROM unnest($1::text[]) r, pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname !~ '^pg_' AND has_function_privilege(r, p.oid, 'EXECUTE')`,
      [roleNames],
    );
    const foreign = callable.filter(({ role, schema }) => {
      const own = role === 'sankofa_kernel' ? ['access', 'messaging', 'idempotency'] : [role.replace('sankofa_', '')];
      return !own.includes(schema);
    });
    expect(foreign).toEqual([]);
  });
});
