import { readEnv } from '../../../src/config/env.js';
import { authEvents } from '../../../src/contracts/auth.events.js';
import { hashKey, parseKey } from '../../../src/kernel/access/key-format.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { AdminsStore } from '../../../src/modules/auth/admins/admins.store.js';
import { AuthStore } from '../../../src/modules/auth/auth.store.js';
import { CheckCredentials } from '../../../src/modules/auth/check-credentials.js';
import { CreateAdminKey } from '../../../src/modules/auth/create-admin-key.js';
import { CreateApiKey } from '../../../src/modules/auth/create-api-key.js';
import { CreateMerchant } from '../../../src/modules/auth/create-merchant.js';
import { RevokeAdminKey } from '../../../src/modules/auth/revoke-admin-key.js';
import { RevokeApiKey } from '../../../src/modules/auth/revoke-api-key.js';
import { RollApiKey } from '../../../src/modules/auth/roll-api-key.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const correlationId = 'req_test';
let database: TestDatabase;
let databases: Databases;
let store: AuthStore;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url });
  databases = new Databases(env, new Logger(env));
  store = new AuthStore(databases);
});

afterAll(async () => {
  await databases.close();
  await database.drop();
});

const newMerchant = () => new CreateMerchant(store).execute({ name: 'Asante Pay', platformFeeBps: 50, correlationId });

interface EventRow {
  type: string;
  aggregateid: string;
  merchant_id: string | null;
  payload: Record<string, unknown>;
}

const eventsAbout = (aggregateId: string): Promise<EventRow[]> =>
  database.query<EventRow>(
    'SELECT type, aggregateid, merchant_id, payload FROM messaging.outbox WHERE aggregateid = $1 ORDER BY seq',
    [aggregateId],
  );

describe('merchants', () => {
  it('announces a new merchant in the commit that stores it', async () => {
    const merchant = await newMerchant();
    expect(merchant).toMatchObject({ name: 'Asante Pay', platformFeeBps: 50, status: 'active' });
    expect(await eventsAbout(merchant.id)).toEqual([
      {
        type: 'auth.merchant_created.v1',
        aggregateid: merchant.id,
        merchant_id: merchant.id,
        payload: { merchant_id: merchant.id, name: 'Asante Pay', platform_fee_bps: 50 },
      },
    ]);
  });

  it('makes a merchant with a given id once, however many ask at the same time', async () => {
    const id = newUuid();
    const command = { id, name: 'Demo', platformFeeBps: 10, correlationId };
    const made = await Promise.all(Array.from({ length: 8 }, () => new CreateMerchant(store).execute(command)));
    expect(new Set(made.map((each) => each.id))).toEqual(new Set([id]));
    expect(await eventsAbout(id)).toHaveLength(1);
  });

  it('stores neither merchant nor event when the fee is out of range', async () => {
    const id = newUuid();
    const command = { id, name: 'Greedy', platformFeeBps: 10_001, correlationId };
    await expect(new CreateMerchant(store).execute(command)).rejects.toMatchObject({ code: '23514' });
    expect(await eventsAbout(id)).toEqual([]);
    expect(await store.findMerchant(store.database, id)).toBeUndefined();
  });

  it('lists merchants newest first and pages in both directions', async () => {
    const made = [];
    for (let count = 0; count < 4; count += 1) made.push((await newMerchant()).id);
    const [oldest = '', second = '', third = '', newest = ''] = made;
    const ids = async (cursor: Parameters<AuthStore['listMerchants']>[0]) =>
      (await store.listMerchants(cursor)).map((each) => each.id);
    expect(await ids({ take: 2 })).toEqual([newest, third]);
    expect(await ids({ take: 2, after: third })).toEqual([second, oldest]);
    expect(await ids({ take: 2, before: second })).toEqual([third, newest]);
  });

  it('finds merchants by how their names begin', async () => {
    const made = [];
    for (const name of ['Kente Weavers', 'kente & sons', 'KENTE_%', 'Old Kente', 'Élan'])
      made.push((await new CreateMerchant(store).execute({ name, platformFeeBps: 0, correlationId })).id);
    const [weavers = '', , percent = ''] = made;
    const names = async (name: string, cursor: Parameters<AuthStore['listMerchants']>[0] = { take: 10 }) =>
      (await store.listMerchants(cursor, name)).map((each) => each.name);
    expect(await names('kEnTe')).toEqual(['KENTE_%', 'kente & sons', 'Kente Weavers']);
    expect(await names('kente', { take: 10, after: percent })).toEqual(['kente & sons', 'Kente Weavers']);
    expect(await names('kente', { take: 1, before: weavers })).toEqual(['kente & sons']);
    // What a pattern would take for any character stands for itself.
    expect(await names('kente_')).toEqual(['KENTE_%']);
    expect(await names('%')).toEqual([]);
    expect(await names('Él')).toEqual(['Élan']);
  });

  it('are told by their names, as people are, each kind to whom it may be told', async () => {
    const { id: merchant } = await newMerchant();
    const [admin] = await database.query<{ id: string }>(
      `INSERT INTO auth.admin_user (id, email, name, role, password_hash)
       VALUES ($1, 'akua@example.com', 'Akua', 'owner', '$argon2id$x') RETURNING id`,
      [newUuid()],
    );
    const people = [admin?.id ?? '', newUuid()];
    expect(await store.namesOf({ merchant: [merchant, newUuid()], admin: people })).toEqual(
      expect.arrayContaining([
        { kind: 'merchant', id: merchant, name: 'Asante Pay' },
        { kind: 'admin', id: admin?.id, name: 'Akua' },
      ]),
    );
    expect(await store.namesOf({ merchant: [], admin: people })).toHaveLength(1);
  });
});

