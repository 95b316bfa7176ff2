import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { Webhook } from 'standardwebhooks';
import { paymentActionRequired, paymentFailed, paymentSucceeded } from '../../../src/contracts/payments.events.js';
import { encodeId } from '../../../src/kernel/ids/ids.js';
import { LEASE_MS } from '../../../src/modules/notification/webhook-sender.js';
import { eventually } from '../../support/eventually.js';
import { startWebhookReceiver, type Delivery, type WebhookReceiver } from '../../support/webhook-receiver.js';
import {
  createHarness,
  deliveriesTo,
  newOwner,
  outcome,
  passTime,
  type NotificationHarness,
  type NotificationProcess,
} from './harness.js';

let harness: NotificationHarness;
let receiver: WebhookReceiver;
let running: NotificationProcess;

beforeEach(async () => {
  harness = await createHarness();
  receiver = await startWebhookReceiver();
  running = harness.process();
  running.sender.start();
});

afterEach(async () => {
  await receiver.close();
  await harness.close();
});

const ANY = { description: null, events: [] };
const headersOf = (delivery: Delivery): Record<string, string> =>
  Object.fromEntries(Object.entries(delivery.headers).map(([name, value]) => [name, String(value)]));
const first = <T>(list: readonly T[]): T => {
  const [item] = list;
  if (item === undefined) throw new Error('the list is empty');
  return item;
};

async function endpointFor(owner = newOwner(), url = receiver.url, events: string[] = []) {
  const { endpoint, secret } = await running.manage.create(owner, { ...ANY, url, events });
  return { owner, endpoint, secret };
}

async function endpointState(id: string): Promise<{
  status: string;
  disabled_reason: string | null;
  failing_since: Date | null;
  throttled_until: Date | null;
}> {
  return first(
    await harness.database.query<{
      status: string;
      disabled_reason: string | null;
      failing_since: Date | null;
      throttled_until: Date | null;
    }>('SELECT status, disabled_reason, failing_since, throttled_until FROM notification.endpoint WHERE id = $1', [id]),
  );
}

describe('sending', () => {
  it('delivers each kind of event at once, signed so that the standardwebhooks package verifies it', async () => {
    const { owner, endpoint, secret } = await endpointFor();
    await running.handle(
      [paymentSucceeded, paymentFailed, paymentActionRequired].map(({ type }) => outcome(owner, type)),
    );
    await eventually(() => expect(receiver.deliveries).toHaveLength(3));
    const bodies = receiver.deliveries.map(
      (delivery) => new Webhook(secret).verify(delivery.body, headersOf(delivery)) as Record<string, unknown>,
    );
    expect(new Set(bodies.map((body) => body['type']))).toEqual(
      new Set(['payment.failed', 'payment.requires_action', 'payment.succeeded']),
    );
    for (const [index, body] of bodies.entries()) {
      expect(body).toMatchObject({ object: 'event', livemode: false, data: { id: 'pay_x', note: 'é\u0000"' } });
      expect(body['id']).toBe(receiver.deliveries[index]?.headers['webhook-id']);
    }
    await eventually(async () => {
      const rows = await deliveriesTo(harness.database, endpoint.id);
      expect(rows.map((row) => [row.status, row.attempts, row.last_status])).toEqual(
        Array(3).fill(['delivered', 1, 204]),
      );
    });
    expect(await harness.database.query('SELECT * FROM notification.delivery_attempt')).toHaveLength(0);
  });

  it('sends only what the endpoint asked for, only to its merchant and mode', async () => {
    const { owner } = await endpointFor(newOwner(), receiver.url, ['payment.failed']);
    await endpointFor(newOwner());
    await endpointFor({ ...owner, livemode: true });
    await running.handle([outcome(owner, paymentSucceeded.type), outcome(owner, paymentFailed.type)]);
    await eventually(async () => {
      expect(
        await harness.database.query(`SELECT * FROM notification.delivery WHERE status = 'delivered'`),
      ).toHaveLength(1);
    });
    expect(await harness.database.query('SELECT * FROM notification.delivery')).toHaveLength(1);
    expect(receiver.events()).toMatchObject([{ type: 'payment.failed' }]);
  });

  it('stores an event that comes twice once', async () => {
    const { owner, endpoint } = await endpointFor();
    const event = outcome(owner);
    await running.handle([event]);
    await running.handle([event]);
    expect(await deliveriesTo(harness.database, endpoint.id)).toHaveLength(1);
  });

  it.each([
    ['without a resource', { livemode: false }],
    ['without a mode', { resource: {} }],
    ['with a list for a resource', { livemode: false, resource: [] }],
  ])('refuses an event %s, and stores nothing of its batch, so that it can be singled out', async (_, payload) => {
    const { owner } = await endpointFor();
    await expect(running.handle([outcome(owner), { ...outcome(owner), payload }])).rejects.toThrow('no resource');
    expect(await harness.database.query('SELECT * FROM notification.event')).toHaveLength(0);
  });

  it('delivers two thousand events to one endpoint, more than it holds in memory', async () => {
    const { owner, endpoint } = await endpointFor();
    for (let batch = 0; batch < 8; batch += 1) await running.handle(Array.from({ length: 250 }, () => outcome(owner)));
    await eventually(async () => {
      expect(
        await harness.database.query(
          `SELECT id FROM notification.delivery WHERE status = 'delivered' AND endpoint_id = $1`,
          [endpoint.id],
        ),
      ).toHaveLength(2_000);
    });
    expect(new Set(receiver.deliveries.map((delivery) => delivery.headers['webhook-id'])).size).toBe(2_000);
    expect(receiver.deliveries).toHaveLength(2_000);
  });
});

