/** No row crosses a tenant: PostgreSQL itself shows a merchant's requests the merchant's rows, whatever a query asks for. */
import { readEnv } from '../../../src/config/env.js';
import type { Database } from '../../../src/kernel/database/database.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { TENANT_MODULES, tenantRoleOf, type Tenant } from '../../../src/kernel/database/tenant-scope.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/** Tables that hold rows of merchants without saying whose: each row belongs to one of another table. */
const CHILDREN = [
  'notification.endpoint_secret',
  'notification.delivery',
  'notification.delivery_attempt',
  'notification.message_content',
  'notification.message_attempt',
  'ledger.transfer',
  'ledger.entry',
  'ledger.account_state_change',
  'ledger.day_total',
  'ledger.rolled_up',
  'ledger.chained',
  'ledger.settlement',
  'ledger.settling_account',
  'ledger.release',
];
/** What merchants' requests read under the role of a tenant. */
const SHOWN = {
  payments: ['attempt', 'payment', 'payout', 'payout_batch', 'refund'],
  notification: ['delivery', 'delivery_attempt', 'endpoint', 'event', 'message_settings'],
  ledger: [
    'account',
    'account_state_change',
    'chained',
    'client_account',
    'client_transfer',
    'day_total',
    'entry',
    'hold',
    'release',
    'rolled_up',
    'settlement',
    'settling_account',
    'transfer',
  ],
  routing: ['attempt', 'payment'],
} as const satisfies Readonly<Record<(typeof TENANT_MODULES)[number], readonly string[]>>;
/** Read by tenants as well, and of no merchant: of a block everything but whose facts it holds. */
const EVERYBODYS = { ledger: ['head'] } as const;
/** Fewer connections than askers, so that they are handed from one tenant to another. */
const POOL_SIZE = 2;

let database: TestDatabase;
let databases: Databases;
beforeAll(async () => {
  database = await createTestDatabase();
  const settings = { NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url };
  const env = readEnv({ ...settings, DATABASE_POOL_SIZE: String(POOL_SIZE) });
  databases = new Databases(env, new Logger(env));
  for (const tenant of TENANTS) await fill(tenant);
});
afterAll(async () => {
  await databases.close();
  await database.drop();
});

const merchants = [newUuid(), newUuid()] as const;
const TENANTS: readonly Tenant[] = merchants.flatMap((merchantId) =>
  [true, false].map((livemode) => ({ merchantId, livemode })),
);

/** Every id that is in rows of a tenant. */
const made = new Map<Tenant, Set<string>>(TENANTS.map((tenant) => [tenant, new Set([tenant.merchantId])]));

function makeIds(tenant: Tenant, count: number): string[] {
  const ids = Array.from({ length: count }, newUuid);
  for (const id of ids) made.get(tenant)?.add(id);
  return ids;
}

