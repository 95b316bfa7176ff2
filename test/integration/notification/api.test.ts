import { Webhook } from 'standardwebhooks';
import { generateKey } from '../../../src/kernel/access/key-format.js';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { startProgram, type Program } from '../../support/program.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.js';

type Json = Record<string, unknown>;
type List = { readonly data: readonly Json[]; readonly has_more: boolean };

let database: TestDatabase;
let program: Program;
let receiver: WebhookReceiver;

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startWebhookReceiver();
  program = await startProgram({
    env: { DATABASE_URL: database.url, MIGRATE_ON_START: 'false' },
    modules: ['notification'],
  });
});

afterAll(async () => {
  await program?.stop();
  await receiver?.close();
  await database?.drop();
});

interface Merchant {
  readonly id: string;
  readonly client: ApiClient;
}

async function newMerchant(id = newUuid(), livemode = false): Promise<Merchant> {
  const key = generateKey(livemode ? 'merchant_live' : 'merchant_test');
  await database.query(
    `INSERT INTO access.credential (key_id, key_hash, kind, merchant_id, livemode, platform_fee_bps) VALUES ($1, $2, 'merchant', $3, $4, 0)`,
    [newUuid(), key.hash, id, livemode],
  );
  return { id, client: createApiClient(program.url, key.secret) };
}

async function newAdmin(): Promise<ApiClient> {
  const key = generateKey('admin');
  await database.query(`INSERT INTO access.credential (key_id, key_hash, kind) VALUES ($1, $2, 'admin')`, [
    newUuid(),
    key.hash,
  ]);
  return createApiClient(program.url, key.secret);
}

/** As the payments module announces it; the relay takes it from there. */
async function announce(
  merchant: Merchant,
  type: string,
  payload: Json = { livemode: false, resource: { object: 'payment', id: 'pay_1' } },
): Promise<string> {
  const id = newUuid();
  await database.query(
    `INSERT INTO messaging.outbox (id, aggregatetype, aggregateid, type, payload, headers, merchant_id) VALUES ($1, 'payment', $2, $3, $4, $5, $6)`,
    [id, newUuid(), type, payload, { correlation_id: 'req_test' }, merchant.id],
  );
  return id;
}

const byName = (names: readonly string[]): string[] => names.toSorted((left, right) => left.localeCompare(right));
const SUCCEEDED = 'payments.payment_succeeded.v1';
const endpointOf = async (merchant: Merchant, extra: Json = {}): Promise<Json> => {
  const answer = await merchant.client.post('/v1/webhook_endpoints', { url: receiver.url, ...extra });
  expect(answer.status).toBe(201);
  return answer.body;
};