describe('retrying', () => {
  it('follows the schedule with the same id and body, then abandons', async () => {
    const { owner, endpoint, secret } = await endpointFor();
    receiver.behave({ status: 500 });
    await running.handle([outcome(owner)]);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const row = await eventually(async () => {
        const found = first(await deliveriesTo(harness.database, endpoint.id));
        expect(found.attempts).toBe(attempt);
        return found;
      });
      expect(row).toMatchObject({
        status: attempt === 10 ? 'abandoned' : 'pending',
        last_status: 500,
        last_error: 'http_500',
      });
      if (row.wait_ms !== null) waits.push(row.wait_ms / 1_000);
      await passTime(harness.database);
    }
    for (const [index, seconds] of [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].entries()) {
      expect(waits[index]).toBeGreaterThan(seconds * 0.9 - 3);
      expect(waits[index]).toBeLessThan(seconds * 1.1 + 1);
    }
    expect(receiver.deliveries).toHaveLength(10);
    expect(
      new Set(receiver.deliveries.map((delivery) => `${String(delivery.headers['webhook-id'])} ${delivery.body}`)).size,
    ).toBe(1);
    for (const delivery of receiver.deliveries)
      expect(() => new Webhook(secret).verify(delivery.body, headersOf(delivery))).not.toThrow();
    expect(await harness.database.query('SELECT * FROM notification.delivery_attempt')).toHaveLength(10);
  });

  it('forgets that an endpoint failed when it succeeds', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave((_, number) => ({ status: number === 1 ? 500 : 200 }));
    await running.handle([outcome(owner)]);
    await eventually(async () => expect((await endpointState(endpoint.id)).failing_since).not.toBeNull());
    await passTime(harness.database);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ status: 'delivered', attempts: 2 }]),
    );
    expect((await endpointState(endpoint.id)).failing_since).toBeNull();
  });

  it('does not follow a redirect', async () => {
    const { owner, endpoint } = await endpointFor();
    const trap = await startWebhookReceiver();
    receiver.behave({ status: 307, headers: { location: trap.url } });
    await running.handle([outcome(owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
        { status: 'pending', attempts: 1, last_error: 'redirect' },
      ]),
    );
    expect(trap.deliveries).toHaveLength(0);
    await trap.close();
  });

  it('counts a cut connection and a refused one as failures', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave('reset');
    await running.handle([outcome(owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
        { attempts: 1, last_error: 'connection' },
      ]),
    );
    await receiver.close();
    await passTime(harness.database);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
        { attempts: 2, last_error: 'connection_refused' },
      ]),
    );
    receiver = await startWebhookReceiver();
  });

  it('disables an endpoint that answers 410, says so, and fails what waits for it', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave({ status: 500 });
    await running.handle([outcome(owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ attempts: 1 }]),
    );
    receiver.behave({ status: 410 });
    await running.handle([outcome(owner)]);
    await eventually(async () => {
      expect(await endpointState(endpoint.id)).toMatchObject({ status: 'disabled', disabled_reason: 'gone' });
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
        { status: 'failed', last_error: 'endpoint_disabled' },
        { status: 'failed', last_error: 'http_410' },
      ]);
    });
    expect(await harness.database.query('SELECT type, merchant_id, payload FROM messaging.outbox')).toEqual([
      {
        type: 'notification.endpoint_disabled.v1',
        merchant_id: owner.merchantId,
        payload: { endpoint_id: endpoint.id, livemode: false, reason: 'gone' },
      },
    ]);
    await running.handle([outcome(owner)]);
    expect(await deliveriesTo(harness.database, endpoint.id)).toHaveLength(2);
  });

  it('disables an endpoint that has failed for five days, and not one that has for less', async () => {
    const old = await endpointFor();
    const recent = await endpointFor();
    receiver.behave({ status: 500 });
    await harness.database.query(
      `UPDATE notification.endpoint SET failing_since = now() - CASE WHEN id = $1 THEN interval '121 hours' ELSE interval '119 hours' END`,
      [old.endpoint.id],
    );
    await running.handle([outcome(old.owner), outcome(recent.owner)]);
    await eventually(async () => {
      expect(await endpointState(old.endpoint.id)).toMatchObject({ status: 'disabled', disabled_reason: 'failing' });
      expect(await deliveriesTo(harness.database, recent.endpoint.id)).toMatchObject([
        { attempts: 1, status: 'pending' },
      ]);
    });
    expect(await endpointState(recent.endpoint.id)).toMatchObject({ status: 'enabled' });
    expect(await running.manage.enable(old.owner, old.endpoint.id)).toMatchObject({
      status: 'enabled',
      failingSince: null,
    });
  });

  it('leaves an endpoint in peace for as long as its Retry-After says, and holds back new events too', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave({ status: 429, headers: { 'retry-after': '120' } });
    await running.handle([outcome(owner)]);
    await eventually(async () => expect((await endpointState(endpoint.id)).throttled_until).not.toBeNull());
    receiver.behave({ status: 200 });
    await running.handle([outcome(owner)]);
    const rows = await deliveriesTo(harness.database, endpoint.id);
    for (const row of rows) expect(row.wait_ms).toBeGreaterThan(100_000);
    // Due, but the endpoint still rests.
    await passTime(harness.database);
    const other = await endpointFor();
    await running.handle([outcome(other.owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, other.endpoint.id)).toMatchObject([{ status: 'delivered' }]),
    );
    expect(receiver.deliveries).toHaveLength(2);
    await harness.database.query('UPDATE notification.endpoint SET throttled_until = now()');
    await eventually(async () => {
      expect((await deliveriesTo(harness.database, endpoint.id)).map((row) => row.status)).toEqual([
        'delivered',
        'delivered',
      ]);
    });
  });

  it('rests five seconds after a 502 without a Retry-After', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave({ status: 502 });
    await running.handle([outcome(owner)]);
    await eventually(async () =>
      expect(Number((await endpointState(endpoint.id)).throttled_until) - Date.now()).toBeGreaterThan(3_000),
    );
  });

  it('records an answer that PostgreSQL could not store as it is', async () => {
    const server: Server = createServer(
      (_, response) =>
        void response
          .writeHead(500)
          .end(Buffer.concat([Buffer.from([0, 0xff, 0xfe, 0x41]), Buffer.alloc(100_000, 0x42)])),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const { owner, endpoint } = await endpointFor(
      newOwner(),
      `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    );
    await running.handle([outcome(owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
        { attempts: 1, last_error: 'http_500' },
      ]),
    );
    const [log] = await harness.database.query<{ response: string }>(
      'SELECT response FROM notification.delivery_attempt',
    );
    expect(log?.response).toMatch(/^\uFFFD\uFFFD\uFFFDAB{1020}$/);
    server.closeAllConnections();
    server.close();
  });
});

describe('the lease', () => {
  it('is sent again by another process when the one that held it is gone, and not before', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave('hang');
    await running.handle([outcome(owner)]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(1));
    const [held] = await deliveriesTo(harness.database, endpoint.id);
    expect(held).toMatchObject({ status: 'pending', claims: 1 });
    expect(held?.wait_ms).toBeGreaterThan(LEASE_MS - 5_000);
    const other = harness.process();
    other.sender.start();
    receiver.behave({ status: 200 });
    const unrelated = await endpointFor();
    await other.handle([outcome(unrelated.owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, unrelated.endpoint.id)).toMatchObject([{ status: 'delivered' }]),
    );
    expect(receiver.deliveries).toHaveLength(2);
    await passTime(harness.database);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ status: 'delivered', claims: 2 }]),
    );
    expect(receiver.deliveries[0]?.headers['webhook-id']).toBe(receiver.deliveries[2]?.headers['webhook-id']);
  });

  it('keeps a process whose lease ran out from rescheduling what another has taken over', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave({ status: 500, delayMs: 1_000 });
    await running.handle([outcome(owner)]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(1));
    // Another process claims it while the first still waits for its answer.
    await harness.database.query(
      `UPDATE notification.delivery SET claims = claims + 1, next_attempt_at = now() + interval '1 minute'`,
    );
    await running.close();
    expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
      { status: 'pending', attempts: 0, claims: 2 },
    ]);
  });

  it('counts a success also when the lease has run out meanwhile', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave({ status: 200, delayMs: 500 });
    await running.handle([outcome(owner)]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(1));
    await harness.database.query(
      `UPDATE notification.delivery SET claims = claims + 1, next_attempt_at = now() + interval '1 minute'`,
    );
    await running.close();
    expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  });

  it('is not taken by a process that sends nothing', async () => {
    const idle = harness.process();
    const { owner, endpoint } = await endpointFor();
    await running.sender.stop();
    await idle.handle([outcome(owner)]);
    expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ status: 'pending', claims: 0 }]);
    running.sender.start();
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ status: 'delivered', claims: 1 }]),
    );
  });

  it('is given up at shutdown for what was not sent yet, after what is in flight has ended', async () => {
    const { owner, endpoint } = await endpointFor();
    receiver.behave({ status: 200, delayMs: 300 });
    await running.handle(Array.from({ length: 100 }, () => outcome(owner)));
    await eventually(() => expect(receiver.deliveries.length).toBeGreaterThan(0));
    await running.sender.stop();
    const rows = await deliveriesTo(harness.database, endpoint.id);
    expect(rows.filter((row) => row.status === 'delivered')).toHaveLength(receiver.deliveries.length);
    for (const row of rows.filter((each) => each.status === 'pending')) expect(row.wait_ms).toBeLessThanOrEqual(0);
  });
});

describe('one merchant beside another', () => {
  it('does not wait for forty endpoints that never answer', async () => {
    const slow = await startWebhookReceiver();
    slow.behave('hang');
    const slowOnes = await Promise.all(Array.from({ length: 40 }, () => endpointFor(newOwner(), slow.url)));
    await running.handle(slowOnes.flatMap(({ owner }) => Array.from({ length: 30 }, () => outcome(owner))));
    const { owner, endpoint } = await endpointFor();
    const startedAt = Date.now();
    await running.handle(Array.from({ length: 100 }, () => outcome(owner)));
    // 1,200 requests that hang want 512 places for 15 s each.
    await eventually(async () => {
      expect(
        (await deliveriesTo(harness.database, endpoint.id)).filter((row) => row.status === 'delivered'),
      ).toHaveLength(100);
    });
    const took = Date.now() - startedAt;
    await slow.close();
    expect(took).toBeLessThan(3_000);
  });
});

describe('secrets', () => {
  it('signs with both during a rotation, and with the new one alone afterwards', async () => {
    const { owner, endpoint, secret: old } = await endpointFor();
    const { secret: current } = await running.manage.rollSecret(owner, endpoint.id);
    await running.handle([outcome(owner)]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(1));
    const during = first(receiver.deliveries);
    expect(during.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    for (const secret of [old, current])
      expect(() => new Webhook(secret).verify(during.body, headersOf(during))).not.toThrow();
    await harness.database.query(
      `UPDATE notification.endpoint_secret SET expires_at = now() WHERE expires_at IS NOT NULL`,
    );
    await running.handle([outcome(owner)]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(2));
    const after = receiver.deliveries[1] ?? during;
    expect(() => new Webhook(current).verify(after.body, headersOf(after))).not.toThrow();
    expect(() => new Webhook(old).verify(after.body, headersOf(after))).toThrow();
  });

  it('keeps two at most, however often they are rolled', async () => {
    const { owner, endpoint } = await endpointFor();
    for (let roll = 0; roll < 5; roll += 1) await running.manage.rollSecret(owner, endpoint.id);
    expect(await harness.database.query('SELECT * FROM notification.endpoint_secret')).toHaveLength(2);
  });
});

describe('addresses', () => {
  it('sends nothing to an address that is private, even if it was stored when that was allowed', async () => {
    const { owner, endpoint } = await endpointFor();
    await running.close();
    const strict = harness.process({ allowPrivate: false });
    strict.sender.start();
    await strict.handle([outcome(owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
        { attempts: 1, last_error: 'address_not_allowed' },
      ]),
    );
    const named = new URL(receiver.url);
    named.hostname = 'localhost';
    await harness.database.query('UPDATE notification.endpoint SET url = $1', [named.href]);
    await passTime(harness.database);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([
        { attempts: 2, last_error: 'address_not_allowed' },
      ]),
    );
    expect(receiver.deliveries).toHaveLength(0);
  });
});

describe('redelivery', () => {
  it('is a new delivery of the same event with a fresh signature, and tells who has had it', async () => {
    const { owner, endpoint, secret } = await endpointFor();
    const other = await endpointFor(owner, receiver.url, ['payment.failed']);
    await running.handle([outcome(owner)]);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, endpoint.id)).toMatchObject([{ status: 'delivered' }]),
    );
    const [event] = await harness.database.query<{ id: string }>('SELECT id FROM notification.event');
    const id = event?.id ?? '';
    const again = await running.redeliver.execute(owner, id, undefined);
    expect(again.deliveries.map((row) => row.endpointId)).toEqual([endpoint.id]);
    expect([...again.deliveredBefore]).toEqual([endpoint.id]);
    await eventually(() => expect(receiver.deliveries).toHaveLength(2));
    const [before, after] = receiver.deliveries;
    expect(after?.body).toBe(before?.body);
    expect(after?.headers['webhook-id']).toBe(encodeId('event', id));
    if (after !== undefined) expect(() => new Webhook(secret).verify(after.body, headersOf(after))).not.toThrow();
    // One endpoint by name, though it does not want such events by itself.
    await running.redeliver.execute(owner, id, other.endpoint.id);
    await eventually(async () =>
      expect(await deliveriesTo(harness.database, other.endpoint.id)).toMatchObject([{ status: 'delivered' }]),
    );
  });

  it('does not multiply deliveries that nobody has tried yet', async () => {
    const { owner, endpoint } = await endpointFor();
    await running.sender.stop();
    await running.handle([outcome(owner)]);
    const [event] = await harness.database.query<{ id: string }>('SELECT id FROM notification.event');
    await running.redeliver.execute(owner, event?.id ?? '', undefined);
    expect(await deliveriesTo(harness.database, endpoint.id)).toHaveLength(1);
  });

  it('refuses what belongs to somebody else, a disabled endpoint, and an event nobody wants', async () => {
    const { owner, endpoint } = await endpointFor();
    const stranger = await endpointFor();
    await running.handle([outcome(owner)]);
    const [event] = await harness.database.query<{ id: string }>('SELECT id FROM notification.event');
    const id = event?.id ?? '';
    await expect(running.redeliver.execute(stranger.owner, id, undefined)).rejects.toMatchObject({
      code: 'event.not_found',
    });
    await expect(running.redeliver.execute({ ...owner, livemode: true }, id, undefined)).rejects.toMatchObject({
      code: 'event.not_found',
    });
    await expect(running.redeliver.execute(owner, id, stranger.endpoint.id)).rejects.toMatchObject({
      code: 'webhook_endpoint.not_found',
    });
    await harness.database.query(
      `UPDATE notification.endpoint SET status = 'disabled', disabled_reason = 'failing' WHERE id = $1`,
      [endpoint.id],
    );
    await expect(running.redeliver.execute(owner, id, endpoint.id)).rejects.toMatchObject({
      code: 'webhook_endpoint.disabled',
    });
    await expect(running.redeliver.execute(owner, id, undefined)).rejects.toMatchObject({ code: 'event.no_endpoint' });
  });
});