/** One row of each table, and of what it needs. */
async function fill(tenant: Tenant): Promise<void> {
  const { merchantId, livemode } = tenant;
  const [payment, refund, payout, batch, attempt, event, endpoint, delivery] = makeIds(tenant, 8);
  await database.query(
    `INSERT INTO payments.payment (id, merchant_id, livemode, reference, amount, currency, method, customer, metadata, platform_fee, status, correlation_id, created_at)
     VALUES ($1, $2, $3, 'order', 100, 'GHS', '{"type":"card"}', '{}', '{}', 0, 'processing', 'req', now())`,
    [payment, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO payments.attempt (id, payment_id, merchant_id, version, gateway, gateway_account_id, reference, status, started_at)
     VALUES ($1::uuid, $2, $3, 1, 'paystack', $1::uuid, $1::uuid::text, 'pending', now())`,
    [attempt, payment, merchantId],
  );
  await database.query(
    `INSERT INTO payments.refund (id, merchant_id, livemode, payment_id, source, captured_by, amount, currency, counted, metadata, status, correlation_id, created_at)
     VALUES ($1, $2, $3, $4, 'merchant', $5, 10, 'GHS', 10, '{}', 'processing', 'req', now())`,
    [refund, merchantId, livemode, payment, attempt],
  );
  await database.query(
    `INSERT INTO payments.payout_batch (id, merchant_id, livemode, reference, count, amounts, correlation_id, created_at)
     VALUES ($1, $2, $3, 'batch', 1, '{}', 'req', now())`,
    [batch, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO payments.payout (id, merchant_id, livemode, reference, amount, currency, destination, metadata, status, correlation_id, created_at)
     VALUES ($1, $2, $3, 'payout', 10, 'GHS', '{}', '{}', 'processing', 'req', now())`,
    [payout, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO notification.endpoint (id, merchant_id, livemode, url, events) VALUES ($1, $2, $3, 'https://example.com', '{}')`,
    [endpoint, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO notification.event (id, merchant_id, livemode, type, body, source_event_id, created_at)
     VALUES ($1::uuid, $2, $3, 'payment.succeeded', '{}', $1::uuid, now())`,
    [event, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO notification.delivery (id, event_id, endpoint_id, next_attempt_at) VALUES ($1, $2, $3, now())`,
    [delivery, event, endpoint],
  );
  await database.query(
    `INSERT INTO notification.delivery_attempt (delivery_id, attempt, started_at, duration_ms, error) VALUES ($1, 1, now(), 1, 'refused')`,
    [delivery],
  );
  await database.query('INSERT INTO notification.message_settings (merchant_id, livemode) VALUES ($1, $2)', [
    merchantId,
    livemode,
  ]);
  await fillLedger(tenant);
  await fillRouting(tenant);
}

async function fillLedger(tenant: Tenant): Promise<void> {
  const { merchantId, livemode } = tenant;
  const [account, transfer, other] = makeIds(tenant, 3);
  await database.query(
    `INSERT INTO ledger.account (id, merchant_id, livemode, currency, kind, qualifier, normal_side) VALUES ($1, $2, $3, 'GHS', 'client', 'wallet', 'credit')`,
    [account, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO ledger.client_account (account_id, merchant_id, livemode, code, name, metadata) VALUES ($1, $2, $3, 'wallet', 'Wallet', '{"tier": "gold"}')`,
    [account, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO ledger.transfer (id, debit_account_id, credit_account_id, amount, kind, effective_at) VALUES ($1, $2, $3, 10, 'x', now())`,
    livemode ? [transfer, other, account] : [transfer, account, other],
  );
  await database.query(
    `INSERT INTO ledger.client_transfer (transfer_id, merchant_id, livemode, debit_account_id, credit_account_id, kind) VALUES ($1, $2, $3, $4, $4, 'x')`,
    [transfer, merchantId, livemode, account],
  );
  await database.query(
    `INSERT INTO ledger.hold (subject_id, kind, merchant_id, livemode, currency, amount, state, debit_account_id, credit_account_id)
     VALUES ($1, 'payout', $2, $3, 'GHS', 5, 'pending', $4, $1)`,
    [other, merchantId, livemode, account],
  );
  const ofAccount = [
    `entry (account_id, account_version, transfer_id, direction, amount, balance, booked_at, effective_on) VALUES ($1, 1, $1, 'credit', 10, 10, now(), now())`,
    `account_state_change (account_id, number, state, reason, actor, changed_at) VALUES ($1, 1, 'frozen', 'x', 'system', now())`,
    `day_total (account_id, effective_on, debits, credits) VALUES ($1, now(), 0, 10)`,
    `rolled_up (account_id, account_version) VALUES ($1, 1)`,
    `chained (kind, id, last, height, leaf) VALUES (1, $1, 1, 1, 0)`,
    `settlement (capture_id, account_id, kind, payment_id, amount, by_proof) VALUES ($1, $1, 'capture', $1, 10, false)`,
    `settling_account (account_id, settled_until, waiting, releases, shut_until) VALUES ($1, now(), 10, 1, now())`,
    `release (id, account_id, number, settled_from, settled_until, payments, matured, amount, released_at)
     VALUES ($1, $1, 1, now() - interval '1 h', now(), 1, 0, 0, now())`,
  ];
  for (const row of ofAccount) await database.query(`INSERT INTO ledger.${row}`, [account]);
}

async function fillRouting(tenant: Tenant): Promise<void> {
  const { merchantId, livemode } = tenant;
  const [id] = makeIds(tenant, 1);
  await database.query(
    `INSERT INTO routing.gateway_account (id, livemode, gateway, name, credentials, base_url) VALUES ($1::uuid, $2, 'paystack', $1::uuid::text, '{}', 'https://example.com')`,
    [id, livemode],
  );
  await database.query(
    `INSERT INTO routing.payment (payment_id, merchant_id, livemode, amount, currency, method, customer, caused_by, headers)
     VALUES ($1, $2, $3, 100, 'GHS', '{"type":"card"}', '{}', $1, '{}')`,
    [id, merchantId, livemode],
  );
  await database.query(
    `INSERT INTO routing.attempt (id, payment_id, merchant_id, livemode, sequence, gateway, gateway_account_id, reference, status, reason, created_at)
     VALUES ($1::uuid, $1, $2, $3, 1, 'paystack', $1, $1::uuid::text, 'pending', '{}', now())`,
    [id, merchantId, livemode],
  );
}

interface Policy {
  readonly name: string;
  readonly roles: readonly string[];
  readonly condition: string | null;
}
interface Table {
  readonly name: string;
  readonly is_tenants: boolean;
  readonly forced: boolean;
  readonly policies: readonly Policy[];
}

const tables = (): Promise<Table[]> =>
  database.query<Table>(
    `SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
       (n.nspname || '.' || c.relname) = ANY($1) OR n.nspname || '.' || c.relname = 'auth.merchant' OR EXISTS (
         SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped) AS is_tenants,
       coalesce((SELECT jsonb_agg(jsonb_build_object('name', p.polname, 'condition', pg_get_expr(p.polqual, p.polrelid),
           'roles', ARRAY(SELECT r.rolname FROM pg_roles r WHERE r.oid = ANY(p.polroles)))) FROM pg_policy p WHERE p.polrelid = c.oid), '[]') AS policies
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    [CHILDREN],
  );

describe('every table of tenants', () => {
  it('has row-level security, forced, which lets the program through and each tenant to its own', async () => {
    const found = (await tables()).filter((table) => table.is_tenants);
    expect(found.length).toBeGreaterThan(20);
    for (const { name, forced, policies } of found) {
      expect([name, forced]).toEqual([name, true]);
      const program = policies.filter((policy) => policy.name === 'program');
      expect([name, program.map(({ condition }) => condition)]).toEqual([name, ['true']]);
      expect(program[0]?.roles.every((role) => /^sankofa_[a-z]+$/.test(role))).toBe(true);
      const others = policies.filter((policy) => policy.name !== 'program');
      for (const { roles, condition } of others) {
        expect(roles).toEqual([tenantRoleOf(name.split('.')[0] ?? '')]);
        expect(condition).toMatch(/merchant_id = .*current_setting\('sankofa\.merchant_id'/);
      }
    }
  });

  it('is read by tenants where it is shown to them, written by none, and no other is even read', async () => {
    for (const module of TENANT_MODULES) {
      const role = tenantRoleOf(module);
      const rights = await database.query<{ name: string; right: string }>(
        `SELECT n.nspname || '.' || c.relname AS name, r AS right FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) r
          WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_table_privilege($1, c.oid, r) ORDER BY 1`,
        [role],
      );
      const readable = [...SHOWN[module], ...(module === 'ledger' ? EVERYBODYS.ledger : [])].toSorted();
      expect(rights).toEqual(readable.map((table) => ({ name: `${module}.${table}`, right: 'SELECT' })));
      const [member] = await database.query<{ of: string[] }>(
        `SELECT ARRAY(SELECT rolname::text FROM pg_roles r WHERE r.oid <> $1::regrole AND pg_has_role($1, r.oid, 'MEMBER')) AS of`,
        [role],
      );
      expect(member?.of).toEqual([]);
    }
  });

  it('tells tenants nothing of whose facts a block holds', async () => {
    const columns = await database.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'ledger.block'::regclass AND attnum > 0
          AND NOT has_column_privilege($1, attrelid, attnum, 'SELECT') ORDER BY 1`,
      [tenantRoleOf('ledger')],
    );
    expect(columns.map(({ name }) => name)).toEqual(['span_counts', 'span_firsts', 'span_ids', 'span_kinds']);
  });
});

describe('a query that forgets whose rows it wants', () => {
  const uuidsIn = (row: unknown): readonly string[] =>
    JSON.stringify(row).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];

  it.each(TENANT_MODULES.flatMap((module) => SHOWN[module].map((table) => `${module}.${table}`)))(
    'is shown those of the tenant alone: %s',
    async (table) => {
      const module = TENANT_MODULES.find((each) => table.startsWith(`${each}.`)) ?? 'payments';
      const all = await database.query(`SELECT 1 FROM ${table}`);
      expect(all).toHaveLength(TENANTS.length);
      // Attempts as payments has them do not say the mode.
      const isOfBothModes = table === 'payments.attempt';
      const seen = new Set<string>();
      for (const tenant of TENANTS) {
        const scope = databases.of(module).asTenant(tenant);
        const rows = await scope.query(`SELECT to_jsonb(t) FROM ${table} t`);
        expect([tenant, rows.length]).toEqual([tenant, isOfBothModes ? 2 : 1]);
        const ids = uuidsIn(rows);
        expect(ids.length).toBeGreaterThan(0);
        const own = TENANTS.filter(
          (each) => each === tenant || (isOfBothModes && each.merchantId === tenant.merchantId),
        );
        expect(ids.filter((id) => !own.some((each) => made.get(each)?.has(id)))).toEqual([]);
        for (const row of rows) seen.add(JSON.stringify(row));
        const stranger = databases.of(module).asTenant({ ...tenant, merchantId: newUuid() });
        expect(await stranger.query(`SELECT 1 FROM ${table}`)).toEqual([]);
      }
      expect(seen.size).toBe(TENANTS.length);
    },
  );

  it('is shown those of the tenant alone by the function that asks past the policy', async () => {
    const asked = `SELECT id::text FROM ledger.own_accounts_with('{"tier": "gold"}', NULL, NULL, NULL, NULL, NULL, NULL, false, 9) AS id`;
    for (const tenant of TENANTS) {
      const rows = await databases.of('ledger').asTenant(tenant).query<{ id: string }>(asked);
      expect(rows.map(({ id }) => made.get(tenant)?.has(id))).toEqual([true]);
    }
    const stranger = databases.of('ledger').asTenant({ merchantId: newUuid(), livemode: true });
    expect(await stranger.query(asked)).toEqual([]);
    await expect(databases.of('ledger').query(asked)).rejects.toMatchObject({ code: '42501' });
  });

  it('is shown nothing where nobody has said for whom it is', async () => {
    for (const module of TENANT_MODULES)
      for (const table of SHOWN[module])
        for (const said of [
          'RESET sankofa.merchant_id',
          `SET LOCAL sankofa.merchant_id = ''`,
          `SET LOCAL sankofa.livemode = 'true'`,
        ]) {
          const rows = await databases.of(module).transaction(async (tx) => {
            await tx.query('RESET ROLE');
            await tx.query(`SET LOCAL ROLE ${tenantRoleOf(module)}`);
            await tx.query(said);
            return tx.query(`SELECT 1 FROM ${module}.${table}`);
          });
          expect([table, said, rows]).toEqual([table, said, []]);
        }
  });

  it('is shown the right ones in one moment, over several statements, and writes nothing in it', async () => {
    for (const tenant of [...TENANTS, ...TENANTS]) {
      const scope = databases.of('ledger').asTenant(tenant);
      const [first, second] = await scope.inOneMoment(async (moment) => {
        const before = await moment.query<Tenant>('SELECT merchant_id AS "merchantId", livemode FROM ledger.account');
        return [before, await moment.query<Tenant>('SELECT merchant_id AS "merchantId", livemode FROM ledger.hold')];
      });
      expect([first, second]).toEqual([[tenant], [tenant]]);
      await expect(scope.inOneMoment((moment) => moment.query('SELECT 1 / 0'))).rejects.toMatchObject({
        code: '22012',
      });
    }
    const writes = databases.of('ledger').inOneMoment((moment) => moment.query('DELETE FROM ledger.fact_due'));
    await expect(writes).rejects.toMatchObject({ code: '25006' });
  });

  it('is shown the right ones also through Prisma, and on connections that go from one tenant to another', async () => {
    const payments: Database = databases.of('payments');
    const asked = Array.from({ length: 60 }, async (_, index) => {
      const tenant = TENANTS[index % TENANTS.length];
      if (tenant === undefined) throw new Error('there are tenants');
      const scope = payments.asTenant(tenant);
      const rows =
        index % 3 === 0
          ? (await scope.prisma.payment.findMany()).map(({ merchantId, livemode }) => ({ merchantId, livemode }))
          : await scope.query<Tenant>('SELECT merchant_id AS "merchantId", livemode FROM payments.payment');
      expect(rows).toEqual([tenant]);
    });
    await Promise.all(asked);
  });

  it('keeps a connection after PostgreSQL refused something, and whose it is', async () => {
    const [tenant] = TENANTS;
    if (tenant === undefined) throw new Error('there are tenants');
    const scope = databases.of('payments').asTenant(tenant);
    await expect(scope.query('SELECT 1 FROM payments.fee_schedule')).rejects.toMatchObject({ code: '42501' });
    await expect(scope.query(`UPDATE payments.payment SET reference = 'mine'`)).rejects.toMatchObject({
      code: '42501',
    });
    expect(await scope.query('SELECT 1 FROM payments.payment')).toHaveLength(1);
  });
});
