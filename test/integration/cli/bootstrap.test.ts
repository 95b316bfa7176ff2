import { bootstrapDemo } from '../../../src/cli/bootstrap.js';
import { readEnv, type Env } from '../../../src/config/env.js';
import { parseKey } from '../../../src/kernel/access/key-format.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let env: Env;

beforeAll(async () => {
  database = await createTestDatabase();
  env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url, SANDBOX_PORT: '5010' });
});

afterAll(() => database.drop());

const count = async (table: string): Promise<number> =>
  Number((await database.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n);

describe('the demo', () => {
  it('makes a merchant, keys, an administrator and seven gateway accounts', async () => {
    const made = await bootstrapDemo(env);
    expect(parseKey(made.secretKey)?.kind).toBe('merchant_test');
    expect(parseKey(made.adminKey)?.kind).toBe('admin');
    expect(made.adminPassword.length).toBeGreaterThanOrEqual(15);
    const accounts = await database.query(
      'SELECT gateway, name, base_url, priority, livemode, enabled, merchant_id FROM routing.gateway_account ORDER BY priority',
    );
    const common = { name: 'main', livemode: false, enabled: true, merchant_id: null };
    expect(accounts).toEqual([
      { ...common, gateway: 'paystack', base_url: 'http://127.0.0.1:5011', priority: 1 },
      { ...common, gateway: 'flutterwave', base_url: 'http://127.0.0.1:5012/v3', priority: 2 },
      { ...common, gateway: 'mtn_momo', base_url: 'http://127.0.0.1:5013', priority: 3 },
      { ...common, gateway: 'monnify', base_url: 'http://127.0.0.1:5014', priority: 4 },
      { ...common, gateway: 'wave', base_url: 'http://127.0.0.1:5015', priority: 5 },
      { ...common, gateway: 'hubtel', base_url: 'http://127.0.0.1:5016', priority: 6 },
      { ...common, gateway: 'orange_money', base_url: 'http://127.0.0.1:5017', priority: 7 },
    ]);
  });

  it('finds everything again and makes nothing twice', async () => {
    const first = await bootstrapDemo(env);
    const before = await Promise.all(
      ['auth.merchant', 'auth.api_key', 'auth.admin_key', 'messaging.outbox'].map(count),
    );
    expect(await bootstrapDemo(env, first)).toEqual(first);
    const after = await Promise.all(['auth.merchant', 'auth.api_key', 'auth.admin_key', 'messaging.outbox'].map(count));
    expect(after).toEqual(before);
    expect(await count('routing.gateway_account')).toBe(7);
  });

  it('moves the gateway accounts along when the sandbox moves', async () => {
    await bootstrapDemo({ ...env, sandboxPort: 6010 });
    const rows = await database.query<{ base_url: string }>(
      'SELECT base_url FROM routing.gateway_account ORDER BY priority',
    );
    expect(rows.map((row) => row.base_url)).toEqual([
      'http://127.0.0.1:6011',
      'http://127.0.0.1:6012/v3',
      'http://127.0.0.1:6013',
      'http://127.0.0.1:6014',
      'http://127.0.0.1:6015',
      'http://127.0.0.1:6016',
      'http://127.0.0.1:6017',
    ]);
  });

  it('replaces exactly those credentials that do not hold any more', async () => {
    const first = await bootstrapDemo(env);
    const parsed = parseKey(first.secretKey);
    await database.query('UPDATE auth.api_key SET revoked_at = now() WHERE key_hash = $1', [parsed?.hash]);
    const second = await bootstrapDemo(env, first);
    expect(second.secretKey).not.toBe(first.secretKey);
    expect({ ...second, secretKey: first.secretKey }).toEqual(first);
    const third = await bootstrapDemo(env, { ...second, adminPassword: 'not the password', adminKey: 'ak_nonsense' });
    expect(third.secretKey).toBe(second.secretKey);
    expect(third.adminKey).not.toBe(second.adminKey);
    expect(third.adminPassword).not.toBe('not the password');
  });

  it('refuses to run in production', async () => {
    await expect(bootstrapDemo({ ...env, nodeEnv: 'production' })).rejects.toThrow(/production/);
  });
});