describe('webhook endpoints', () => {
  it('are created with a secret that is shown once', async () => {
    const merchant = await newMerchant();
    const created = await endpointOf(merchant, {
      description: 'orders',
      events: ['payment.succeeded', 'payment.succeeded'],
    });
    expect(created).toMatchObject({
      object: 'webhook_endpoint',
      id: expect.stringMatching(/^we_/),
      livemode: false,
      url: receiver.url,
      description: 'orders',
      events: ['payment.succeeded'],
      status: 'enabled',
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const { secret, ...rest } = created;
    expect((await merchant.client.get(`/v1/webhook_endpoints/${String(created['id'])}`)).body).toEqual(rest);
    const list = await merchant.client.get('/v1/webhook_endpoints');
    expect(list.body).toEqual({ object: 'list', data: [rest], has_more: false });
    expect(list.text).not.toContain(String(secret));
  });

  it('are listed newest first, in pages both ways', async () => {
    const merchant = await newMerchant();
    const ids: unknown[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift((await endpointOf(merchant))['id']);
    const idsOf = async (query: string): Promise<[unknown[], boolean]> => {
      const { body } = await merchant.client.get<List>(`/v1/webhook_endpoints?${query}`);
      return [body.data.map((each) => each['id']), body.has_more];
    };
    expect(await idsOf('limit=2')).toEqual([ids.slice(0, 2), true]);
    expect(await idsOf(`limit=2&starting_after=${String(ids[1])}`)).toEqual([ids.slice(2, 4), true]);
    expect(await idsOf(`limit=2&starting_after=${String(ids[3])}`)).toEqual([ids.slice(4), false]);
    expect(await idsOf(`limit=2&ending_before=${String(ids[3])}`)).toEqual([ids.slice(1, 3), true]);
    expect(await idsOf(`limit=3&ending_before=${String(ids[3])}`)).toEqual([ids.slice(0, 3), false]);
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=x',
      'starting_after=evt_1',
      `starting_after=${String(ids[0])}&ending_before=${String(ids[1])}`,
      'color=red',
    ]) {
      expect([query, (await merchant.client.get(`/v1/webhook_endpoints?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it('are refused with a clear problem when something is wrong, and nothing is stored', async () => {
    const merchant = await newMerchant();
    const url = receiver.url;
    const refused: [Json, string][] = [
      [{}, 'request.invalid'],
      [{ url: 1 }, 'request.invalid'],
      [{ url, colour: 'red' }, 'request.invalid'],
      [{ url, events: ['payment.exploded'] }, 'request.invalid'],
      [{ url, events: 'payment.failed' }, 'request.invalid'],
      [{ url, description: 'a\u0000b' }, 'request.invalid'],
      [{ url, description: 'x'.repeat(256) }, 'request.invalid'],
      [{ url: 'ftp://example.com' }, 'webhook_endpoint.url_not_allowed'],
      [{ url: 'http://169.254.169.254/' }, 'webhook_endpoint.url_not_allowed'],
      [{ url: 'http://user:password@127.0.0.1/' }, 'webhook_endpoint.url_not_allowed'],
      [{ url: 'nonsense' }, 'webhook_endpoint.url_not_allowed'],
    ];
    for (const [body, code] of refused) {
      const answer = await merchant.client.post('/v1/webhook_endpoints', body);
      expect([body, answer.status, answer.body['code']]).toEqual([body, 422, code]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect((await merchant.client.get<List>('/v1/webhook_endpoints')).body.data).toEqual([]);
    expect((await merchant.client.withKey(undefined).get('/v1/webhook_endpoints')).status).toBe(401);
  });

  it('are sixteen at most, also when created at once', async () => {
    const merchant = await newMerchant();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => merchant.client.post('/v1/webhook_endpoints', { url: receiver.url })),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(16);
    expect(answers.filter((answer) => answer.body['code'] === 'webhook_endpoint.too_many')).toHaveLength(4);
  });

  it('belong to one merchant and one mode: for others they do not exist', async () => {
    const owner = await newMerchant();
    const id = String((await endpointOf(owner))['id']);
    for (const other of [await newMerchant(), await newMerchant(owner.id, true)]) {
      const tries = [
        await other.client.get(`/v1/webhook_endpoints/${id}`),
        await other.client.delete(`/v1/webhook_endpoints/${id}`),
        await other.client.post(`/v1/webhook_endpoints/${id}/roll_secret`),
        await other.client.post(`/v1/webhook_endpoints/${id}/enable`),
      ];
      expect(tries.map((answer) => [answer.status, answer.body['code']])).toEqual(
        Array(4).fill([404, 'webhook_endpoint.not_found']),
      );
      expect((await other.client.get<List>('/v1/webhook_endpoints')).body.data).toEqual([]);
    }
    expect((await owner.client.get('/v1/webhook_endpoints/we_x')).status).toBe(404);
    expect((await owner.client.get(`/v1/webhook_endpoints/${id}`)).body).toMatchObject({ status: 'enabled' });
  });

  it('are gone once deleted, with their secrets', async () => {
    const merchant = await newMerchant();
    const { id } = await endpointOf(merchant);
    const before = await database.query('SELECT * FROM notification.endpoint_secret');
    expect((await merchant.client.delete(`/v1/webhook_endpoints/${String(id)}`)).body).toEqual({
      object: 'webhook_endpoint',
      id,
      deleted: true,
    });
    expect((await merchant.client.get(`/v1/webhook_endpoints/${String(id)}`)).status).toBe(404);
    expect((await merchant.client.delete(`/v1/webhook_endpoints/${String(id)}`)).status).toBe(404);
    expect((await merchant.client.get<List>('/v1/webhook_endpoints')).body.data).toEqual([]);
    expect(await database.query('SELECT * FROM notification.endpoint_secret')).toHaveLength(before.length - 1);
  });

  it('get a new secret when it is rolled', async () => {
    const merchant = await newMerchant();
    const created = await endpointOf(merchant);
    const rolled = await merchant.client.post(`/v1/webhook_endpoints/${String(created['id'])}/roll_secret`);
    expect(rolled.status).toBe(200);
    expect(rolled.body['secret']).not.toBe(created['secret']);
    expect(rolled.body).toMatchObject({ id: created['id'], secret: expect.stringMatching(/^whsec_/) });
  });
});

describe('events', () => {
  it('come from the outbox, are delivered, listed, read with their deliveries, and sent again', async () => {
    const merchant = await newMerchant();
    const endpoint = await endpointOf(merchant);
    await announce(merchant, SUCCEEDED);
    const event = await eventually(async () => {
      const [found] = (await merchant.client.get<List>('/v1/events')).body.data;
      expect(found).toMatchObject({
        object: 'event',
        type: 'payment.succeeded',
        livemode: false,
        data: { object: 'payment', id: 'pay_1' },
      });
      return found ?? {};
    });
    const path = `/v1/events/${String(event['id'])}`;
    const delivered = (count: number) =>
      eventually(async () => {
        const { body } = await merchant.client.get<{ deliveries: Json[] }>(path);
        expect(body.deliveries.map((each) => each['status'])).toEqual(Array(count).fill('delivered'));
        return body.deliveries;
      });
    expect(await delivered(1)).toMatchObject([
      {
        object: 'webhook_delivery',
        event_id: event['id'],
        endpoint_id: endpoint['id'],
        attempts: 1,
        last_status: 204,
        failed_attempts: [],
      },
    ]);
    const again = await merchant.client.post<List>(`${path}/redeliver`, { endpoint_id: endpoint['id'] });
    expect([again.status, again.body.data]).toMatchObject([202, [{ status: 'pending', delivered_before: true }]]);
    await delivered(2);
    const mine = receiver.deliveries.filter((delivery) => delivery.headers['webhook-id'] === event['id']);
    expect(mine).toHaveLength(2);
    for (const { headers, body } of mine) {
      const verified = new Webhook(String(endpoint['secret'])).verify(
        body,
        Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      );
      expect(verified).toEqual(event);
    }
    const stranger = await newMerchant();
    expect((await stranger.client.get(path)).body).toMatchObject({ status: 404, code: 'event.not_found' });
    expect((await stranger.client.post(`${path}/redeliver`)).body).toMatchObject({
      status: 404,
      code: 'event.not_found',
    });
    expect((await merchant.client.post(`${path}/redeliver`, { endpoint_id: 'we_x' })).body).toMatchObject({
      status: 404,
    });
    expect((await merchant.client.post(`${path}/redeliver`, { endpoint: 'x' })).body).toMatchObject({ status: 422 });
  });

  it('are filtered by type and time', async () => {
    const merchant = await newMerchant();
    const since = new Date(Date.now() - 1_000).toISOString();
    await announce(merchant, SUCCEEDED);
    await announce(merchant, 'payments.payment_failed.v1');
    const typesOf = async (query: string): Promise<string[]> =>
      byName((await merchant.client.get<List>(`/v1/events?${query}`)).body.data.map((each) => String(each['type'])));
    await eventually(async () => expect(await typesOf('')).toEqual(['payment.failed', 'payment.succeeded']));
    expect(await typesOf('type=payment.failed')).toEqual(['payment.failed']);
    expect(await typesOf(`created_after=${since}`)).toHaveLength(2);
    expect(await typesOf(`created_after=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    for (const query of [
      'type=x',
      'created_after=yesterday',
      'created_after=2026-W05-7',
      'created_after=2026-02-31T25:00:00Z',
    ]) {
      expect([query, (await merchant.client.get(`/v1/events?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it('that cannot be told leave their neighbours alone', async () => {
    const merchant = await newMerchant();
    await endpointOf(merchant);
    const poison = await announce(merchant, SUCCEEDED, { livemode: false });
    await Promise.all(Array.from({ length: 20 }, () => announce(merchant, SUCCEEDED)));
    await eventually(async () => {
      expect((await merchant.client.get<List>('/v1/events?limit=100')).body.data).toHaveLength(20);
      expect(
        await database.query('SELECT attempts FROM messaging.delivery WHERE event_id = $1', [poison]),
      ).toHaveLength(1);
    });
  });
});

describe('operators', () => {
  it('see dead letters and send them again', async () => {
    const admin = await newAdmin();
    const merchant = await newMerchant();
    await endpointOf(merchant);
    await announce(merchant, SUCCEEDED);
    const event = await eventually(async () => {
      const [found] = (await merchant.client.get<List>('/v1/events')).body.data;
      expect(found).toBeDefined();
      return found ?? {};
    });
    await eventually(async () => {
      expect(
        (await merchant.client.get<{ deliveries: Json[] }>(`/v1/events/${String(event['id'])}`)).body.deliveries,
      ).toMatchObject([{ status: 'delivered' }]);
    });
    await database.query(
      `UPDATE notification.delivery d SET status = 'abandoned', attempts = 10 FROM notification.event e WHERE e.id = d.event_id AND e.merchant_id = $1`,
      [merchant.id],
    );
    const dead = (await admin.get<List>('/admin/v1/webhook_deliveries')).body.data;
    expect(dead).toMatchObject([
      {
        status: 'abandoned',
        attempts: 10,
        event_id: event['id'],
        event_type: 'payment.succeeded',
        livemode: false,
        merchant_id: encodeId('merchant', merchant.id),
      },
    ]);
    const again = await admin.post(`/admin/v1/webhook_deliveries/${String(dead[0]?.['id'])}/redeliver`);
    expect([again.status, again.body['event_id']]).toEqual([202, event['id']]);
    await eventually(async () => {
      const { body } = await merchant.client.get<{ deliveries: Json[] }>(`/v1/events/${String(event['id'])}`);
      expect(body.deliveries.map((each) => each['status'])).toEqual(['delivered', 'abandoned']);
    });
    expect((await admin.get('/admin/v1/webhook_deliveries?status=lost')).status).toBe(400);
    expect(
      (await admin.post(`/admin/v1/webhook_deliveries/${encodeId('webhookDelivery', newUuid())}/redeliver`)).body,
    ).toMatchObject({ code: 'webhook_delivery.not_found' });
    expect((await merchant.client.get('/admin/v1/webhook_deliveries')).status).toBe(403);
    expect((await admin.get('/v1/events')).status).toBe(403);
  });

  it('see what is sent and what waits in the metrics', async () => {
    const metrics = await createApiClient(program.url).get('/metrics');
    for (const name of [
      'sankofa_webhook_attempts_total{outcome="delivered"}',
      'sankofa_webhook_deliveries_due 0',
      'sankofa_webhook_first_delivery_seconds_count',
    ]) {
      expect(metrics.text).toContain(name);
    }
  });
});
