/** Merchants' keys: limited to parts of the API, and rolled while servers go on working. */
import { randomUUID } from 'node:crypto';
import type { ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;

interface Key {
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly string[] | null;
  readonly replaces: string | null;
  readonly expires_at: string | null;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** All that routes of /v1 have. */
const METHODS = ['get', 'post', 'put', 'delete'] as const;

describeInEachMode("A merchant's key", (mode) => {
  let system: System;
  let merchant: string;
  beforeAll(async () => {
    system = await startSystem(mode);
    const [own] = (await system.admin.get<{ data: { id: string }[] }>('/admin/v1/merchants')).body.data;
    merchant = own?.id ?? '';
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  async function create(scopes?: readonly string[]): Promise<Key> {
    const body = { livemode: false, ...(scopes === undefined ? {} : { scopes }) };
    const answer = await system.admin.post<Key>(`/admin/v1/merchants/${merchant}/api_keys`, body);
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body;
  }

  const clientOf = ({ secret }: Key): ApiClient => system.merchant.withKey(secret);
  /** Keys begin and cease to work when the access projection has heard of it. */
  const untilStatusIs = (client: ApiClient, path: string, status: number): Promise<void> =>
    eventually(async () => expect((await client.get(path)).status).toBe(status));

  it(
    'shows when it was last used',
    async () => {
      const key = await create();
      const shown = async (): Promise<string | null | undefined> => {
        const path = `/admin/v1/merchants/${merchant}/api_keys?limit=100`;
        const { data } = (await system.admin.get<{ data: { id: string; last_used_at: string | null }[] }>(path)).body;
        return data.find(({ id }) => id === key.id)?.last_used_at;
      };
      expect(await shown()).toBeNull();
      await untilStatusIs(clientOf(key), '/v1/payments', 200);
      await eventually(async () => expect(await shown()).toEqual(expect.any(String)), { timeoutMs: 60_000 });
      expect(Math.abs(Date.parse((await shown()) ?? '') - Date.now())).toBeLessThan(120_000);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that is limited reaches what it is for, and no other route that there is',
    async () => {
      const key = await create(['webhooks:read']);
      expect(key.scopes).toEqual(['webhooks:read']);
      const client = clientOf(key);
      await untilStatusIs(client, '/v1/events', 200);
      expect((await client.get('/v1/webhook_endpoints')).status).toBe(200);
      const tried: string[] = [];
      const documents = await Promise.all(system.programs().map(({ url }) => fetch(`${url}/openapi.json`)));
      for (const document of documents) {
        const { paths } = (await document.json()) as Document;
        for (const [template, operations] of Object.entries(paths)) {
          if (!template.startsWith('/v1/')) continue;
          const path = template.replaceAll(/\{[^}]+\}/g, 'x');
          for (const method of METHODS.filter((each) => each in operations)) {
            const isIts = /^\/v1\/(events|webhook_endpoints|notification_settings)\b/.test(path) && method === 'get';
            if (isIts || tried.includes(`${method} ${path}`)) continue;
            tried.push(`${method} ${path}`);
            const { status, body } = await client[method](path, method === 'post' || method === 'put' ? {} : undefined);
            expect({ method, path, status, code: body['code'] }).toEqual({
              method,
              path,
              status: 403,
              code: 'auth.missing_scope',
            });
          }
        }
      }
      expect(tried.length).toBeGreaterThan(20);
      expect(tried).toEqual(expect.arrayContaining(['post /v1/payments', 'get /v1/balances', 'post /v1/payouts']));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'may write, and then reads what it wrote',
    async () => {
      const client = clientOf(await create(['payments:write']));
      await untilStatusIs(client, '/v1/payments', 200);
      const made = await client.post('/v1/payments', mobileMoney(), { idempotencyKey: randomUUID() });
      expect(made.status).toBe(202);
      expect((await client.get(`/v1/payments/${String(made.body['id'])}`)).status).toBe(200);
      expect((await client.get('/v1/balances')).body['code']).toBe('auth.missing_scope');
    },
    TEST_TIMEOUT_MS,
  );

  it.each([[['payments']], [['payments:delete']], [[]], ['payments:read'], [['payments:read', 'payments:read']]])(
    'is not made with the scopes %j',
    async (scopes) => {
      const path = `/admin/v1/merchants/${merchant}/api_keys`;
      const { status, body } = await system.admin.post(path, { livemode: false, scopes });
      expect(status).toBe(422);
      for (const { pointer } of body['errors'] as readonly { pointer: string }[]) expect(pointer).toMatch(/^\/scopes/);
    },
  );

  it(
    'is rolled: both work for a while, then only the new one, and nobody rolls it twice',
    async () => {
      const old = await create(['payments:read', 'ledger:read']);
      await untilStatusIs(clientOf(old), '/v1/payments', 200);
      const roll = `/admin/v1/api_keys/${old.id}/roll`;
      for (const overlap of [-1, 7 * 86_400 + 1, 1.5, '60'])
        expect((await system.admin.post(roll, { overlap_seconds: overlap })).status).toBe(422);
      const rolledAt = Date.now();
      const rolled = await system.admin.post<Key>(roll, { overlap_seconds: 8 });
      expect(rolled.status).toBe(201);
      expect((await clientOf(old).get('/v1/payments')).status).toBe(200);
      expect(rolled.body).toMatchObject({ replaces: old.id, scopes: old.scopes, expires_at: null });
      const keys = await system.admin.get<{ data: Key[] }>(`/admin/v1/merchants/${merchant}/api_keys`);
      const endsAt = Date.parse(keys.body.data.find(({ id }) => id === old.id)?.expires_at ?? '');
      expect(endsAt).toBeGreaterThan(rolledAt + 7_000);
      expect(keys.text).not.toContain(rolled.body.secret);
      expect((await system.admin.post(roll, {})).body).toMatchObject({ code: 'api_key.not_active', status: 409 });
      await untilStatusIs(clientOf(rolled.body), '/v1/payments', 200);
      await untilStatusIs(clientOf(old), '/v1/payments', 401);
      expect(Date.now()).toBeGreaterThan(endsAt);
      expect((await clientOf(rolled.body).get('/v1/balances')).status).toBe(200);
    },
    TEST_TIMEOUT_MS,
  );

  it('that nobody knows is not rolled', async () => {
    for (const id of ['key_01k00000000000000000000000', 'nonsense'])
      expect((await system.admin.post(`/admin/v1/api_keys/${id}/roll`, {})).status).toBe(404);
    expect((await system.merchant.post('/admin/v1/api_keys/x/roll', {})).status).toBe(403);
  });
});