describe('API keys', () => {
  it('shows the secret once and stores only its hash', async () => {
    const merchant = await newMerchant();
    const command = { merchantId: merchant.id, livemode: false, name: 'server', correlationId };
    const { key, secret } = await new CreateApiKey(store).execute(command);
    expect(parseKey(secret)?.kind).toBe('merchant_test');
    expect(key).toMatchObject({ merchantId: merchant.id, livemode: false, name: 'server', last4: secret.slice(-4) });
    const [event] = await eventsAbout(key.id);
    expect(event?.payload).toEqual({
      key_id: key.id,
      merchant_id: merchant.id,
      livemode: false,
      key_hash: hashKey(secret).toString('hex'),
      platform_fee_bps: 50,
    });
    const dump = await database.query<{ text: string }>(
      `SELECT (SELECT string_agg(k::text, '') FROM auth.api_key k) || (SELECT string_agg(o::text, '') FROM messaging.outbox o) AS text`,
    );
    expect(dump[0]?.text).toContain(key.id);
    expect(dump[0]?.text).not.toContain(secret.slice(8, -6));
  });

  it('makes live keys that look live', async () => {
    const merchant = await newMerchant();
    const command = { merchantId: merchant.id, livemode: true, name: null, correlationId };
    expect((await new CreateApiKey(store).execute(command)).secret).toMatch(/^sk_live_/);
  });

  it('refuses a key for a merchant that does not exist', async () => {
    const command = { merchantId: newUuid(), livemode: false, name: null, correlationId };
    await expect(new CreateApiKey(store).execute(command)).rejects.toMatchObject({ code: 'merchant.not_found' });
  });

  it('refuses a key for a closed merchant', async () => {
    const merchant = await newMerchant();
    await database.query(`UPDATE auth.merchant SET status = 'closed' WHERE id = $1`, [merchant.id]);
    const command = { merchantId: merchant.id, livemode: false, name: null, correlationId };
    await expect(new CreateApiKey(store).execute(command)).rejects.toMatchObject({ code: 'merchant.closed' });
  });

  it('announces a revocation once, however many revoke at the same time', async () => {
    const merchant = await newMerchant();
    const command = { merchantId: merchant.id, livemode: false, name: null, correlationId };
    const { key, secret } = await new CreateApiKey(store).execute(command);
    const check = new CheckCredentials(store, new AdminsStore(databases));
    expect(await check.isKeyOf(merchant.id, secret)).toBe(true);
    expect(await check.isKeyOf(newUuid(), secret)).toBe(false);
    const revoke = () => new RevokeApiKey(store).execute({ keyId: key.id, correlationId });
    const answers = await Promise.all(Array.from({ length: 8 }, revoke));
    expect(new Set(answers.map((each) => each.revokedAt?.getTime())).size).toBe(1);
    expect((await eventsAbout(key.id)).map((event) => event.type)).toEqual([
      'auth.api_key_created.v1',
      'auth.api_key_revoked.v1',
    ]);
    expect(await check.isKeyOf(merchant.id, secret)).toBe(false);
  });

  it('limits a key to scopes where it is given some', async () => {
    const merchant = await newMerchant();
    const command = { merchantId: merchant.id, livemode: false, name: null, correlationId };
    const scopes = ['payments:read', 'refunds:write'] as const;
    const limited = await new CreateApiKey(store).execute({ ...command, scopes });
    const whole = await new CreateApiKey(store).execute({ ...command, scopes: null });
    expect([limited.key.scopes, whole.key.scopes]).toEqual([scopes, null]);
    expect((await eventsAbout(limited.key.id))[0]?.payload['scopes']).toEqual(scopes);
    expect((await eventsAbout(whole.key.id))[0]?.payload).not.toHaveProperty('scopes');
    const listed = await store.listApiKeys(merchant.id, { take: 10 });
    expect(listed.map((each) => each.scopes)).toEqual([null, scopes]);
  });

  it('rolls a key: another of its kind takes its place, and it has an end', async () => {
    const merchant = await newMerchant();
    const command = { merchantId: merchant.id, livemode: true, name: 'server', correlationId };
    const old = await new CreateApiKey(store).execute({ ...command, scopes: ['payments:read'] });
    const { key, secret } = await new RollApiKey(store).execute({
      keyId: old.key.id,
      overlapSeconds: 60,
      correlationId,
    });
    expect(parseKey(secret)?.kind).toBe('merchant_live');
    expect(key).toMatchObject({ livemode: true, name: 'server', scopes: ['payments:read'], replaces: old.key.id });
    expect(key).toMatchObject({ merchantId: merchant.id, expiresAt: null, revokedAt: null });
    const ended = await store.findApiKey(store.database, old.key.id);
    const leftMs = (ended?.expiresAt?.getTime() ?? 0) - Date.now();
    expect(leftMs).toBeGreaterThan(50_000);
    expect(leftMs).toBeLessThanOrEqual(60_000);
    expect((await eventsAbout(old.key.id)).at(-1)).toMatchObject({
      type: 'auth.api_key_rolled.v1',
      merchant_id: merchant.id,
      payload: { key_id: old.key.id, replaced_by: key.id, expires_at: ended?.expiresAt?.toISOString() },
    });
    expect((await eventsAbout(key.id))[0]?.payload).toMatchObject({ scopes: ['payments:read'], livemode: true });
    const check = new CheckCredentials(store, new AdminsStore(databases));
    expect(await check.isKeyOf(merchant.id, secret)).toBe(true);
    expect(await check.isKeyOf(merchant.id, old.secret)).toBe(true);
    // The new one can be rolled in its turn, without an overlap.
    await new RollApiKey(store).execute({ keyId: key.id, overlapSeconds: 0, correlationId });
    expect(await check.isKeyOf(merchant.id, secret)).toBe(false);
  });

  it('rolls a key once, however many do it at the same time, and none that is over', async () => {
    const merchant = await newMerchant();
    const command = { merchantId: merchant.id, livemode: false, name: null, correlationId };
    const { key } = await new CreateApiKey(store).execute(command);
    const roll = (keyId: string) => new RollApiKey(store).execute({ keyId, overlapSeconds: 60, correlationId });
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => roll(key.id)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'api_key.not_active' });
    expect(await store.listApiKeys(merchant.id, { take: 10 })).toHaveLength(2);
    const revoked = await new CreateApiKey(store).execute(command);
    await new RevokeApiKey(store).execute({ keyId: revoked.key.id, correlationId });
    await expect(roll(revoked.key.id)).rejects.toMatchObject({ code: 'api_key.not_active' });
    await expect(roll(newUuid())).rejects.toMatchObject({ code: 'api_key.not_found' });
    const last = await new CreateApiKey(store).execute(command);
    await database.query("UPDATE auth.merchant SET status = 'closed' WHERE id = $1", [merchant.id]);
    await expect(roll(last.key.id)).rejects.toMatchObject({ code: 'merchant.closed' });
    expect((await store.findApiKey(store.database, last.key.id))?.expiresAt).toBeNull();
  });

  it('refuses to revoke a key that does not exist', async () => {
    const revoke = new RevokeApiKey(store).execute({ keyId: newUuid(), correlationId });
    await expect(revoke).rejects.toMatchObject({ code: 'api_key.not_found' });
  });

  it("lists a merchant's own keys and no hash", async () => {
    const [mine, other] = [await newMerchant(), await newMerchant()];
    for (const merchantId of [mine.id, other.id]) {
      await new CreateApiKey(store).execute({ merchantId, livemode: false, name: null, correlationId });
    }
    const keys = await store.listApiKeys(mine.id, { take: 10 });
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty('keyHash');
  });
});

describe('administrators', () => {
  it('makes an admin key, and revokes it once', async () => {
    const { key, secret } = await new CreateAdminKey(store).execute({
      name: 'operations',
      permissions: null,
      correlationId,
    });
    const check = new CheckCredentials(store, new AdminsStore(databases));
    expect(await check.isAdminKey(secret)).toBe(true);
    const revoke = () => new RevokeAdminKey(store).execute({ keyId: key.id, correlationId });
    await revoke();
    await revoke();
    expect(await check.isAdminKey(secret)).toBe(false);
    expect((await eventsAbout(key.id)).map((event) => [event.type, event.merchant_id])).toEqual([
      ['auth.admin_key_created.v1', null],
      ['auth.admin_key_revoked.v1', null],
    ]);
  });
});

it('appends only events that satisfy their contracts', async () => {
  const rows = await database.query<EventRow>('SELECT type, aggregateid, merchant_id, payload FROM messaging.outbox');
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    const definition = authEvents.find((each) => each.type === row.type);
    expect(definition?.schema.safeParse(row.payload)).toMatchObject({ success: true });
  }
});
